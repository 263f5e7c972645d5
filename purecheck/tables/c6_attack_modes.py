"""C6's table: purity of contrastive encoders by gate ratio, size of the attack and attacked pairs."""

from numerics.contrastive.attacks import Targets
from purecheck.checks.c6_attack_modes import Table as Seen
from purecheck.checks.c6_attack_modes import answer, arm_of, settings, share, table
from purecheck.context import Context
from purecheck.runner import Run
from purecheck.tables.cells import Cell
from purecheck.tables.registry import ClaimTable, Table
from purecheck.tables.seeds import interval_note, median

_MODES: tuple[Targets, ...] = ("none", "similar", "dissimilar", "both")
_COLUMNS = (
    "gate ratio",
    r"attack, $\epsilon/r$",
    "no pairs attacked",
    "similar only",
    "dissimilar only",
    "both",
    "similar only less dissimilar only",
    "part of the fall, similar only",
    "part of the fall, dissimilar only",
)


def tabulate(context: Context, _run: Run) -> Table:
    """One row a gate ratio and size of the attack; columns: each attack mode, and what the verdict compares."""
    seen = table(context)
    return Table(
        title="Participation ratio of gated encoders by the pairs that training attacks",
        columns=_COLUMNS,
        rows=tuple(_row(setting, seen) for setting in settings(seen)),
        note="The ratio counts features a node and is 1 for a pure one; nodes are weighted by energy, "
        r"$\|C_h\|^2 \|u_h\|^2$. The difference and the part of the fall under attacks on both that one mode attains "
        f"are taken seed by seed. {interval_note(context.profile.seeds)}",
        verdict=answer(seen),
        headings=2,
    )


def _row(setting: tuple[float, float], seen: Seen) -> tuple[Cell, ...]:
    by_mode = {mode: seen[arm_of(setting[0], mode, setting[1])] for mode in _MODES}
    return (
        *setting,
        *(median(by_mode[mode]) for mode in _MODES),
        median(by_mode["similar"] - by_mode["dissimilar"]),
        *(median(share(mode, seen, setting)) for mode in _MODES[1:3]),
    )


TABLE = ClaimTable("c6_attack_modes", "C6", tabulate)
