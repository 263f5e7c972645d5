"""The table of E3: what clean heads inherit, by the norm of the training attack and that of the attack on the heads."""

import numpy as np

from numerics.arrays import Floats
from purecheck.experiments.readers import per_seed
from purecheck.reporting.tables.registry import ClaimTable, Table
from purecheck.reporting.tables.seeds import interval_note, median
from purecheck.runtime.context import Context
from theory.statistics import Ball, listed
from theory.training.arms import ATTACKED, ATTACKED_LINF, ATTACKS, CLEAN, NORM_BALLS, SupervisedArm
from theory.training.measurements import INHERITED_RISK

LAYERS = (CLEAN, ATTACKED, ATTACKED_LINF)


def tabulate(context: Context) -> Table:
    """A table with one row for each attack on the heads, and one column for each layer."""
    return Table(
        title="Risk of clean heads for new targets, by the norm of the attack and by the frozen layer",
        columns=("norm", r"size, $\epsilon / r$", *map(str, LAYERS)),
        rows=tuple(
            (str(ball.norm), float(ball.size), *(median(_worst(arm, ball, context)) for arm in LAYERS))
            for ball in NORM_BALLS
        ),
        note=f"Risk under the attack that is worst for each seed, among {listed(map(str, ATTACKS))}, relative to "
        rf"$\mathbb{{E}}Y'^2$. {interval_note(context.profile.seeds)}",
        headings=2,
    )


def _worst(arm: SupervisedArm, ball: Ball, context: Context) -> Floats:
    risks = [per_seed(INHERITED_RISK(arm, attack=attack, ball=ball), context) for attack in ATTACKS]
    return np.asarray(np.maximum.reduce(risks))


TABLE = ClaimTable("e3_norms", "E3", tabulate)
