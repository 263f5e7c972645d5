"""G1-G4 and P8: the derivations prove the statements, reject every mutation, and break where a link is broken."""

import math
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from scipy.stats import norm
from sympy import (
    Abs,
    Gt,
    Indexed,
    IndexedBase,
    Integer,
    Integral,
    Le,
    Piecewise,
    Rational,
    Sum,
    Symbol,
    acosh,
    exp,
    log,
    oo,
)

from purecheck.closed_forms import evaluate, parse_arguments
from purecheck.methods.derived import derivation_of
from purecheck.strategies.numbers import rationals
from purecheck.verdicts.evidence import Level, Outcome
from tests.purecheck.small_ledger import context
from theory.algebra import is_nonnegative
from theory.claims import NearMiss
from theory.derivation import Step, StepError, begin
from theory.gate import g2_optimal_threshold as g2
from theory.gate import g3_separability as g3
from theory.gate import g4_attack_immunity as g4
from theory.gate.g1_errors import G1, GATE_FALSE_FIRE, GATE_MISS
from theory.model import Phi, Q, b, d, named
from theory.purification import p8_gate_ratio as p8
from theory.theorems.attack_ball import each_below, least_modulus, one_of
from theory.theorems.calculus import decreases, fundamental_theorem, minimum_at_start, unique_minimum
from theory.theorems.concavity import above_chord, below_tangent
from theory.theorems.counting import chebyshev_count, indicator, scaled_sum
from theory.theorems.euclid import norm_in_features
from theory.theorems.hyperbolic import arccosh_as_log
from theory.theorems.normal_tail import rises_then_falls, tail_bound
from theory.theorems.union_bound import termwise

CLAIMS = (G1, g2.G2, g3.G3, g4.G4)
CLAUSES = [(claim, clause) for claim in CLAIMS for clause in claim.clauses]
x = Symbol("x", positive=True)
t = Symbol("t", real=True)
i = Symbol("i", integer=True, positive=True)


@pytest.mark.parametrize(("claim", "clause"), CLAUSES, ids=lambda x: getattr(x, "name", getattr(x, "id", None)))
def test_each_clause_is_proved(claim, clause):
    finding = derivation_of(claim, clause).examine(clause, context())
    assert (finding.outcome, finding.level) == (Outcome.UPHELD, Level.PROVED)


def value(form, **arguments):
    found = evaluate(form, parse_arguments(form, [f"{name}={number}" for name, number in arguments.items()]))
    return found.value, found.exact


def test_an_open_gate_always_fires_and_never_misses():
    assert value(GATE_FALSE_FIRE, omega=2, sigma="1/4", b=0) == (1.0, "1")
    assert value(GATE_MISS, omega=2, r=1, sigma="1/4", b=0) == (0.0, "0")


@given(
    rationals(Fraction(1, 10), Fraction(3)),
    rationals(Fraction(1, 10), Fraction(2)),
    rationals(Fraction(0), Fraction(3)),
)
def test_error_rates_are_those_of_the_normal_law(omega, sigma, threshold):
    # Cephes, which SciPy uses, states a relative error of at most 3.4e-14 for the normal law.
    error = 2 * 3.4e-14
    s = float(sigma * omega)
    fires, _ = value(GATE_FALSE_FIRE, omega=omega, sigma=sigma, b=threshold)
    misses, _ = value(GATE_MISS, omega=omega, r=1, sigma=sigma, b=threshold)
    assert abs(fires - 2 * norm.sf(float(threshold) / s)) <= error
    expected = norm.cdf(float(threshold - omega) / s) - norm.cdf(float(-threshold - omega) / s)
    assert abs(misses - expected) <= error


