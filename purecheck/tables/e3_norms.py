"""E3's table: what clean heads inherit, by the norm of the training attack and the norm of the attack on the heads."""

import numpy as np

from numerics.norms import NormKind
from purecheck.checks.e3_norms import ATTACKS, LAYERS, TESTS, Seen, observed
from purecheck.context import Context
from purecheck.experiments.arms import ARMS
from purecheck.experiments.measured import Floats
from purecheck.runner import Run
from purecheck.tables.registry import ClaimTable, Table
from purecheck.tables.seeds import interval_note, median

_WORDS: dict[NormKind, str] = {"l2": r"$\ell_2$", "linf": r"$\ell_\infty$", "l1": r"$\ell_1$"}


def tabulate(context: Context, _run: Run) -> Table:
    """One row an attack on the heads, one column a layer."""
    seen = observed(context)
    return Table(
        title="Risk of clean heads for new targets, by the norm that attacks them and the layer they stand on",
        columns=("norm", r"size, $\epsilon / r$", *(ARMS[name].words for name in LAYERS)),
        rows=tuple(
            (_WORDS[kind], size, *(median(_worst(seen, name, kind, size)) for name in LAYERS)) for kind, size in TESTS
        ),
        note="Risk under the attack that hurts each seed most, of FGM, PGD and gate-aware PGD, relative to "
        rf"$\mathbb{{E}}Y'^2$. {interval_note(context.profile.seeds)}",
        headings=2,
    )


def _worst(seen: Seen, name: str, kind: NormKind, size: float) -> Floats:
    return np.asarray(np.maximum.reduce([seen[name, kind, size][attack] for attack in ATTACKS]))


TABLE = ClaimTable("e3_norms", "E3", tabulate)
