"""A clean head inherits robustness from adversarial pre-training."""

from sympy import Rational

from theory.claims import Claim, Clause
from theory.relations import Relation, above, below, smaller
from theory.statistics import Arm, Ball, each
from theory.training.arms import (
    ATTACKED,
    ATTACKED_LINF,
    ATTACKED_SMALL,
    ATTACKS,
    CLEAN,
    CLEAN_LARGE,
    CLEAN_SMALL,
    FITTED,
    HEAD_BALLS,
    IN_L2,
    L2,
    NEARBY,
    NORM_BALLS,
    RUNS,
)
from theory.training.measurements import CURVE, GAIN, HEAD_LOSS, HEAD_PREDICTED, INHERITED_RISK, exactly


def inherits(better: Arm, worse: Arm, *balls: Ball) -> Relation:
    """Clean heads have lower risk on one layer than on the other, under every attack considered."""
    return smaller(
        INHERITED_RISK(better, attack=each(*ATTACKS), ball=each(*balls)),
        INHERITED_RISK(worse, attack=each(*ATTACKS), ball=each(*balls)),
    )


_FACTOR = Rational(3, 2)
"""How far the inherited gain may lie from the curve, as a factor; D3 is exact for mixtures of one order alone."""

E3 = Claim(
    id="E3",
    title="A clean head inherits robustness from adversarial pre-training",
    clauses=(
        Clause(
            "inheritance",
            "A clean head inherits robustness from a layer with free weights: [[relations]].",
            relations=(inherits(ATTACKED, CLEAN, *HEAD_BALLS),),
        ),
        Clause(
            "small gate",
            "At a small gate ratio, a clean head also inherits robustness, although the nodes are not pure there: "
            "[[relations]].",
            relations=(inherits(ATTACKED_SMALL, CLEAN_SMALL, *HEAD_BALLS),),
        ),
        Clause(
            "the gate alone",
            "At a large gate ratio, clean pre-training already passes on robustness: [[relations]].",
            relations=(inherits(CLEAN_LARGE, CLEAN, *HEAD_BALLS),),
        ),
        Clause(
            "other norms",
            "Robustness that was trained in one norm is inherited against attacks in other norms: [[relations]].",
            relations=(inherits(each(ATTACKED, ATTACKED_LINF), CLEAN, *NORM_BALLS),),
        ),
        Clause(
            "prediction",
            "Where P2 certifies, the worst loss of an inherited head equals the prediction from its effective map: "
            "[[relations]].",
            relations=exactly(HEAD_LOSS, HEAD_PREDICTED, each(*IN_L2[:4]), Ball(L2, NEARBY)),
        ),
        Clause(
            "the curve",
            "The inherited gain follows the inheritance curve of D3 within a constant factor: [[relations]].",
            relations=(
                below(GAIN(each(*IN_L2)), _FACTOR, CURVE(each(*IN_L2))),
                above(GAIN(each(*IN_L2)), 1 / _FACTOR, CURVE(each(*IN_L2))),
            ),
        ),
    ),
    setting=(
        *RUNS,
        rf"The new target $\theta'$ is standard normal, and the head of least norm is fitted to {FITTED:,} clean "
        "observations.",
    ),
    source="experiment 3, section 6",
    kind="paper",
    depends_on=("P2", "P5", "D3"),
)
