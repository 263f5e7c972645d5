"""The worst loss of trained networks equals the prediction from their effective map."""

from sympy import Integer, Rational

from theory.claims import Claim, Clause
from theory.relations import Relation, above, larger
from theory.statistics import Ball, each
from theory.training.arms import ATTACKED, ATTACKED_LARGE, CLEAN, CLEAN_LARGE, EVERY_ATTACK, L2, NEARBY, RUNS
from theory.training.measurements import CERTIFIED, LOSS, LOSS_ANYWHERE, PREDICTED, UNIVERSAL, exactly

_ATTACKABLE = each(CLEAN, ATTACKED, CLEAN_LARGE, ATTACKED_LARGE)

E6 = Claim(
    id="E6",
    title="Prediction meets training",
    clauses=(
        Clause(
            "certified",
            "On the observations that P2 certifies, the worst loss equals the prediction from the measured effective "
            "map: [[relations]].",
            relations=exactly(LOSS, PREDICTED, _ATTACKABLE, Ball(L2, NEARBY)),
        ),
        Clause(
            "coverage",
            "P2 certifies most observations, and more of them after FGM training than after clean training: "
            "[[relations]].",
            relations=(
                above(CERTIFIED(_ATTACKABLE, ball=Ball(L2, NEARBY)), Rational(1, 2)),
                larger(CERTIFIED(ATTACKED, ball=Ball(L2, NEARBY)), CERTIFIED(CLEAN, ball=Ball(L2, NEARBY))),
            ),
        ),
        Clause(
            "universal bound",
            "No attack exceeds the universal upper bound of P2: [[relations]].",
            relations=(
                Relation(
                    LOSS_ANYWHERE(_ATTACKABLE, attack=each(*EVERY_ATTACK), ball=Ball(L2, Rational(2, 5))),
                    "<=",
                    Integer(1),
                    UNIVERSAL(_ATTACKABLE, ball=Ball(L2, Rational(2, 5))),
                    "every observation",
                ),
            ),
        ),
    ),
    setting=RUNS,
    source="beyond the paper",
    kind="sharpened",
    depends_on=("P2",),
)
