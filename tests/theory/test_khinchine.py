"""The mean modulus of lazy signs: its recursion, the sharp constant, and refusals of wrong instances."""

import math
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad
from sympy import Abs, IndexedBase, Integer, Rational, Sum, Symbol, sqrt

from numerics.rounding import gamma
from tests.theory.granted import granted
from theory.contrastive.bottleneck import _LARGEST, CONCENTRATION, THRESHOLD, _dominated, _spread, constant_amplitude
from theory.derivation import StepError, begin
from theory.model import d
from theory.theorems.indicators import Mean
from theory.theorems.khinchine import (
    above_root,
    every_direction,
    lazy,
    modulus_as_integral,
    one_entry_less,
    spread_over_entries,
    thinned,
    unit_length,
    walk_moduli,
)
from theory.theorems.khinchine import kept as kept_with

_i = Symbol("i", integer=True)
_u = Symbol("u", positive=True)
_excess = Symbol("k", nonnegative=True)


def mean_modulus(direction: list[float], p: float) -> float:
    """`E|sum t_i x_i|` over all sign patterns."""
    total = 0.0
    for pattern in product((0, 1, -1), repeat=len(direction)):
        active = sum(map(abs, pattern))
        weight = (p / 2) ** active * (1 - p) ** (len(direction) - active)
        total += weight * abs(sum(t * x for t, x in zip(direction, pattern, strict=True)))
    return total


def haagerup(p: float, s: float) -> tuple[float, float]:
    """`H_p(s)` by quadrature, folded onto one period, and a bound on its error by QUADPACK's estimate.

    With ``x = 2 p sin^2(v/2)`` the integrand is ``(1 - |1 - x|^s) / (4 sin^2(v/2))``, computed to a relative error of
    a few dozen units, which are far below the estimate.
    """

    def integrand(v: float) -> float:
        square = math.sin(v / 2) ** 2
        x = 2 * p * square
        modulus = math.log1p(-x) if x < 1 else math.log(x - 1)
        return -math.expm1(s * modulus) / (4 * square)

    kink = math.acos((p - 1) / p)
    value, error = quad(integrand, 0, math.pi, points=[kink], limit=200, epsabs=0, epsrel=1e-10)
    return 2 / math.pi * value, 2 / math.pi * error


@pytest.mark.parametrize("p", [Rational(1, 3), Rational(1, 2), THRESHOLD])
def test_the_walk_recursion_agrees_with_all_sign_patterns(p):
    for n, value in enumerate(walk_moduli(p, 6)):
        # 3^6 positive terms at most, of 2 powers and 3 products each
        assert float(value) == pytest.approx(mean_modulus([1.0] * n, float(p)), rel=gamma(3**6 + 40, "float64"), abs=0)


def test_even_moduli_are_haagerups_integral():
    values = walk_moduli(THRESHOLD, 10)
    for n in (2, 4, 10):
        expected, error = haagerup(float(THRESHOLD), n)
        assert abs(float(values[n]) - expected) <= error


@given(st.floats(2.0, 200.0))
def test_haagerups_integral_lies_above_the_root_from_two_on(s):
    value, error = haagerup(float(THRESHOLD), s)
    assert value >= float(THRESHOLD) * np.sqrt(s) - error


def test_below_two_it_does_not():
    value, error = haagerup(float(THRESHOLD), 1.5)
    assert value < float(THRESHOLD) * np.sqrt(1.5) - error


@given(st.lists(st.floats(0.05, 1.0), min_size=1, max_size=5), st.floats(0.05, 0.58))
def test_the_bound_by_concentration_holds_in_every_direction(entries, p):
    t = np.array(entries) / np.linalg.norm(entries)
    threshold = float(THRESHOLD)
    bound = p * (1 + (1 - p / threshold) * (1 - float(np.sum(t**4))) / 2)
    # 3^5 terms of at most sqrt(5) times their probability, and a bound below 1
    assert mean_modulus(t.tolist(), p) >= bound - 3 * gamma(3**5 + 50, "float64")


def test_at_the_threshold_pure_and_diagonal_tie():
    # 9 terms; 1 - p loses less than two bits of p
    expected = mean_modulus([0.5**0.5] * 2, float(THRESHOLD))
    assert expected == pytest.approx(float(THRESHOLD), rel=gamma(40, "float64"), abs=0)


