"""Activations against their definitions, their derivatives against differences, and what they do near zero."""

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from numerics.activations import SMOOTH, THRESHOLDED, LeakyReLU, activation
from numerics.backend import to_numpy
from numerics.rounding import central_difference_bound, gamma
from tests.numerics.assertions import assert_array_equals

DEFINITIONS = {
    "gate": lambda v, b: v if abs(v) >= b else mpmath.mpf(0),
    "soft_threshold": lambda v, b: mpmath.sign(v) * max(abs(v) - b, 0),
    "biased_relu": lambda v, b: max(v - b, mpmath.mpf(0)),
    "relu": lambda v, _: max(v, mpmath.mpf(0)),
    "leaky_relu": lambda v, _: v if v > 0 else v * mpmath.mpf(0.01),
    "tanh": lambda v, _: mpmath.tanh(v),
    "sigmoid": lambda v, _: 1 / (1 + mpmath.exp(-v)),
    "silu": lambda v, _: v / (1 + mpmath.exp(-v)),
    "gelu": lambda v, _: v * mpmath.ncdf(v),
}
STEP = 2.0**-16
# |act'''| is at most 2 for each (tanh: 2, at zero).
THIRD_DERIVATIVE = 2.0

names = st.sampled_from(sorted(DEFINITIONS))
dyadic = st.integers(-8 * 64, 8 * 64).map(lambda n: n / 64)
thresholds = st.integers(1, 128).map(lambda n: n / 64)


def exact(name, v, b):
    with mpmath.workdps(40):
        return float(DEFINITIONS[name](mpmath.mpf(v), mpmath.mpf(b)))


def ulps(name, v):
    """Rounding of a value: exp, tanh and ndtr are good to 8 units in the last place, and 6 operations follow.

    The smooth ones are at most |v| + 1, and ``e^-|v|`` keeps its relative error.
    """
    return gamma(16, "float64") * (abs(v) + 1) if name in SMOOTH else gamma(2, "float64") * abs(v)


def test_every_activation_has_a_definition_here():
    assert set(DEFINITIONS) == {*THRESHOLDED, *SMOOTH}


@given(name=names, v=st.lists(dyadic, min_size=1, max_size=6), b=thresholds)
def test_values_are_those_of_the_definition(backend, xp, name, v, b):
    found = activation(name, b).value(backend.asarray(np.array(v)))
    expected = [exact(name, x, b) for x in v]
    assert_array_equals(found, expected, bound=np.array([ulps(name, x) for x in v]), xp=xp)


@given(name=names, v=dyadic, b=thresholds)
def test_derivatives_are_the_slopes_off_kinks_and_jumps(backend, xp, name, v, b):
    kinks = (b, -b) if name in THRESHOLDED else (0.0,) if "relu" in name else ()
    if any(abs(v - kink) <= STEP for kink in kinks):
        v += 4 * STEP
    act = activation(name, b)
    above, below = (exact(name, v + h, b) for h in (STEP, -STEP))
    allowed = central_difference_bound(STEP, ulps(name, abs(v) + 1), THIRD_DERIVATIVE) + ulps("tanh", v)
    found = act.derivative(backend.asarray(np.array([v])))
    assert_array_equals(found, [(above - below) / (2 * STEP)], bound=allowed, xp=xp)


@given(name=names, b=thresholds)
def test_the_leak_is_the_mean_of_both_slopes_at_zero(backend, name, b):
    act = activation(name, b)
    tiny = 2.0**-60
    slopes = to_numpy(act.derivative(backend.asarray(np.array([-tiny, tiny]))))
    assert abs(act.leak - slopes.mean()) <= gamma(16, "float64")


@given(name=st.sampled_from(sorted(THRESHOLDED)), b=thresholds, share=st.floats(-0.99, 0.99))
def test_thresholded_activations_are_silent_below_their_threshold(backend, name, b, share):
    v = backend.asarray(np.array([share * b]))
    assert to_numpy(activation(name, b).value(v)) == 0


@pytest.mark.parametrize("name", ["tanh", "sigmoid", "silu", "gelu"])
def test_tails_neither_overflow_nor_lose_the_limit(backend, name):
    far = backend.asarray(np.array([-800.0, 800.0]))
    for f in (activation(name).value, activation(name).derivative):
        assert np.all(np.isfinite(to_numpy(f(far))))
    assert to_numpy(activation(name).derivative(far))[0] == 0


@pytest.mark.parametrize("name", sorted(DEFINITIONS))
def test_dtype_is_kept(backend, name):
    v = backend.asarray(np.array([-0.5, 0.25, 2.0]), dtype="float32")
    act = activation(name, 1.0)
    assert act.value(v).dtype == act.derivative(v).dtype == backend.xp.float32


@pytest.mark.parametrize(
    ("make", "problem"),
    [
        (lambda: activation("gate"), "b is 0.0"),
        (lambda: activation("softplus"), "name is 'softplus'"),
        (lambda: LeakyReLU(2.0), "slope is 2.0"),
    ],
)
def test_wrong_arguments_are_named(make, problem):
    with pytest.raises(ValueError, match=problem):
        make()