def test_the_optimal_gate_at_chosen_points():
    rare, exact = value(g2.OPTIMAL_GATE, omega=1, r=1, sigma="1/4", p="1/20")
    assert exact is None
    assert abs(rare - math.acosh(19 * math.exp(8)) / 16) <= 8 * math.ulp(1.0)
    assert value(g2.OPTIMAL_GATE, omega=1, r=1, sigma=1, p="9/10") == (0.0, "0")
    assert value(g2.OPTIMAL_GATE, omega=2, r=3, sigma=5, p="1/2")[0] > 0


@pytest.mark.parametrize("p", ["0", "1", "-1/2", "2"])
def test_the_optimal_gate_refuses_features_that_are_never_or_always_active(p):
    with pytest.raises(ValueError, match="p"):
        value(g2.OPTIMAL_GATE, omega=1, r=1, sigma=1, p=p)


def test_the_separability_threshold_at_chosen_points():
    found, _ = value(g3.SEPARABILITY_THRESHOLD, d=100, sigma="1/4", alpha="1/10")
    expected = (math.sqrt(2 * math.log(1000)) + math.sqrt(2 * math.log(500))) / 4
    assert abs(found - expected) <= 8 * math.ulp(2.0)
    at_the_end, _ = value(g3.SEPARABILITY_THRESHOLD, d=1, sigma=1, alpha="1/2")
    assert abs(at_the_end - math.sqrt(2 * math.log(2))) <= 8 * math.ulp(2.0)


@pytest.mark.parametrize(("d", "alpha"), [("1", "7/10"), ("10", "0"), ("0", "1/10"), ("3/2", "1/10")])
def test_the_separability_threshold_refuses_what_it_does_not_cover(d, alpha):
    with pytest.raises(ValueError, match="expected"):
        value(g3.SEPARABILITY_THRESHOLD, d=d, sigma=1, alpha=alpha)


def test_a_turned_sign_in_the_error_breaks_the_minimiser(monkeypatch):
    monkeypatch.setattr(g2, "ERROR", g2.ERROR.subs(g2.p, 1 - g2.p))
    with pytest.raises(StepError, match="factor"):
        g2.MINIMISER.proof()


def test_half_the_threshold_breaks_the_separation(monkeypatch):
    monkeypatch.setattr(g3, "THRESHOLD", g3.THRESHOLD / 2)
    silent = g3.FIRE_RATE(g3.THRESHOLD, g3.s)
    with pytest.raises(StepError):
        g3.SILENT.stating(Le(silent, g3.SILENT.formula.rhs)).proof()


def test_attacks_beyond_the_reach_are_not_shown_to_fail():
    wider = replace(g4.STAYS_SILENT.over[g4.eps], high=2 * g4.REACHING)
    with pytest.raises(StepError):
        g4.STAYS_SILENT.varied(NearMiss("twice the reach", over={g4.eps: wider})).proof()


def test_a_minimiser_outside_the_range_is_refused():
    with pytest.raises(StepError, match="outside"):
        unique_minimum((x + 1) ** 2, x, Integer(2), x + 1, Integer(-1), {x: (Integer(0), oo)})
    with pytest.raises(StepError, match="not positive"):
        minimum_at_start((x - 1) ** 2, x, Integer(2), x - 1, {x: (Integer(0), oo)})


def test_arccosh_is_not_negative_only_from_one_on():
    assert is_nonnegative(acosh(1 + x))
    assert not is_nonnegative(acosh(x))


def test_theorems_refuse_instances_without_their_hypotheses():
    convex, y = x**2, Symbol("y", positive=True)
    for theorem in (above_chord, below_tangent):
        with pytest.raises(StepError, match="second derivative may be positive"):
            theorem(convex, x, Integer(2), Rational(1, 2))
        with pytest.raises(StepError, match="not the second derivative"):
            theorem(log(1 + x), x, -Integer(1), Rational(1, 2))
        with pytest.raises(StepError, match="outside"):
            theorem(-convex, x, Integer(-2), 1 + y)
    with pytest.raises(StepError, match="below one"):
        arccosh_as_log(y)
    with pytest.raises(StepError, match="negative"):
        tail_bound(-y)
    with pytest.raises(StepError, match="negative"):
        tail_bound(Symbol("t", nonnegative=True), strict=True)
    with pytest.raises(StepError, match="vanish"):
        rises_then_falls(-x, x, Integer(1), Integer(-1))
    with pytest.raises(StepError, match="derivative may be positive"):
        decreases(Phi(t), t, Integer(0), Integer(1))
    with pytest.raises(StepError, match="order"):
        decreases(Q(t), t, Integer(1), Integer(0))


