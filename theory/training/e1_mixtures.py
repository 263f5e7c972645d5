"""Clean pre-training leaves mixtures when the gate is low."""

from sympy import Rational

from theory.claims import Claim, Clause
from theory.relations import above, below, larger
from theory.training.arms import CLEAN, CLEAN_LARGE, CLEAN_SMALL, RUNS
from theory.training.measurements import BY_ENERGY, PARTICIPATION

E1 = Claim(
    id="E1",
    title="Clean pre-training leaves mixtures when the gate is low",
    clauses=(
        Clause(
            "mixtures",
            "Clean training with free weights leaves mixtures: [[relations]].",
            relations=(above(PARTICIPATION(CLEAN), 2),),
        ),
        Clause(
            "small gate",
            "Clean training with unit weights at a small gate ratio also leaves mixtures, and larger ones than free "
            "weights: [[relations]].",
            relations=(
                above(PARTICIPATION(CLEAN_SMALL), 2),
                larger(PARTICIPATION(CLEAN_SMALL), PARTICIPATION(CLEAN)),
            ),
        ),
        Clause(
            "the gate purifies too",
            "At a large gate ratio, clean training alone leaves nearly pure nodes: [[relations]]. The absence of an "
            "attack does not by itself produce mixtures.",
            relations=(below(BY_ENERGY(CLEAN_LARGE), Rational(3, 2)),),
        ),
    ),
    setting=RUNS,
    source="experiment 1",
    kind="paper",
    depends_on=("P4", "P8"),
)
