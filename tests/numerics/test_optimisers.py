import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from numerics.backend import to_numpy
from numerics.optimisers import SGD, Adam, scheduled_rate
from numerics.rounding import gamma

GRADIENTS = np.array([[0.5, -0.25, 3.0], [1.0, 0.125, -2.0], [-0.75, 0.5, 0.25]])
START = np.array([1.0, -2.0, 0.5])
RATE = 0.125


def run(optimiser, gradients, backend=None):
    """The parameters after one update for each row of `gradients`."""
    asarray = np.asarray if backend is None else backend.asarray
    parameters = {"x": asarray(START)}
    state = optimiser.initial_state(parameters)
    for step, gradient in enumerate(gradients):
        parameters, state = optimiser.update(parameters, {"x": asarray(gradient)}, state, RATE, step)
    return to_numpy(parameters["x"])


def textbook_adam(gradients, first=0.9, second=0.999, guard=1e-8):
    """Algorithm 1 of Kingma and Ba line by line."""
    x, m, v = START.copy(), np.zeros(3), np.zeros(3)
    for t, g in enumerate(gradients, start=1):
        m = first * m + (1 - first) * g
        v = second * v + (1 - second) * g**2
        x = x - RATE * (m / (1 - first**t)) / (np.sqrt(v / (1 - second**t)) + guard)
    return x


def test_gradient_descent_subtracts_rate_times_gradients(backend):
    # Every number is dyadic: nothing is rounded.
    assert np.array_equal(run(SGD(), GRADIENTS, backend), START - RATE * GRADIENTS.sum(axis=0))


def test_momentum_sums_a_constant_gradient_geometrically():
    moved = run(SGD(momentum=0.5), [GRADIENTS[0]] * 3)
    assert np.array_equal(moved, START - RATE * GRADIENTS[0] * (1 + 1.5 + 1.75))


def test_adam_follows_the_textbook(backend):
    # Three updates of fewer than 20 roundings each; moments of mixed sign cancel by at most the factor below.
    sizes = np.abs(START) + 3 * RATE * 10
    assert np.all(np.abs(run(Adam(), GRADIENTS, backend) - textbook_adam(GRADIENTS)) <= gamma(60, "float64") * sizes)


def test_adam_with_a_wrong_bias_correction_is_told_apart():
    late = Adam()
    parameters = {"x": START}
    moved, _ = late.update(parameters, {"x": GRADIENTS[0]}, late.initial_state(parameters), RATE, 1)
    assert np.all(np.abs(moved["x"] - textbook_adam(GRADIENTS[:1])) > gamma(60, "float64") * 10)


def test_updates_leave_their_arguments_alone():
    for optimiser in (SGD(), SGD(0.5), Adam()):
        run(optimiser, GRADIENTS)
    assert np.array_equal(START, [1.0, -2.0, 0.5])


@given(steps=st.integers(1, 1000), rate=st.floats(1e-4, 1.0))
def test_schedules_start_at_the_rate_and_never_rise(steps, rate):
    for schedule in ("constant", "linear", "cosine"):
        rates = [scheduled_rate(rate, schedule, step, steps) for step in range(steps)]
        assert rates[0] == rate
        assert all(later <= earlier for earlier, later in itertools.pairwise(rates))
        assert rates[-1] > 0


def test_cosine_schedule_is_half_way_down_in_the_middle():
    # cos(pi/2) is off zero by the rounding of pi, below one unit roundoff times pi.
    assert math.isclose(scheduled_rate(1.0, "cosine", 5, 10), 0.5, rel_tol=gamma(4, "float64"))


@pytest.mark.parametrize(
    "build",
    [lambda: SGD(1.0), lambda: SGD(-0.1), lambda: Adam(first=1.0), lambda: Adam(second=2), lambda: Adam(guard=0)],
)
def test_values_out_of_range_are_named(build):
    with pytest.raises(ValueError, match=r"^(momentum|first|second|guard) is .*; expected "):
        build()