def test_extremes_of_a_modulus_refuse_what_they_do_not_cover():
    greatest = least_modulus(x, Integer(2)).right
    assert one_of(greatest, x - 2).right == x - 2
    with pytest.raises(StepError, match="not one of"):
        one_of(greatest, x - 3)
    with pytest.raises(StepError, match="may reach"):
        each_below(greatest, x - 1)
    with pytest.raises(StepError, match="may be negative"):
        least_modulus(x, t)


def test_sums_are_bounded_only_by_their_own_terms():
    n, name = Symbol("n", integer=True, positive=True), named("q")
    total = Sum(exp(-(i**2)), (i, 1, n))
    other = begin(name, exp(-i), "another summand")
    with pytest.raises(StepError, match="another summand"):
        termwise(total, other)
    with pytest.raises(StepError, match="depends on the index"):
        termwise(total, begin(name, exp(-(i**2)), "the summand"))


def test_counts_are_bounded_only_for_indicators_of_large_entries():
    u, d = IndexedBase("u", real=True), p8.d
    count = Sum(indicator(u[i], x), (i, 1, d))
    assert isinstance(count.function, Piecewise)
    assert isinstance(u[i], Indexed)
    with pytest.raises(StepError, match="not a sum of indicators"):
        chebyshev_count(count, 2 * u[i], x)
    with pytest.raises(StepError, match="may not be positive"):
        chebyshev_count(Sum(indicator(u[i], b), (i, 1, d)), u[i], b)
    with pytest.raises(StepError, match="common factor"):
        scaled_sum(Sum(i * u[i], (i, 1, d)), i, u[i])
    with pytest.raises(StepError, match="sum of squares"):
        norm_in_features(Sum(Abs(u[i]), (i, 1, d)), p8._M, p8._w, p8.W_NORM)


def test_other_statements_do_not_follow():
    with pytest.raises(StepError):
        g3.ALL.stating(Gt(g3.ALL.formula.lhs, 1 - g3.alpha / 2)).proof()


def test_an_antiderivative_with_a_pole_or_a_jump_between_the_ends_is_refused():
    x = Symbol("x", real=True)
    with pytest.raises(StepError, match="singularity"):
        fundamental_theorem(Integral(1 / x**2, (x, -1, 1)), -1 / x)
    with pytest.raises(StepError, match="jump"):
        fundamental_theorem(Integral(Integer(0), (x, -1, 1)), Piecewise((0, x < 0), (1, True)))
    with pytest.raises(StepError, match="not finite"):
        fundamental_theorem(Integral(1 / x**2, (x, 0, 1)), -1 / x)
    assert fundamental_theorem(Integral(1 / x**2, (x, 1, 2)), -1 / x).right == Rational(1, 2)


def test_a_minimum_must_lie_before_the_end_of_the_range():
    x = Symbol("x", real=True)
    with pytest.raises(StepError, match="outside the range"):
        unique_minimum((x - 2) ** 2, x, Integer(2), x - 2, Integer(2), {x: (Integer(0), Integer(1))})


def test_a_cited_bound_of_a_term_is_refused():
    term, bound = Symbol("f"), Symbol("c")
    k = Symbol("k", integer=True)
    chain = begin(term, Symbol("y"), "a term").by(Step(Symbol("y"), "<=", bound, "a guess", "cited"))
    with pytest.raises(StepError, match="cited"):
        termwise(Sum(Symbol("y"), (k, 1, d)), chain)
