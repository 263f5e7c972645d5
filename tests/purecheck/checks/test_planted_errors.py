"""False theorems that an author might write by mistake are refuted by the check of their clause on the model."""

from dataclasses import replace

import pytest
from sympy import Abs, And, Eq, Expr, Ge, Le, Rational, sqrt

from purecheck.methods.agrees import Agrees
from purecheck.runs.ledger import ledger
from purecheck.verdicts.evidence import Outcome
from tests.purecheck.small_ledger import context
from theory.claims import Clause
from theory.derivation import StepError
from theory.gate.g1_errors import MISS
from theory.inheritance.d1_noise import FIRING as FIRING_WITH_NOISE
from theory.inheritance.d1_noise import NOISY_ENERGY, NOISY_HEAD
from theory.inheritance.d1_shared_features import BEYOND, t
from theory.inheritance.d2_mixture_layers import PRICE
from theory.inheritance.d3_inheritance_curve import INHERITED_ENERGY
from theory.inheritance.d4_heads_alone import MIDDLE, STRONG, UNREACHED
from theory.inheritance.d5_robust_accuracy import ROBUST_ACCURACY
from theory.model import d, eps, p, r
from theory.purification.p5_firing_probability import FIRING
from theory.purification.p6_adversarial_risk import RISK_AT_FIT
from theory.purification.p7_flow import CROSS_TALK
from theory.purification.p7_lock import MEAN_ERROR, PAIR
from theory.purification.p8_gate_ratio import COUNT
from theory.quantities.firing import ENERGY
from theory.quantities.forces import ERROR
from theory.quantities.heads import A0, B0, BEST, C0, CROSS, SQUARE
from theory.quantities.risk import MEAN_GAIN
from theory.ranges import ACTIVE, at_least, closed


def model_check(claim: str, clause: str) -> Agrees:
    return next(
        check for check in ledger().checks[claim] if isinstance(check, Agrees) and check.statement.name == clause
    )


def assert_planted_error_is_found(claim: str, planted: Clause) -> None:
    """It is false on the model, and does not follow either."""
    assert model_check(claim, planted.name).examine(planted, context()).outcome is Outcome.REFUTED
    with pytest.raises(StepError):
        planted.proof()


@pytest.mark.parametrize("divisor", [4, Rational(101, 100)])
def test_count_bound_divided(divisor: Expr) -> None:
    assert_planted_error_is_found("P8", COUNT.stating(Le(COUNT.formula.lhs, COUNT.formula.rhs / divisor)))


@pytest.mark.parametrize("factor", [Rational(1, 2), Rational(101, 100)])
def test_mean_error_off_by_a_factor(factor: Expr) -> None:
    planted = MEAN_ERROR.stating(Eq(MEAN_ERROR.formula.lhs, factor * MEAN_ERROR.formula.rhs))
    assert_planted_error_is_found("P7", planted)


def test_cross_talk_that_forgets_the_error() -> None:
    planted = CROSS_TALK.stating(CROSS_TALK.formula.subs(Abs(ERROR), 0))
    assert_planted_error_is_found("P7", planted)


def test_lock_beyond_half_the_amplitude() -> None:
    assert_planted_error_is_found("P7", replace(PAIR, over={**PAIR.over, eps: closed(0, r)}, box={}))


def test_risk_with_the_root_of_the_mean_energy() -> None:
    planted = RISK_AT_FIT.stating(RISK_AT_FIT.formula.subs(MEAN_GAIN, sqrt(ENERGY)))
    assert_planted_error_is_found("P6", planted)


def test_surrogate_taken_for_the_true_risk() -> None:
    """The multiple that the surrogate would keep."""
    (_, below_one) = MIDDLE.formula.args if isinstance(MIDDLE.formula.args[0], Eq) else reversed(MIDDLE.formula.args)
    assert_planted_error_is_found("D4", MIDDLE.stating(And(Eq(BEST, A0 / (A0 + eps**2 * C0)), below_one)))


def test_strong_attacks_from_half_their_size() -> None:
    planted = replace(STRONG, over={**STRONG.over, eps: at_least(A0 / B0 / 2)}, box={})
    assert_planted_error_is_found("D4", planted)


def test_unreached_attacks_twice_as_far() -> None:
    assert_planted_error_is_found("D4", UNREACHED.stating(Ge(UNREACHED.formula.lhs, 4 * UNREACHED.formula.rhs)))


def test_empty_support_counted_as_right() -> None:
    formula = ROBUST_ACCURACY.formula
    planted = ROBUST_ACCURACY.stating(Eq(formula.lhs, formula.rhs + (1 - p) ** d, evaluate=False))
    assert_planted_error_is_found("D5", planted)


def test_mixtures_that_cost_more_at_every_probability() -> None:
    assert_planted_error_is_found("D2", replace(PRICE, over={**PRICE.over, p: ACTIVE}, box={}))


def test_activity_on_all_features() -> None:
    planted = INHERITED_ENERGY.stating(INHERITED_ENERGY.formula.subs(FIRING, p))
    assert_planted_error_is_found("D3", planted)


@pytest.mark.parametrize("clause", [NOISY_HEAD, NOISY_ENERGY], ids=lambda clause: clause.name)
def test_noise_ignored(clause: Clause) -> None:
    assert_planted_error_is_found("D1", clause.stating(clause.formula.subs(CROSS, SQUARE)))


def test_false_alarms_forgotten() -> None:
    formula = FIRING_WITH_NOISE.formula
    planted = FIRING_WITH_NOISE.stating(Eq(formula.lhs, p * (1 - MISS.formula.rhs)))
    assert_planted_error_is_found("D1", planted)


def test_every_minimiser_robust_at_any_size() -> None:
    """The example of shared features as if nothing had been added to the head."""
    assert_planted_error_is_found("D1", BEYOND.stating(BEYOND.formula.subs(t, 0)))
