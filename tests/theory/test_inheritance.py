"""D1 to D5: the derivations prove the statements, reject every mutation, and break where a link is broken."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sympy import Eq, IndexedBase, Integer, KroneckerDelta, MatrixSymbol, Rational, Sum, Symbol, ZeroMatrix, sqrt

from purecheck.methods.derived import derivation_of
from purecheck.runs.ledger import ledger
from purecheck.runs.plants import model_checks
from purecheck.verdicts.evidence import Level, Outcome
from tests.purecheck.small_ledger import context
from theory.claims import NearMiss
from theory.derivation import StepError, begin, opening
from theory.inheritance import CLAIMS, CLOSED_FORMS, d2_mixture_layers, d4_heads_alone
from theory.inheritance.d4_heads_alone import A0, B0, C0, INNER, WORST_CASE, share
from theory.inheritance.features import COVARIANCE, covariances
from theory.model import d, eps, m, p, r
from theory.theorems.counts import Count, Exceeds, law_of_signs, mean_over_counts
from theory.theorems.indicators import Mean
from theory.theorems.inner_products import cauchy_schwarz
from theory.theorems.least_squares import (
    diagonal_covariance,
    isotropic_covariance,
    least_quadratic,
    least_sum_of_squares,
    strictly_above_first,
    vanishing_squares,
)

CLAUSES = [(claim, clause) for claim in CLAIMS for clause in claim.clauses]
FORMS = {form.name: form for form in CLOSED_FORMS}
i, j, k = (Symbol(name, integer=True, nonnegative=True) for name in "ijk")
u, w = IndexedBase("u", real=True), IndexedBase("w", nonnegative=True)
SQUARES = Sum(w[i] * (u[i] - 1) ** 2, (i, 1, d))


def model_of(claim, clause):
    """The check that holds the clause against the model."""
    checks = model_checks(ledger(), [claim.id])
    return next((check for check in checks if check.clauses == (clause.name,)), None)


@pytest.mark.parametrize(("claim", "clause"), CLAUSES, ids=lambda x: getattr(x, "name", getattr(x, "id", None)))
def test_each_clause_is_proved_and_its_control_refuted(claim, clause):
    check = derivation_of(claim, clause, model_of(claim, clause))
    evidence = check.run(context())
    assert (evidence.outcome, evidence.level, evidence.control.rejected) == (Outcome.UPHELD, Level.PROVED, True)


def value(name, **values):
    form = FORMS[name]
    return form.expression.subs([(form.arguments[key], x) for key, x in values.items()]).doit()


@given(n=st.integers(0, 7), threshold=st.fractions(0, 4, max_denominator=6))
def test_the_tail_of_a_sum_of_signs_counts_the_strings(n, threshold):
    strings = [sum(signs) for signs in product((1, -1), repeat=n)]
    share_of_strings = Rational(sum(abs(s) > threshold for s in strings), len(strings))
    x = Rational(threshold.numerator, threshold.denominator)
    assert Exceeds(n, x).doit() == share_of_strings
    assert law_of_signs(Exceeds(k, x), j).right.subs(k, n).doit() == share_of_strings


def test_inherited_gain_at_chosen_points():
    half = Rational(1, 2)
    assert value("inherited_gain", p=half, m=2, pure_sq=1, mixed_sq=1) == half + Rational(5, 8)
    assert value("inherited_gain", p=half, m=1, pure_sq=1, mixed_sq=1) == 1
    assert value("inherited_gain", p=0, m=4, pure_sq=1, mixed_sq=1) == 0


def test_head_only_risk_at_its_edges():
    at = {"theta_sq": 2, "r": 1, "m": 4}
    assert value("head_only_risk", p=0, eps=0, **at) == 0
    assert value("head_only_risk", p=1, eps=0, **at) == 0
    assert value("head_only_risk", p=Rational(1, 2), eps=1, **{**at, "m": 1}) == Rational(1, 2)


def test_robust_accuracy_at_its_edges():
    third = Rational(1, 3)
    assert value("purified_robust_accuracy", d=3, p=0, r=1, eps=0) == 0
    assert value("purified_robust_accuracy", d=3, p=1, r=1, eps=0) == 1
    one_sign = 2 * Rational(126, 512)
    assert value("purified_robust_accuracy", d=9, p=1, r=1, eps=third) == 1 - one_sign


@given(B=st.fractions(Rational(1, 4), 1), share_of_gap=st.fractions(Rational(1, 10), Rational(9, 10)))
def test_the_best_multiple_is_a_stationary_point(B, share_of_gap):
    product_mean, fraction = (Rational(x.numerator, x.denominator) for x in (B / 2, share_of_gap))
    low, high = product_mean, 1 / product_mean
    at = {A0: Integer(1), B0: product_mean, C0: Integer(1), eps: low + fraction * (high - low)}
    assert WORST_CASE.diff(share).subs(at).subs(share, INNER.subs(at)).simplify() == 0
    assert 0 < INNER.subs(at) < 1


def test_a_lost_root_of_the_order_breaks_the_energy_of_a_mixture(monkeypatch):
    monkeypatch.setattr(d2_mixture_layers, "NODES", d2_mixture_layers.ORTHOGONAL)
    with pytest.raises(StepError):
        d2_mixture_layers.INHERITED_ENERGY.proof()


def test_a_wrong_second_moment_breaks_the_moments(monkeypatch):
    wrong = covariances()
    monkeypatch.setattr(d4_heads_alone, "covariances_at_constant_amplitude", lambda: wrong)
    with pytest.raises(StepError):
        d4_heads_alone.MOMENTS.proof()


def test_the_range_of_strong_attacks_breaks_the_weak_attack():
    with pytest.raises(StepError):
        d4_heads_alone.WEAK.varied(NearMiss("strong attacks", over=d4_heads_alone.STRONG.over)).proof()


def risk(end):
    return begin(Symbol("R"), end, "a risk")


def test_a_least_sum_of_squares_must_stand_alone_with_a_positive_factor():
    assert least_sum_of_squares(risk(3 + 2 * SQUARES), SQUARES, u, Integer(1)).right == 0
    for end in (3 - SQUARES, SQUARES + u[1], SQUARES**2):
        with pytest.raises(StepError):
            least_sum_of_squares(risk(end), SQUARES, u, Integer(1))
    with pytest.raises(StepError):
        least_sum_of_squares(risk(SQUARES), SQUARES, u, Integer(2))


def test_only_a_sum_shown_to_vanish_fixes_the_unknowns():
    vanishing = least_sum_of_squares(risk(SQUARES), SQUARES, u, Integer(1))
    assert vanishing_squares(vanishing, u, Integer(1)).left == w[i] * u[i]
    with pytest.raises(StepError):
        vanishing_squares(law_of_signs(Exceeds(k, 1), j), u, Integer(1))


def test_covariances_must_be_diagonal_and_of_the_features():
    total = Sum(u[i] * u[j] * COVARIANCE[i, j], (i, 1, d), (j, 1, d))
    assert diagonal_covariance(total, COVARIANCE, covariances()).right.has(u[j] ** 2)
    full = begin(COVARIANCE[i, j], p + KroneckerDelta(i, j), "correlated features")
    for entry in (full, begin(IndexedBase("D")[i, j], KroneckerDelta(i, j), "others")):
        with pytest.raises(StepError):
            diagonal_covariance(total, COVARIANCE, entry)
    uneven = begin(COVARIANCE[i, j], i * KroneckerDelta(i, j), "uneven features")
    with pytest.raises(StepError):
        isotropic_covariance(MatrixSymbol("C", d, d), uneven)


def test_a_quadratic_needs_a_positive_factor():
    a = MatrixSymbol("a", d, 1)
    zero, none = ZeroMatrix(d, 1), ZeroMatrix(1, 1)
    assert least_quadratic(begin(MatrixSymbol("R", 1, 1), p * a.T * a, "a risk"), a, zero, p, none).right == zero
    with pytest.raises(StepError):
        least_quadratic(begin(MatrixSymbol("R", 1, 1), -p * a.T * a, "a risk"), a, zero, -p, none)
    with pytest.raises(StepError):
        least_quadratic(begin(MatrixSymbol("R", 1, 1), p * a.T * a, "a risk"), a, zero, p * r, none)


def test_growth_of_one_sequence_says_nothing_of_another():
    growth = opening((m + 1) ** 2 - m**2).equals(2 * m + 1, "squares grow")
    growth = growth.at_least(Integer(0), "positive", strict=True)
    assert strictly_above_first(growth, m, lambda n: n**2).right == 0
    with pytest.raises(StepError):
        strictly_above_first(growth, m, lambda n: n**3)


def test_theorems_on_means_check_their_hypotheses():
    x, z = Symbol("x", real=True), Symbol("z")
    assert cauchy_schwarz(x, x).relation == "<="
    for refused in (
        lambda: cauchy_schwarz(z, x),
        lambda: mean_over_counts(Mean(sqrt(k)), (Count(j, d, p, i),)),
        lambda: law_of_signs(Exceeds(x, 1), j),
    ):
        with pytest.raises(StepError):
            refused()


def test_a_matrix_can_be_put_for_another_inside_an_expression():
    a, c = MatrixSymbol("a", d, 1), MatrixSymbol("c", d, 1)
    link = least_quadratic(
        begin(MatrixSymbol("R", 1, 1), (a - c).T * (a - c), "a risk"), a, c, Integer(1), ZeroMatrix(1, 1)
    )
    name = MatrixSymbol("v", 1, 1)
    assert begin(name, a.T * a + c.T * a, "a form").within(link).concludes(Eq(name, c.T * c + c.T * c))
