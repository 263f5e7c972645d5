"""A normal vector whose covariance shrinks: its theorems against numbers, and refusals of wrong instances."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sympy import (
    Derivative,
    Dummy,
    IndexedBase,
    Integer,
    Integral,
    Product,
    Rational,
    Sum,
    Symbol,
    cos,
    exp,
    log,
    oo,
    sqrt,
)

from numerics.rounding import gamma
from tests.theory.granted import granted
from theory.contrastive.c1q_bottleneck import LAZY_FORMS, RANK_AXES
from theory.contrastive.lazy_forms import _form, eigenvalues, g, quadratic_forms, t
from theory.derivation import StepError, begin, opening
from theory.model import d, p
from theory.theorems.calculus import fundamental_theorem
from theory.theorems.indicators import Mean
from theory.theorems.khinchine import kept
from theory.theorems.shrinking import (
    FORM,
    P,
    Y,
    along_shrinking,
    change,
    complement_weighs,
    equal_scales,
    factors,
    for_matrix,
    grown,
    linearised,
    positive_factors,
    quadratic_form,
)

_i = Symbol("i", integer=True)
_ENTRIES = (_i, 1, d)
_BOX = {p: (Integer(0), Rational(1, 3)), t: (Integer(0), oo)}
_FALLING = p / (1 + (1 - p) * t)
_SLOPE = -_FALLING * (1 - _FALLING) / (1 + t)


def laplace(K: np.ndarray, rate: float) -> float:
    """`E exp(-x^T K x/2)` over all sign patterns."""
    total = 0.0
    for pattern in product((0, 1, -1), repeat=len(K)):
        active = sum(map(abs, pattern))
        weight = (rate / 2) ** active * (1 - rate) ** (len(K) - active)
        total += weight * np.exp(-np.array(pattern) @ K @ np.array(pattern) / 2)
    return float(total)


def on_axes(K: np.ndarray, rate: float) -> float:
    """The same for the diagonal matrix of the eigenvalues."""
    return float(np.prod(1 - rate + rate * np.exp(-np.linalg.eigvalsh(K) / 2)))


@given(st.integers(0, 2**32 - 1), st.integers(1, 4), st.floats(0.01, 1 / 3), st.floats(0.01, 30.0))
def test_forms_of_sparse_features_are_at_most_those_of_their_eigenvalues(seed, size, rate, scale):
    T = np.random.default_rng(seed).standard_normal((size, size))
    K = scale * T.T @ T
    # Eigenvalues and forms are off by a few dozen units of the norm of K, and so are the exponentials of minus half of
    # them, which have slopes of at most 1/2; a sum of 3^4 positive terms adds as many units.
    slack = float(gamma(3**4 + 64 * size * size, "float64")) * (1 + float(np.linalg.norm(K)))
    assert laplace(K, rate) <= on_axes(K, rate) + slack


def test_beyond_a_third_a_weak_form_at_45_degrees_is_larger():
    K = np.full((2, 2), 0.05)
    assert laplace(K, 0.35) > on_axes(K, 0.35) + 1e-7
    assert laplace(K, 0.3) < on_axes(K, 0.3) - 1e-7


def test_the_inequality_is_not_derived_beyond_a_third():
    for clause in (LAZY_FORMS, RANK_AXES):
        with pytest.raises(StepError, match="derived on"):
            clause.varied(LAZY_FORMS.near_miss).proof()


def test_the_change_of_a_factor_is_that_of_its_logarithm():
    y, a = Symbol("y", real=True), Dummy("a", real=True)
    log_factor = (1 - _FALLING + _FALLING * cos(y)).rewrite(exp).rewrite(cos)
    slope, curvature = log_factor.diff(y) / log_factor, (log_factor.diff(y) / log_factor).diff(y)
    expected = log_factor.diff(t) / log_factor - (slope**2 + a * curvature) / (1 + t)
    at = {p: Rational(1, 4), t: Rational(3, 2), y: Rational(7, 5), a: Rational(2, 3)}
    found_change = change(_FALLING, _SLOPE, cos(y), a, t)
    # Two forms of one number, compared at fifty digits.
    assert abs((expected - found_change).subs(at).evalf(50)) < Rational(1, 10**45)


def test_a_form_is_linearised_with_the_characteristic_function_of_its_signs():
    assert linearised(Mean(exp(-FORM / 2)), p, _ENTRIES).right == Mean(factors(p, Integer(0), _ENTRIES))
    with pytest.raises(StepError, match="another expectation"):
        linearised(Mean(exp(-FORM)), p, _ENTRIES)


def test_factors_that_may_vanish_are_refused():
    product_at = factors(_FALLING, t, _ENTRIES)
    wide = {p: (Integer(0), Integer(1)), t: _BOX[t]}
    with pytest.raises(StepError, match="may vanish"):
        positive_factors(product_at, _FALLING, t, wide)
    with pytest.raises(StepError, match="another product"):
        positive_factors(product_at, _FALLING / 2, t, _BOX)
    with pytest.raises(StepError, match="may vanish"):
        along_shrinking(Mean(product_at), _FALLING, _SLOPE, t, wide)


def test_the_interpolation_refuses_another_rate_of_the_activity():
    mean = Mean(factors(_FALLING, t, _ENTRIES))
    assert along_shrinking(mean, _FALLING, _SLOPE, t, _BOX).left == Derivative(mean, t)
    with pytest.raises(StepError, match="another rate"):
        along_shrinking(mean, _FALLING, 2 * _SLOPE, t, _BOX)


def test_a_vector_at_a_time_is_not_differentiated_as_if_it_stood_still():
    assert Y[t, _i].diff(t) != 0


def terms(kept_value, outside):
    """The sum whose terms the projection splits."""
    c = next(iter(outside.free_symbols))
    weight = P[t, _i, _i]
    return c, Sum((1 - weight) * outside.xreplace({c: cos(Y[t, _i])}) + weight * kept_value, _ENTRIES)


def test_what_the_projection_drops_must_not_be_negative():
    c = Symbol("c", real=True)
    chain = opening(1 - c, box={c: (Integer(-1), Integer(1))}).at_least(Integer(0), "a cosine")
    name, total = terms(p, 1 - c)
    assert complement_weighs(total, name, chain.at({}), p, t).right == p * Sum(P[t, _i, _i], _ENTRIES)
    with pytest.raises(StepError, match="another sum"):
        complement_weighs(total, name, chain.at({}), 2 * p, t)
    with pytest.raises(StepError, match="another range"):
        complement_weighs(total, name, chain.narrowed({c: (Integer(0), Integer(1))}).at({}), p, t)
    with pytest.raises(StepError, match="may be negative"):
        complement_weighs(total, name, granted(1 - c, "<=", Integer(0)), p, t)


def growth(rate, box=None):
    """A chain that takes for granted how fast the mean grows."""
    mean = Mean(factors(_FALLING, t, _ENTRIES))
    end = rate * Sum(P[t, _i, _i], _ENTRIES) * mean
    ranges = _BOX if box is None else box
    return opening(Derivative(mean, t), box=ranges).by(granted(Derivative(mean, t), ">=", end))


def test_growth_is_integrated_up_to_each_eigenvalue():
    j = Symbol("j", integer=True)
    rate, spectrum = _FALLING / (1 + t), (eigenvalues[j], (j, 1, d))
    assert isinstance(grown(growth(rate), rate, t, spectrum).right, Product)
    with pytest.raises(StepError, match="another rate"):
        grown(growth(rate), 2 * rate, t, spectrum)
    with pytest.raises(StepError, match="another range"):
        grown(growth(rate, {p: _BOX[p], t: (Integer(0), Integer(1))}), rate, t, spectrum)
    with pytest.raises(StepError, match="may be negative"):
        grown(growth(rate), rate, t, (IndexedBase("l", real=True)[j], (j, 1, d)))


def test_a_form_has_the_eigenvalues_that_are_declared():
    j = g[Symbol("j", integer=True)]
    chain, replaced = quadratic_forms(), eigenvalues[Symbol("j", integer=True)]
    with pytest.raises(StepError, match="another matrix"):
        for_matrix(chain, _form, t, j, replaced)
    with pytest.raises(StepError, match="positive semidefinite"):
        for_matrix(chain, _form, -t, j**2, replaced)
    other = begin(Symbol("E"), Mean(exp(-FORM)), "another form").at_least(Integer(0), "a mean")
    with pytest.raises(StepError, match="another matrix"):
        for_matrix(other, _form, t, j**2, replaced)
    with pytest.raises(ValueError, match="another matrix"):
        quadratic_form(_form, j)


def test_scales_are_averaged_over_exchangeable_indicators_only():
    j = Symbol("j", integer=True)
    held, range_ = kept(p), (j, 1, d)
    mean = Mean(sqrt(Sum(g[j] ** 2 * held[j], range_)))
    assert equal_scales(mean, g[j], p).relation == ">="
    with pytest.raises(StepError, match="another mean"):
        equal_scales(Mean(sqrt(Sum(g[j] * held[j], range_))), g[j], p)
    with pytest.raises(StepError, match="another mean"):
        equal_scales(mean, g[j], p / 2)


def test_the_fundamental_theorem_uses_the_ranges_of_its_parameters():
    x = Symbol("x", positive=True)
    integral = Integral((1 - p) / (1 + (1 - p) * x), (x, 0, 1))
    inside = {p: (Integer(0), Rational(1, 3))}
    assert fundamental_theorem(integral, log(1 + (1 - p) * x), inside).box == inside
    with pytest.raises(StepError, match="singularity"):
        fundamental_theorem(integral, log(1 + (1 - p) * x))
