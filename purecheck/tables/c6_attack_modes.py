"""C6's table: purity of contrastive encoders by gate ratio, size of the attack and attacked pairs."""

from numerics.contrastive.attacks import Targets
from purecheck.checks.c6_attack_modes import answer, arm_of, settings, table
from purecheck.context import Context
from purecheck.runner import Run
from purecheck.tables.registry import ClaimTable, Table
from purecheck.tables.seeds import interval_note, median

_MODES: tuple[Targets, ...] = ("none", "similar", "dissimilar", "both")


def tabulate(context: Context, _run: Run) -> Table:
    """One row a gate ratio and size of the attack, one column an attack mode."""
    seen = table(context)
    return Table(
        title="Participation ratio of gated encoders by the pairs that training attacks",
        columns=("gate ratio", r"attack, $\epsilon / r$", "no pairs", "similar only", "dissimilar only", "both"),
        rows=tuple(
            (gate, size, *(median(seen[arm_of(gate, mode, size)]) for mode in _MODES)) for gate, size in settings(seen)
        ),
        note="The ratio counts features a node and is 1 for a pure one; nodes are weighted by energy, "
        rf"$\|C_h\|^2 \|u_h\|^2$. {interval_note(context.profile.seeds)}",
        verdict=answer(seen),
        headings=2,
    )


TABLE = ClaimTable("c6_attack_modes", "C6", tabulate)
