"""The table of A3: leak, noise energy, purity after training and inherited risk of each activation."""

from purecheck.checks.answers import activations, carries, remaining
from purecheck.experiments.activation_arms import COMPARED, activation_name
from purecheck.experiments.activation_measured import measured
from purecheck.reporting.tables.activation_properties import leak, passing_noise
from purecheck.reporting.tables.cells import Cell
from purecheck.reporting.tables.registry import ClaimTable, Table
from purecheck.reporting.tables.seeds import interval_note, median
from purecheck.runtime.context import Context
from theory.activations.a3_trained import CURVED, FULL, LONGER, ActivationArm
from theory.relations import in_words
from theory.statistics import Named, listed
from theory.training.arms import ATTACKS

_COLUMNS = (
    "activation",
    "leak (A1)",
    r"noise energy over $\sigma^2$ (A2)",
    "features per node, clean layer",
    "features per node, FGM layer",
    "inherited risk, clean layer",
    "inherited risk, FGM layer",
    *(f"remaining share under {attack}" for attack in ATTACKS),
)


def tabulate(context: Context) -> Table:
    """A table with one row for each activation."""
    return Table(
        title="Activations: what passes while a feature is absent, the nodes after training, and what heads inherit",
        columns=_COLUMNS,
        rows=tuple(_row(name, context) for name in COMPARED),
        note=_note(context),
        verdict=activations(context),
    )


def _row(name: Named, context: Context) -> tuple[Cell, ...]:
    layers = [measured(ActivationArm(name, ball), context) for ball in (None, FULL)]
    return (
        name.name,
        leak(activation_name(name)),
        passing_noise(activation_name(name)),
        *(median(layer.energy) for layer in layers),
        *(median(layer.worst) for layer in layers),
        *(median(remaining(name, attack, context)) for attack in ATTACKS),
    )


def _note(context: Context) -> str:
    longer = f"{listed(map(str, CURVED))} ${LONGER}$ times as long as the others"
    sentences = (
        r"Leak: $\mathrm{act}'(0)$. Noise energy: $\mathbb{E}\,\mathrm{act}(\sigma n)^2$ of a node of norm 1.",
        "Both are exact fractions, or closed forms with a certified error below the digits shown.",
        f"Layers are trained clean or with FGM in {FULL}, {longer}.",
        "Features per node: participation ratio, weighted by energy.",
        f"Inherited risk: that of clean heads for new targets under the attack in {FULL} that is worst for each",
        r"seed, relative to $\mathbb{E}Y'^2$.",
        "Remaining share: risk on the FGM layer over risk on the clean one.",
        interval_note(context.profile.seeds),
        f"The verdict requires of an activation that {in_words(carries(_THIS_ONE))}.",
    )
    return " ".join(sentences)


_THIS_ONE = Named("any", "this activation")

TABLE = ClaimTable("a3_activations", "A3", tabulate)
