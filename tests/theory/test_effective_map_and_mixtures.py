"""P1, P2, P4 and P5: what is derived, what is refuted, and the theorems' hypotheses."""

from fractions import Fraction
from itertools import product
from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sympy import (
    Abs,
    Function,
    IndexedBase,
    Integer,
    Integral,
    Lambda,
    MatrixSymbol,
    Max,
    Rational,
    Sum,
    Symbol,
    cos,
    pi,
    symbols,
    true,
)

from purecheck.enclosures.certify import enclose
from purecheck.methods.derived import derivation_of
from purecheck.runs.ledger import ledger
from purecheck.runs.plants import model_checks
from purecheck.verdicts.evidence import Outcome
from tests.purecheck.small_ledger import context
from tests.theory.granted import granted
from theory.algebra import reduces_to_zero
from theory.derivation import Derivation, StepError, begin, opening
from theory.laws import walk
from theory.ledger import CLOSED_FORMS
from theory.model import m, p, r
from theory.purification import P1, P2, P4, P5
from theory.purification.p5_firing_probability import FIRING_PROBABILITY, GROWTH, firing_series
from theory.quantities.firing import FiringProbability
from theory.ranges import COUNT, PROBABILITY
from theory.theorems.duality import (
    Inner,
    Maximum,
    bounded_by_dual,
    convex_maximum,
    inner_of_sum,
    larger,
    termwise_by_cases,
)
from theory.theorems.gates import Gate, entries_pass, multiples_pass
from theory.theorems.indicators import Mean, idempotent, orthogonal_nodes
from theory.theorems.series import bernoulli, first_term, one_integral, positive_integral
from theory.theorems.support import mean_of_indicators
from theory.theorems.walks import (
    Balanced,
    Recursion,
    balanced_signs,
    inversion,
    mirrored,
    one_more_step,
    positive_by_recursion,
)


def model_of(claim, clause):
    """The check that holds the clause against the model."""
    checks = model_checks(ledger(), [claim.id])
    return next((check for check in checks if check.clauses == (clause.name,)), None)


CLAUSES = [(claim, clause) for claim in (P1, P2, P4, P5) for clause in claim.clauses]


@pytest.mark.parametrize(("claim", "clause"), CLAUSES, ids=lambda x: getattr(x, "name", getattr(x, "id", "")))
def test_every_clause_is_proved_and_its_mutation_has_a_counterexample(claim, clause):
    evidence = derivation_of(claim, clause, model_of(claim, clause)).run(context())
    assert (evidence.outcome, evidence.control.rejected) == (Outcome.UPHELD, True), evidence


def _walk(order: int, rate: Fraction) -> Fraction:
    """The firing probability from all strings of {silent, plus, minus}."""
    weight = {0: 1 - rate, 1: rate / 2, -1: rate / 2}
    total = Fraction(0)
    for steps in product((0, 1, -1), repeat=order):
        if sum(steps):
            term = Fraction(1)
            for step in steps:
                term *= weight[step]
            total += term
    return total


@given(order=st.integers(1, 6), k=st.integers(0, 20))
def test_firing_probability_is_the_share_of_strings_that_do_not_cancel(order, k):
    value = FIRING_PROBABILITY.expression.subs({m: order, p: Rational(k, 20)}).doit()
    assert Fraction(int(value.p), int(value.q)) == _walk(order, Fraction(k, 20))
    assert enclose(FIRING_PROBABILITY.expression.subs({m: order, p: Rational(k, 20)})).overlaps(enclose(value))


def test_firing_probability_is_a_closed_form_of_the_ledger():
    form = CLOSED_FORMS["firing_probability"]
    assert form is FIRING_PROBABILITY
    assert form.domain == {"m": COUNT, "p": PROBABILITY}


def test_firing_probability_quoted_beside_its_control():
    at = {m: 4, p: Rational(3, 10)}
    assert round(float(firing_series(m, p).subs(at).doit()), 3) == 0.625
    assert round(float((1 - (1 - p) ** m).subs(at)), 3) == 0.760


def test_growth_fails_at_two_thirds_and_above():
    gain = FiringProbability(2, p) - FiringProbability(1, p)
    assert gain.subs(p, Rational(2, 3)).doit() == 0
    assert gain.subs(p, Rational(7, 10)).doit() < 0
    assert growth_is_refused(Rational(2, 3))


def test_growth_is_derived_at_a_number_below_two_thirds_as_well():
    assert not growth_is_refused(Rational(1, 2))


def growth_is_refused(rate) -> bool:
    return refused(lambda: GROWTH.stating(GROWTH.formula.subs(p, rate)).proof())


