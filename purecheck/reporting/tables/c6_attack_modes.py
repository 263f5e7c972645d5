"""C6's table: purity of contrastive encoders by gate ratio, size of the attack and attacked pairs."""

from purecheck.checks.answers import SETTINGS, Setting, attack_modes, features, share
from purecheck.reporting.tables.cells import Cell
from purecheck.reporting.tables.registry import ClaimTable, Table
from purecheck.reporting.tables.seeds import interval_note, median
from purecheck.runtime.context import Context
from theory.contrastive_training import ALL_PAIRS, DISSIMILAR, SIMILAR

_MODES = (None, SIMILAR, DISSIMILAR, ALL_PAIRS)
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


def tabulate(context: Context) -> Table:
    """One row a gate ratio and size of the attack; columns: each attack mode, and what the verdict compares."""
    return Table(
        title="Participation ratio of gated encoders by the pairs that training attacks",
        columns=_COLUMNS,
        rows=tuple(_row(setting, context) for setting in SETTINGS),
        note="The ratio counts features a node and is 1 for a pure one; nodes are weighted by energy, "
        r"$\|C_h\|^2 \|u_h\|^2$. The difference and the part of the fall under attacks on both that one mode attains "
        f"are taken seed by seed. {interval_note(context.profile.seeds)}",
        verdict=attack_modes(context),
        headings=2,
    )


def _row(setting: Setting, context: Context) -> tuple[Cell, ...]:
    gate, size = setting
    by_mode = {mode: features(mode, gate, size, context) for mode in _MODES}
    return (
        float(gate),
        float(size.multiple),
        *(median(by_mode[mode]) for mode in _MODES),
        median(by_mode[SIMILAR] - by_mode[DISSIMILAR]),
        *(median(share(mode, gate, size, context)) for mode in (SIMILAR, DISSIMILAR)),
    )


TABLE = ClaimTable("c6_attack_modes", "C6", tabulate)
