"""P9: the share of silent sign patterns, its theorems, and refusals of wrong instances."""

from fractions import Fraction
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sympy import Eq, Ge, Gt, Integer, Rational, Sum, Symbol, binomial

from tests.theory.granted import GRANTED
from theory.derivation import StepError, begin, opening
from theory.model import ZERO_TO_ONE, b, m, p
from theory.purification.p9_mixing_nodes import ABOVE_PURE, ATTAINED, BOUND, CHEAPER, GEOMETRIC_BOUND, WITH_OFFSET
from theory.quantities.firing import OffsetShare, SilentShare, TiltedShare
from theory.ranges import ACTIVE
from theory.theorems.antichains import (
    MostSilent,
    below_geometric,
    binomial_theorem,
    by_parity,
    power_falls,
    silent_patterns,
    silent_patterns_with_offset,
    tilted_patterns,
)

_n = Symbol("n", integer=True, nonnegative=True)
_k = Symbol("k", integer=True, nonnegative=True)


def silent_share(weights: list[Fraction]) -> Fraction:
    """The share of sign patterns that leave a node with these weights and threshold one silent."""
    patterns = list(product((1, -1), repeat=len(weights)))
    silent = sum(abs(sum((s * w for s, w in zip(x, weights, strict=True)), Fraction(0))) < 1 for x in patterns)
    return Fraction(silent, len(patterns))


@given(st.lists(st.fractions(1, 3, max_denominator=50), min_size=0, max_size=7))
def test_no_node_has_more_silent_patterns(weights):
    found = MostSilent(Integer(len(weights))).doit()
    assert silent_share(weights) <= Fraction(int(found.p), int(found.q))


@pytest.mark.parametrize("n", range(8))
def test_tilted_weights_have_as_many(n):
    found = MostSilent(Integer(n)).doit()
    weights = [1 + Fraction(2**i, 2 ** (n + 1)) for i in range(1, n + 1)]
    assert silent_share(weights) == Fraction(int(found.p), int(found.q))


def test_closed_forms_by_parity_are_the_shares():
    total = Sum(p**_n * MostSilent(_n), (_n, 0, m))
    split = by_parity(total, _k).right
    for order in range(1, 8):
        direct = sum(p**n * MostSilent(Integer(n)).doit() for n in range(order + 1))
        assert (split.subs(m, order).doit() - direct).expand() == 0
    with pytest.raises(StepError, match="another form"):
        by_parity(Sum(MostSilent(_n) ** 2, (_n, 0, m)), _k)


def apart(multiple):
    """A chain down to a multiple of the threshold."""
    return opening(3 * b).at_least(multiple * b, "fewer thresholds")


def test_patterns_that_are_one_threshold_apart_are_no_antichain():
    assert silent_patterns(SilentShare(_n), apart(2), b, GRANTED).right == MostSilent(_n)
    with pytest.raises(StepError, match="two thresholds"):
        silent_patterns(SilentShare(_n), apart(1), b, GRANTED)
    with pytest.raises(StepError, match="two thresholds"):
        silent_patterns_with_offset(OffsetShare(_n), apart(1), b, GRANTED)


def test_tilts_that_may_reach_the_threshold_are_refused():
    large = begin(Symbol("T"), Integer(1) - Rational(1, 2), "half").at_most(Integer(1), "a half")
    with pytest.raises(StepError, match="may reach"):
        tilted_patterns(TiltedShare(_n), large, GRANTED)


def test_the_geometric_bound_holds_for_the_first_sixty_features():
    bound = below_geometric(_n).right
    assert all(MostSilent(Integer(n)).doit() <= bound.subs(_n, n) for n in range(60))
    with pytest.raises(StepError, match="number of features"):
        below_geometric(Symbol("n", integer=True))


def test_the_binomial_theorem_refuses_another_sum():
    total = Sum(binomial(m, _n) * p**_n * (1 - p) ** (m - _n), (_n, 0, m))
    assert binomial_theorem(total, 1 - p, ((Integer(1), p),)).right == 1
    with pytest.raises(StepError, match="another form"):
        binomial_theorem(total, 1 - p, ((Integer(1), 2 * p),))


def test_powers_fall_between_zero_and_one_only():
    box = {p: ZERO_TO_ONE, m: (Integer(1), Integer(9))}
    assert power_falls(1 - p, m, Integer(2), box).right == (1 - p) ** 2
    with pytest.raises(StepError, match="leave"):
        power_falls(1 + p, m, Integer(2), box)
    with pytest.raises(StepError, match="order"):
        power_falls(1 - p, m, Integer(3), box)


@pytest.mark.parametrize(
    "clause",
    [
        BOUND.stating(Ge(BOUND.formula.lhs, 1 - (1 - p) ** m)),
        ATTAINED.stating(Eq(ATTAINED.formula.lhs, BOUND.formula.rhs / 2)),
        GEOMETRIC_BOUND.stating(Ge(GEOMETRIC_BOUND.formula.lhs, 1 - (1 - 3 * p / 2) ** m)),
        ABOVE_PURE.stating(Gt(ABOVE_PURE.formula.lhs, 2 * p)),
        WITH_OFFSET.stating(Ge(WITH_OFFSET.formula.lhs, p)),
        CHEAPER.stating(CHEAPER.formula.subs(p**2, p**3)),
    ],
    ids=lambda clause: clause.name,
)
def test_a_stronger_statement_is_refused(clause):
    with pytest.raises(StepError):
        clause.proof()


def test_mixing_more_often_than_a_pure_node_is_not_derived_for_every_activity():
    with pytest.raises(StepError):
        ABOVE_PURE.varied(ABOVE_PURE.near_miss).proof()
    assert ABOVE_PURE.over[p] != ACTIVE
