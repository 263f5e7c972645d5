from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from numerics.network import GatedNetwork, forward, preactivations
from numerics.rounding import (
    central_difference_bound,
    forward_bound,
    gamma,
    preactivation_bound,
    unit_roundoff,
)

DTYPES = ["float32", "float64"]


def random_arrays(dtype, *shapes):
    """Normal draws of a dtype, which no product of a few brings near over- or underflow."""
    rng = np.random.default_rng(0)
    return [rng.standard_normal(shape).astype(dtype) for shape in shapes]


def exactly(x):
    return np.vectorize(lambda v: Fraction(float(v)), otypes=[object])(x)


@pytest.mark.parametrize(("dtype", "bits"), [("float32", 24), ("float64", 53)])
def test_unit_roundoff_is_half_the_last_place(dtype, bits):
    assert unit_roundoff(dtype) == 2.0**-bits
    one = np.dtype(dtype).type(1)
    assert one + np.dtype(dtype).type(unit_roundoff(dtype)) == one
    assert one + np.dtype(dtype).type(1.5 * unit_roundoff(dtype)) > one


@given(n=st.integers(1, 50), dtype=st.sampled_from(DTYPES))
def test_gamma_covers_n_roundings_in_a_row(n, dtype):
    """(1 + u)^n and (1 - u)^-n stray from 1 by at most gamma_n, which is at least n u."""
    u, bound = Fraction(unit_roundoff(dtype)), Fraction(gamma(n, dtype)) * (1 + Fraction(1, 2**50))
    assert (1 + u) ** n - 1 <= bound
    assert 1 / (1 - u) ** n - 1 <= bound
    assert bound >= n * u


@pytest.mark.parametrize("n", [-1, 2**24])
def test_gamma_refuses_what_can_lose_everything(n):
    with pytest.raises(ValueError, match=f"n is {n}"):
        gamma(n, "float32")


@pytest.mark.parametrize("dtype", DTYPES)
def test_products_err_within_their_bound(dtype):
    x, y = random_arrays(dtype, (30, 40), (30, 40))
    error = np.abs(exactly(np.sum(x * y, axis=-1)) - np.sum(exactly(x) * exactly(y), axis=-1))
    assert np.all(error.astype(float) <= gamma(40, dtype) * np.sum(np.abs(x * y), axis=-1))
    assert np.any(error > 0)


@pytest.mark.parametrize("dtype", DTYPES)
def test_forward_passes_err_within_their_bound(dtype):
    W, a, Z = random_arrays(dtype, (10, 6), (6,), (8, 10))
    net = GatedNetwork(W, a, np.full(6, 0.5, dtype))
    V = exactly(Z) @ exactly(W)
    assert np.all(np.abs(exactly(preactivations(net, Z)) - V).astype(float) <= preactivation_bound(net, Z))
    assert np.all(np.abs(np.abs(V) - Fraction(1, 2)) > exactly(preactivation_bound(net, Z)))
    f = np.where(np.abs(V) >= Fraction(1, 2), V, Fraction(0)) @ exactly(a)
    assert np.all(np.abs(exactly(forward(net, Z)) - f).astype(float) <= forward_bound(net, Z))


coefficients = hnp.arrays(np.float64, 4, elements=st.integers(-8, 8).map(float))


@given(c=coefficients, x=st.integers(-8, 8), exponent=st.integers(-10, 0))
def test_a_cubic_attains_the_truncation_bound(c, x, exponent):
    """f(t) = c0 + c1 t + c2 t^2 + c3 t^3 has f''' = 6 c3, and its central difference errs by c3 h^2."""
    h = Fraction(2) ** exponent
    c0, c1, c2, c3 = exactly(c)

    def f(t):
        return c0 + c1 * t + c2 * t**2 + c3 * t**3

    error = abs((f(x + h) - f(x - h)) / (2 * h) - (c1 + 2 * c2 * x + 3 * c3 * x**2))
    assert error == central_difference_bound(float(h), 0.0, 6 * abs(float(c3)))


@given(error=st.floats(1e-12, 1.0), exponent=st.integers(-10, 0))
def test_opposite_evaluation_errors_attain_the_rounding_bound(error, exponent):
    h = Fraction(2) ** exponent
    assert float((2 * Fraction(error)) / (2 * h)) == central_difference_bound(float(h), error)


def test_a_step_of_zero_is_refused():
    with pytest.raises(ValueError, match=r"step is 0\.0"):
        central_difference_bound(0.0, 1.0)
