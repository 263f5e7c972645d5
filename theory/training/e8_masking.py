"""Gradient masking: how much of the robustness of trained networks is real."""

from sympy import Rational

from theory.claims import Claim, Clause
from theory.relations import Relation, above, below, larger, smaller
from theory.statistics import Ball, decimal, each
from theory.training.arms import (
    ATTACKED,
    ATTACKED_DENSE,
    ATTACKED_LARGE,
    ATTACKED_LINF,
    ATTACKED_SMALL,
    CLEAN,
    CLEAN_LARGE,
    CLEAN_SMALL,
    FGM,
    GATE_AWARE,
    IN_L2,
    L2,
    RANDOM_SEARCH,
    RUNS,
    STRONGLY_ATTACKED,
    SupervisedArm,
)
from theory.training.measurements import MASKED, RISK
from theory.training.small_networks import EXACT, FAR, SHORT, SMALL_GATE, SMALL_NETWORKS

_TWO_FIFTHS, _THREE_FIFTHS = Ball(L2, Rational(2, 5)), Ball(L2, Rational(3, 5))


def _black_box(arms: tuple[SupervisedArm, ...], ball: Ball) -> Relation:
    arm = each(*arms)
    return smaller(RISK(arm, attack=RANDOM_SEARCH, ball=ball), RISK(arm, attack=GATE_AWARE, ball=ball))


E8 = Claim(
    id="E8",
    title="Gradient masking: how much of the robustness is real?",
    clauses=(
        Clause(
            "FGM overstates",
            "FGM overstates the robustness of networks that were trained with FGM: [[relations]].",
            relations=(
                above(MASKED(each(ATTACKED, ATTACKED_SMALL), ball=_TWO_FIFTHS), Rational(3, 2)),
                above(MASKED(each(ATTACKED_LINF, ATTACKED_DENSE), ball=FAR), Rational(3, 2)),
            ),
        ),
        Clause(
            "the attack makes the mask",
            "At a large gate ratio, FGM training causes more gradient masking than clean training does: [[relations]].",
            relations=(
                below(MASKED(CLEAN_LARGE, ball=_THREE_FIFTHS), 2),
                larger(MASKED(ATTACKED_LARGE, ball=_THREE_FIFTHS), MASKED(CLEAN_LARGE, ball=_THREE_FIFTHS)),
            ),
        ),
        Clause(
            "a real part",
            "At a small gate ratio, networks trained with FGM are more robust than cleanly trained ones even under "
            "gate-aware PGD: [[relations]].",
            relations=(
                smaller(
                    RISK(ATTACKED_SMALL, attack=GATE_AWARE, ball=_TWO_FIFTHS),
                    RISK(CLEAN_SMALL, attack=GATE_AWARE, ball=_TWO_FIFTHS),
                ),
            ),
        ),
        Clause(
            "a masked part",
            "Networks trained with strong FGM appear more robust than cleanly trained ones under FGM but are less "
            "robust under gate-aware PGD: [[relations]].",
            relations=(
                smaller(
                    RISK(STRONGLY_ATTACKED, attack=FGM, ball=_THREE_FIFTHS),
                    RISK(CLEAN, attack=FGM, ball=_THREE_FIFTHS),
                ),
                larger(
                    RISK(STRONGLY_ATTACKED, attack=GATE_AWARE, ball=_THREE_FIFTHS),
                    RISK(CLEAN, attack=GATE_AWARE, ball=_THREE_FIFTHS),
                ),
            ),
        ),
        Clause(
            "black box",
            "For every way of training, random search finds less risk than gate-aware PGD: [[relations]].",
            relations=(
                _black_box((*IN_L2, STRONGLY_ATTACKED), _TWO_FIFTHS),
                _black_box((ATTACKED_LINF, ATTACKED_DENSE), FAR),
            ),
        ),
        EXACT,
        SHORT,
    ),
    setting=(
        *RUNS,
        "The exact worst case is computed for small networks. "
        + SMALL_NETWORKS.says(
            f"the network has $H = {SMALL_NETWORKS.nodes}$ nodes with free weights and threshold "
            f"$b = {decimal(SMALL_GATE)} r$"
        ),
    ),
    source="beyond the paper",
    kind="sharpened",
    depends_on=("G4", "P2"),
)
