"""A3's table: leak, noise energy, purity after training and inherited risk, activation by activation."""

from numerics.activations import ActivationName
from purecheck.checks.a3_trained import ATTACKS, HANDED_ON, PURE, SHARE, Seen, answer, observed, remaining
from purecheck.context import Context
from purecheck.experiments.activation_arms import COMPARED, CURVED, FULL, LONGER, Arm
from purecheck.runner import Run
from purecheck.tables.activation_facts import leak, passing_noise
from purecheck.tables.cells import Cell
from purecheck.tables.registry import ClaimTable, Table
from purecheck.tables.seeds import interval_note, median

_COLUMNS = (
    "activation",
    "leak (A1)",
    r"noise energy over $\sigma^2$ (A2)",
    "features a node, clean layer",
    "features a node, FGM layer",
    "inherited risk, clean layer",
    "inherited risk, FGM layer",
    *(f"part that stays under {attack}" for attack in ("FGM", "PGD", "gate-aware PGD")),
)


def tabulate(context: Context, _run: Run) -> Table:
    """One row an activation."""
    seen = observed(context)
    return Table(
        title="Activations: what passes at rest, what training makes of the nodes, and what clean heads inherit",
        columns=_COLUMNS,
        rows=tuple(_row(name, seen) for name in COMPARED),
        note=_note(context),
        verdict=answer(seen),
    )


def _row(name: ActivationName, seen: Seen) -> tuple[Cell, ...]:
    clean, attacked = Arm(name, 0.0), Arm(name, FULL)
    return (
        name,
        leak(name),
        passing_noise(name),
        *(median(seen[arm].energy) for arm in (clean, attacked)),
        *(median(seen[arm].worst) for arm in (clean, attacked)),
        *(median(remaining(attacked, attack, seen)) for attack in ATTACKS),
    )


def _note(context: Context) -> str:
    longer = f"{', '.join(CURVED)} ${LONGER}$ times as long as the others"
    sentences = (
        r"Leak: $\mathrm{act}'(0)$. Noise energy: $\mathbb{E}\,\mathrm{act}(\sigma n)^2$ of a node of norm 1.",
        "Both are exact fractions, or closed forms with a certified error below the digits shown.",
        rf"Layers are trained clean or with FGM of size ${FULL}\, r$, {longer}.",
        "Features a node: participation ratio, weighted by energy.",
        rf"Inherited risk: that of clean heads for new targets under the attack of size ${FULL}\, r$ that hurts each",
        r"seed most, relative to $\mathbb{E}Y'^2$.",
        "The part that stays: risk on the FGM layer over risk on the clean one.",
        interval_note(context.profile.seeds),
        f"The verdict asks for fewer than ${PURE}$ features a node, less than ${SHARE}$ of those of the clean layer,",
        f"and less than ${HANDED_ON}$ of the risk staying under FGM and under PGD.",
    )
    return " ".join(sentences)


TABLE = ClaimTable("a3_activations", "A3", tabulate)
