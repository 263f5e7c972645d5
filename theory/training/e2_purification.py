"""Adversarial pre-training purifies if the gate ratio permits it."""

from sympy import Rational

from theory.claims import Claim, Clause
from theory.relations import above, below, larger, smaller
from theory.training.arms import (
    ATTACKED,
    ATTACKED_DENSE,
    ATTACKED_LINF,
    ATTACKED_SMALL,
    CLEAN,
    CLEAN_SMALL,
    RUNS,
)
from theory.training.measurements import BY_ENERGY, CLEAN_RISK, PARTICIPATION

_PURE = Rational(3, 2)
"""Nodes with fewer features than this on average count as purified: nearer to one feature than to two."""

E2 = Claim(
    id="E2",
    title="Adversarial pre-training purifies if the gate ratio permits it",
    clauses=(
        Clause(
            "FGM in l2",
            "FGM training with free weights purifies: [[relations]].",
            relations=(
                below(BY_ENERGY(ATTACKED), _PURE),
                smaller(PARTICIPATION(ATTACKED), PARTICIPATION(CLEAN)),
            ),
        ),
        Clause(
            "small gate",
            "At a small gate ratio, FGM training lowers the participation ratio but does not purify: [[relations]].",
            relations=(
                smaller(PARTICIPATION(ATTACKED_SMALL), PARTICIPATION(CLEAN_SMALL)),
                above(PARTICIPATION(ATTACKED_SMALL), 2),
            ),
        ),
        Clause(
            "FGM in l_inf",
            r"FGM training in $l_\infty$, with the identity as dictionary, also purifies: [[relations]].",
            relations=(
                below(BY_ENERGY(ATTACKED_LINF), _PURE),
                smaller(PARTICIPATION(ATTACKED_LINF), PARTICIPATION(CLEAN)),
            ),
        ),
        Clause(
            "dense dictionary",
            r"If the observations are seen through a rotated dictionary, FGM training in $l_\infty$ purifies less, "
            "and the fit suffers: [[relations]].",
            relations=(
                larger(PARTICIPATION(ATTACKED_DENSE), PARTICIPATION(ATTACKED_LINF)),
                larger(CLEAN_RISK(ATTACKED_DENSE), CLEAN_RISK(ATTACKED_LINF)),
            ),
        ),
    ),
    setting=RUNS,
    source="experiment 2",
    kind="paper",
    depends_on=("P3", "P5", "P7"),
)