def test_balanced_signs_are_counted():
    assert [Balanced(Integer(n)).doit() for n in range(6)] == [
        Rational(comb(n, n // 2), 2**n) if n % 2 == 0 else 0 for n in range(6)
    ]


q = Function("q")
k = Symbol("k", integer=True, positive=True)
t = Symbol("t", real=True)
x = Symbol("x", real=True)
UNIT = {p: (Integer(0), Integer(1))}
LAZY = {0: 1 - p, 1: p / 2, -1: p / 2}


def refused(make) -> bool:
    """Whether a theorem refuses an instance."""
    try:
        make()
    except StepError:
        return True
    return False


def _difference(steps, place):
    return q(steps, place) - q(steps, place + 1)


def _recursion(weights, place) -> Derivation:
    total = sum((weight * _difference(m, place + j) for j, weight in weights.items()), Integer(0))
    return opening(_difference(m + 1, place)).by(granted(_difference(m + 1, place), "=", total))


def test_walk_theorems_refuse_what_is_no_law():
    uneven = {0: 1 - p, 1: p / 3, -1: 2 * p / 3}
    lazy = walk(Function("q"), LAZY)

    def declared(law):
        return walk(Function(f"q{law}"), law)

    assert not refused(lambda: one_more_step(declared({0: 1 - p, 1: p}), m, k, {0: 1 - p, 1: p}, UNIT))
    for wrong in ({0: 1 - p, 1: p / 2}, {0: 1 - 2 * p, 1: 2 * p}):
        assert refused(lambda law=wrong: one_more_step(declared(law), m, k, law, UNIT))
    assert refused(lambda: mirrored(declared(uneven), m, k, uneven))
    assert refused(lambda: inversion(lazy(m, 0), m, LAZY, 1 - p + p * cos(2 * t), t, UNIT))
    assert refused(lambda: inversion(declared(uneven)(m, 0), m, uneven, 1 - p + p * cos(t), t, UNIT))
    assert refused(lambda: inversion(lazy(m, 1), m, LAZY, 1 - p + p * cos(t), t, UNIT))


def test_a_walk_has_one_law_of_steps():
    lazy = walk(Function("q"), LAZY)
    sure = {1: Integer(1)}
    assert refused(lambda: one_more_step(lazy, m, k, sure, UNIT))
    assert refused(lambda: one_more_step(Function("unknown"), m, k, LAZY, UNIT))
    with pytest.raises(ValueError, match="another walk"):
        walk(lazy, sure)


def test_balanced_signs_refuse_sums_of_another_form():
    n = Symbol("n", integer=True, nonnegative=True)
    assert refused(lambda: balanced_signs(Sum(Balanced(n), (n, 1, m))))
    assert refused(lambda: balanced_signs(Sum(Balanced(n) + 1, (n, 0, m))))
    assert refused(lambda: balanced_signs(Sum(Balanced(n) ** 2, (n, 0, m))))


def test_induction_refuses_negative_weights_and_underived_recursions():
    inner, edge = {-1: p / 2, 0: 1 - p, 1: p / 2}, {0: 1 - 3 * p / 2, 1: p / 2}
    good = Recursion(_recursion(inner, k), inner), Recursion(_recursion(edge, Integer(0)), edge)
    below = {p: (Integer(0), Rational(2, 3))}
    assert not refused(lambda: positive_by_recursion(_difference, m, k, *good, below))
    assert refused(lambda: positive_by_recursion(_difference, m, k, *good, UNIT))
    other = Recursion(good[1].derivation, {0: 1 - p, 1: p / 2})
    assert refused(lambda: positive_by_recursion(_difference, m, k, good[0], other, below))
    far = {-2: p, 0: 1 - p}
    assert refused(lambda: positive_by_recursion(_difference, m, k, Recursion(_recursion(far, k), far), good[1], below))


def test_sums_and_integrals_refuse_terms_of_the_wrong_sign():
    j = Symbol("j", integer=True, nonnegative=True)
    assert refused(lambda: first_term(Sum((-1) ** j, (j, 0, m)), UNIT))
    assert refused(lambda: first_term(Sum(p**j, (j, 1, m)), UNIT))
    assert refused(lambda: bernoulli(p - 1, m, UNIT))
    assert refused(lambda: bernoulli(1 - p, Symbol("y", positive=True), UNIT))
    assert refused(lambda: one_integral(Integral(x, (x, 0, 1)), x**2, x, Integer(0), Integer(1)))
    assert refused(lambda: positive_integral(Integral(cos(x), (x, 0, pi)), pi / 3, {}, {}))
    assert refused(lambda: positive_integral(Integral(x**2, (x, 0, 1)), Integer(0), {}, {}))
    assert refused(lambda: positive_integral(Integral(x**2, (x, -1, 1)), Integer(0), {}, {}))


h, i = symbols("h i", integer=True, positive=True)
s, c, G, n, P = (IndexedBase(name) for name in "scGnP")
H = Symbol("H", integer=True, positive=True)


def test_node_sums_refuse_other_forms():
    assert refused(lambda: orthogonal_nodes(Sum(s[h] * G[h, i] ** 2, (h, 1, H)), G, n))
    assert refused(lambda: orthogonal_nodes(Sum(s[h], (h, 1, H)), G, n))
    assert refused(lambda: idempotent(s[h] * c[h] ** 2, s))
    assert refused(lambda: mean_of_indicators(Mean(Sum(s[h] ** 2 * c[h], (h, 1, H))), s, P))


def test_gates_refuse_what_they_would_cut():
    b = Symbol("b", positive=True)
    count = Symbol("n", integer=True)
    inside = {b: (Integer(0), r)}
    assert not refused(lambda: multiples_pass(Gate(r * count, b), r, inside))
    assert not refused(lambda: multiples_pass(Gate(r * count, r), r, {}))
    assert refused(lambda: multiples_pass(Gate(r * count, b), r, {b: (Integer(0), 2 * r)}))
    assert refused(lambda: multiples_pass(Gate(r * count / 2, b), r, inside))
    gate = Gate(r * count, b)
    signs, k = MatrixSymbol("S", 3, 3), MatrixSymbol("k", 3, 1)
    v, w = r * signs * k, r * signs.T * k
    gated = v.applyfunc(Lambda(Symbol("x"), Gate(Symbol("x"), b)))
    assert not refused(lambda: entries_pass(gated, v, gate, (signs, k), inside))
    assert refused(lambda: entries_pass(gated, w, gate, (signs, k), inside))
    assert refused(lambda: entries_pass(gated, v, gate, (k,), inside))
    assert refused(lambda: entries_pass(gated, v, gate, (signs, k), {}))
    scaled = v / 2
    halved = scaled.applyfunc(Lambda(Symbol("x"), Gate(Symbol("x"), b)))
    assert refused(lambda: entries_pass(halved, scaled, gate, (signs, k), inside))


def test_norm_theorems_refuse_other_instances():
    a = IndexedBase("a", real=True)
    assert refused(lambda: bounded_by_dual(Inner(Symbol("w"), Symbol("delta")), Integer(-1)))
    assert refused(lambda: convex_maximum(Maximum(-(x**2), x, Integer(-1), Integer(1))))
    assert refused(lambda: convex_maximum(Maximum(x**2, x, Integer(1), Integer(-1))))
    total = Sum(Abs(a[h]) * s[h], (h, 1, H))
    assert refused(lambda: termwise_by_cases(total, Abs(a[h]) * (1 - s[h]), {s[h]: (true, true)}))


def test_terms_are_bounded_by_what_their_indicators_say():
    a, v = IndexedBase("a", real=True), IndexedBase("v", real=True)
    b, size = Symbol("b", positive=True), Abs(v[h])
    total = Sum(Abs(a[h]) * (1 - s[h]) * size, (h, 1, H))
    silent = {s[h]: (size < b, size >= b)}
    assert not refused(lambda: termwise_by_cases(total, b * Abs(a[h]) * (1 - s[h]), silent, weight=Abs(a[h])))
    assert refused(lambda: termwise_by_cases(total, b * Abs(a[h]) * (1 - s[h]) / 2, silent, weight=Abs(a[h])))
    turned = {s[h]: (size >= b, size < b)}
    assert refused(lambda: termwise_by_cases(total, b * Abs(a[h]) * (1 - s[h]), turned, weight=Abs(a[h])))
    never = {s[h]: (size < 0, true)}
    assert refused(lambda: termwise_by_cases(total, Integer(0), {s[h]: (true, true)}, weight=Abs(a[h])))
    assert refused(lambda: termwise_by_cases(total, Integer(0) * b, never, weight=-Abs(a[h])))


def test_a_push_is_named_for_what_it_is():
    w, delta, x = IndexedBase("w"), Symbol("delta"), Symbol("x")
    total = Sum(c[h] * Inner(w[h], delta), (h, 1, H))
    named = begin(x, Sum(c[h] * w[h], (h, 1, H)), "the combination")
    assert inner_of_sum(total, named).right == Inner(x, delta)
    assert refused(lambda: inner_of_sum(total, begin(x, Sum(2 * c[h] * w[h], (h, 1, H)), "another")))


def test_the_larger_of_two_numbers():
    assert reduces_to_zero(larger(Max(x, 1 - x, evaluate=False)).right.subs(x, 3) - 3)
    assert larger(Max(Integer(2), x, evaluate=False)).left == Max(2, x)


def test_gate_by_cases():
    assert [Gate(Integer(v), Integer(2)).doit() for v in (-3, -2, -1, 0, 1, 2)] == [-3, -2, 0, 0, 0, 2]


def test_firing_probability_at_order_one_is_the_activity():
    assert FiringProbability(1, p).doit() == p
