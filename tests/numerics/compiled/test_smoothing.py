"""The slopes of smoothed gates as compiled."""

import numpy as np
import pytest

from numerics.attacks.smoothing import smoothed_gate_slope
from numerics.compiled.smoothing import smoothing_of, weigh_smoothed
from numerics.rounding import gamma, unit_roundoff


def slopes(V, b, sharpness):
    found = V.copy()
    weigh_smoothed(found, np.ones_like(b), b, sharpness, smoothing_of(V.dtype))
    return found


def bound(V, sharpness):
    """On the error of a slope ``s + |v| s (1 - s)/width``.

    The series of degree n below 0.3 takes 2 n operations on terms whose sum is below e^.6 times the exponential, and
    leaves out less than one rounding; m squarings double its error and that of rounding them each time. The argument
    is off by two roundings, where beyond `far` all is: the window is off by u there. The logistic function takes on a
    quarter of the relative error of the exponential, as its derivative does, and both are then rounded a few times.
    """
    far, part, series = smoothing_of(V.dtype)
    terms = len(series) - 1 if V.dtype == np.float64 else 7
    u = unit_roundoff(V.dtype)
    exponential = 2 * far * u + (np.exp(0.6) * gamma(2 * terms + 1, V.dtype) + 2 * u) / part
    return (1 + np.abs(V) * sharpness) * (exponential / 4 + 8 * u)


@pytest.fixture(params=["float32", "float64"])
def drawn(request):
    """Preactivations from far below the gates to far above, on them, and at 0; gates from wide to sharp."""
    rng = np.random.default_rng(2)
    b = np.concatenate([rng.uniform(0.1, 2, 90), np.zeros(10)])
    V = np.concatenate([rng.standard_normal((200, 100)), b[None], -b[None], np.zeros((1, 100))])
    return V.astype(request.param), b.astype(request.param), (10 ** rng.uniform(-1, 4, 100)).astype(request.param)


def exact(V, b, sharpness):
    return smoothed_gate_slope(V.astype(np.longdouble), b.astype(np.longdouble), 1 / sharpness.astype(np.longdouble))


def test_slopes_of_smoothed_gates_are_those_of_the_portable_attack(drawn):
    V, b, sharpness = drawn
    assert np.all(np.abs(slopes(V, b, sharpness) - exact(V, b, sharpness)) <= bound(V, sharpness))


def test_other_slopes_are_told_apart(drawn):
    V, b, sharpness = drawn
    for found in (slopes(V, b, sharpness * V.dtype.type(1.01)), slopes(V * V.dtype.type(1.01), b, sharpness)):
        assert np.any(np.abs(found - exact(V, b, sharpness)) > bound(V, sharpness))


def test_a_gate_far_from_its_threshold_does_not_move(drawn):
    V, b, _ = drawn
    sharp = np.full_like(b, 1e6)
    far = np.abs(np.abs(V) - b) > 1e-4
    assert np.array_equal(slopes(V, b, sharp)[far], ((np.abs(V) > b) | (b == 0)).astype(V.dtype)[far])
