"""The table of C6: purity of contrastive encoders by gate ratio, size of the attack and attacked pairs."""

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
    "similar only - dissimilar only",
    "share of the decrease, similar only",
    "share of the decrease, dissimilar only",
)


def tabulate(context: Context) -> Table:
    """A table with one row for each gate ratio and size, and columns for the attack modes and their comparisons."""
    return Table(
        title="Participation ratio of gated encoders by the pairs that training attacks",
        columns=_COLUMNS,
        rows=tuple(_row(setting, context) for setting in SETTINGS),
        note="The ratio counts the features of a node and is 1 for a pure one; nodes are weighted by energy, "
        r"$\|C_h\|^2 \|u_h\|^2$. The difference, and the share that one mode attains of the decrease under attacks on "
        f"both, are computed for each seed. {interval_note(context.profile.seeds)}",
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