@pytest.mark.parametrize("p", [Rational(3, 5), Rational(1, 2)])
def test_another_constant_has_no_tie_at_two_and_is_refused(p):
    with pytest.raises(StepError, match="tie"):
        above_root(p, 2 + _excess, _excess, {})


def test_an_argument_that_may_be_below_two_is_refused():
    with pytest.raises(StepError, match="below 2"):
        above_root(THRESHOLD, 1 + _excess, _excess - 1, {})


def test_weighted_means_refuse_another_characteristic_function():
    t = IndexedBase("t", positive=True)
    total = Sum(t[_i] * lazy(Rational(1, 2))[_i], (_i, 1, d))
    integral = modulus_as_integral(Mean(Abs(total)), total, Rational(1, 2), _u)
    with pytest.raises(StepError, match="factors"):
        spread_over_entries(integral.right, Rational(1, 3), t[_i])


def induction(dominated=_dominated, spread=None, largest=_LARGEST, constant=THRESHOLD):
    """The link of the induction over the number of entries, with a part exchanged."""
    t, signs = IndexedBase("t", positive=True), lazy(THRESHOLD)
    mean = Mean(Abs(Sum(t[_i] * signs[_i], (_i, 1, d))))
    first = dominated(one_entry_less(mean, constant, largest[1]))
    return every_direction(mean, constant, largest, first, _spread() if spread is None else spread)


def test_the_induction_goes_through_with_both_cases():
    assert induction().right == THRESHOLD


def test_a_case_that_ends_elsewhere_is_refused():
    with pytest.raises(StepError, match="elsewhere"):
        induction(spread=_spread().at_least(THRESHOLD / 2, "half"))
    with pytest.raises(StepError):
        induction(constant=Integer(1))


def test_a_case_that_leaves_out_directions_is_refused():
    with pytest.raises(StepError, match="another range"):
        induction(spread=_spread().narrowed({_u: (Integer(0), Integer(1))}))
    with pytest.raises(StepError, match="does not cover"):
        induction(dominated=lambda fewer: _dominated(fewer).narrowed({_u: (Integer(0), Rational(1, 4))}))
    with pytest.raises(StepError):
        induction(largest=(_LARGEST[0], _LARGEST[1] / 2))


def test_a_case_about_another_sum_is_refused():
    other = begin(Symbol("E"), Mean(Abs(lazy(THRESHOLD)[1])), "one entry", box=_dominated_box())
    with pytest.raises(StepError, match="something else"):
        induction(dominated=lambda _: other)


def _dominated_box():
    return {_u: (Integer(0), sqrt(2) - 1)}


def test_thinning_keeps_the_activities_apart():
    p = Symbol("p", positive=True)
    t, keep = IndexedBase("t", positive=True), kept_with(p / THRESHOLD)
    sparse, dense = (Mean(Abs(Sum(t[_i] * lazy(q)[_i], (_i, 1, d)))) for q in (p, THRESHOLD))
    assert sparse != dense
    kept = Sum(keep[_i] * t[_i] ** 2, (_i, 1, d))
    denser = begin(Symbol("E"), dense, "denser").by(granted(dense, ">=", THRESHOLD))
    assert thinned(sparse, p, THRESHOLD, denser, kept).right == Mean(THRESHOLD * sqrt(kept))
    with pytest.raises(StepError, match="denser sum"):
        thinned(sparse, p, Rational(1, 2), denser, kept)
    with pytest.raises(StepError, match="another energy"):
        thinned(sparse, p, THRESHOLD, denser, Sum(keep[_i] * t[_i], (_i, 1, d)))


def test_only_the_squares_of_the_entries_add_up_to_one():
    t = IndexedBase("t", positive=True)
    with pytest.raises(StepError, match="squared entries"):
        unit_length(Sum(t[_i], (_i, 1, d)), t[_i])


def test_the_chain_ends_at_the_bound_of_a_pure_direction():
    chain, _ = constant_amplitude()
    p, r = (Symbol(name, positive=True) for name in "pr")
    pure = chain.end.subs(CONCENTRATION, 1)
    assert (pure - p * r).subs({p: Rational(1, 5), r: 2}).equals(0)
    assert chain.relation == ">="
    assert chain.is_complete


def test_exact_moduli_are_exact():
    assert walk_moduli(Rational(1, 2), 2)[2] == Rational(3, 4)
    assert walk_moduli(THRESHOLD, 2)[2].equals(THRESHOLD * sqrt(2))
