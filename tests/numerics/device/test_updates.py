"""The device's updates, emulated on the host, against the portable ones."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from numerics.features import FeatureLaw
from numerics.optimisers import SGD, Adam, scheduled_rate
from numerics.rounding import gamma
from numerics.training.engine.device import DeviceUpdates
from numerics.training.engine.device.source import kernel_source
from numerics.training.engine.device.updates import _rates
from numerics.training.plan import SupervisedPlan
from numerics.training.updates import PortableUpdates
from tests.numerics.device.host import HostDevice

DTYPES = ("float32", "float64")
OPTIMISERS = (SGD(), SGD(0.75), Adam(), Adam(0.5, 0.75, 1e-3))
STEPS = 5


def make_plan(optimiser, *, unit_norm, dtype, schedule="cosine"):
    law = FeatureLaw.unit_energy(4, 0.5)
    extra = {"optimiser": optimiser, "unit_norm": unit_norm, "schedule": schedule, "dtype": dtype}
    return SupervisedPlan(law=law, hidden=3, b=0.5, steps=STEPS, learning_rate=0.125, **extra)


def make_arrays(seed, replicas, d, nodes, count):
    """Float64 numbers that float32 holds as well: parameters, and a gradient for each of `count` updates."""
    rng = np.random.default_rng(seed)
    shapes = {"W": (replicas, d, nodes), "a": (replicas, nodes)}
    drawn = [
        {name: rng.standard_normal(shape, dtype=np.float32).astype(np.float64) for name, shape in shapes.items()}
        for _ in range(count + 1)
    ]
    return drawn[0], drawn[1:]


def updated(updates, parameters, gradients, dtype, first=0):
    parameters = {name: x.astype(dtype) for name, x in parameters.items()}
    for step, gradient in enumerate(gradients):
        copies = {name: np.asfortranarray(x.astype(dtype)) for name, x in gradient.items()}
        parameters = updates.apply(parameters, copies, first + step)
    return parameters


def flat_bound(plan, x, gradients, dtype):
    """A bound on the error of `x` after updates by `gradients`.

    With M and V the sums of moduli that make up the moments after t updates: a term of M has taken part in fewer
    than 3 t + 2 roundings with those of its decay rates, a term of V in 4 t + 4; the root of V halves its relative
    error, and 10 roundings more make up the change, which is then added to x.
    """
    adam = isinstance(plan.optimiser, Adam)
    decay = (plan.optimiser.first, 1 - plan.optimiser.first) if adam else (plan.optimiser.momentum, 1.0)
    M, V, reach, error = 0.0, 0.0, np.abs(x), 0.0
    for t, gradient in enumerate(gradients):
        M = decay[0] * M + decay[1] * np.abs(gradient)
        rate, guard = _rates(plan)[t]
        change = rate * M
        if adam:
            V = plan.optimiser.second * V + (1 - plan.optimiser.second) * gradient**2
            change = change / (np.sqrt(V) + guard)
        reach = reach + change
        error = error + gamma(7 * (t + 1) + 16, dtype) * change * 2 + gamma(1, dtype) * reach
    return error


@pytest.mark.parametrize("dtype", DTYPES)
@settings(max_examples=20)
@given(seed=st.integers(0, 2**32), sides=st.tuples(*[st.integers(1, 40)] * 2), optimiser=st.sampled_from(OPTIMISERS))
def test_updates_are_the_portable_ones(dtype, seed, sides, optimiser):
    plan = make_plan(optimiser, unit_norm=False, dtype=dtype)
    parameters, gradients = make_arrays(seed, 2, *sides, STEPS)
    found = updated(DeviceUpdates(HostDevice(dtype), plan, parameters), parameters, gradients, dtype)
    expected = updated(PortableUpdates(plan, parameters), parameters, gradients, "float64")
    for name, x in parameters.items():
        bound = sum(flat_bound(plan, x, [one[name] for one in gradients], each) for each in (dtype, "float64"))
        assert np.all(np.abs(found[name] - expected[name]) <= bound)


def sphere_bound(plan, W, gradient, step, dtype):
    """A bound on the error of unit columns after one update from rest.

    The tangential gradient sums d products and takes off another: fewer than d + 4 roundings of its terms. An update
    from rest is odd and increasing in it; relative to the change, it errs by no more than four times the relative
    error of the gradient where that is below 1/2 (for Adam less), and by two greatest changes where it is not.
    Dividing by the norm adds the error of the norm, at most that of the column.
    """
    d = W.shape[-2]
    rate, guard = _rates(plan)[step]
    along = np.sum(gradient * W, axis=-2, keepdims=True)
    terms = np.abs(gradient) + np.abs(W) * np.sum(np.abs(gradient * W), axis=-2, keepdims=True)
    tangential, error = gradient - W * along, gamma(d + 4, dtype) * terms
    if isinstance(plan.optimiser, Adam):
        first, second = plan.optimiser.first, plan.optimiser.second
        change = rate * (1 - first) * tangential / (np.sqrt(1 - second) * np.abs(tangential) + guard)
        greatest = rate * (1 - first) / np.sqrt(1 - second)
        share = error / np.maximum(np.abs(tangential), np.finfo(np.float64).tiny)
        spread = np.where(share < 0.5, 4 * share * np.abs(change), 2 * greatest)
    else:
        change, spread = rate * tangential, rate * error
    moved = W - change
    spread = spread + gamma(20, dtype) * np.abs(change) + gamma(1, dtype) * np.abs(moved)
    length = np.linalg.norm(moved, axis=-2, keepdims=True)
    eta = np.linalg.norm(spread, axis=-2, keepdims=True) / length
    assert np.all(eta < 0.5)
    return 2 * (spread + np.abs(moved) * eta) / length + gamma(d + 4, dtype) * np.abs(moved) / length


@pytest.mark.parametrize("dtype", DTYPES)
@settings(max_examples=20)
@given(
    seed=st.integers(0, 2**32),
    sides=st.tuples(st.integers(2, 40), st.integers(1, 70)),
    optimiser=st.sampled_from(OPTIMISERS),
    step=st.integers(0, STEPS - 1),
)
def test_updates_on_the_sphere_are_the_portable_ones(dtype, seed, sides, optimiser, step):
    plan = make_plan(optimiser, unit_norm=True, dtype=dtype)
    parameters, gradients = make_arrays(seed, 2, *sides, 1)
    W = parameters["W"] / np.linalg.norm(parameters["W"], axis=-2, keepdims=True)
    parameters["W"] = W.astype(np.float32).astype(np.float64)
    found = updated(DeviceUpdates(HostDevice(dtype), plan, parameters), parameters, gradients, dtype, step)
    expected = updated(PortableUpdates(plan, parameters), parameters, gradients, "float64", step)
    both = (sphere_bound(plan, parameters["W"], gradients[0]["W"], step, each) for each in (dtype, "float64"))
    assert np.all(np.abs(found["W"] - expected["W"]) <= sum(both))


MUTANTS = {
    "descends upwards": ("return x - rate * g;", "return x + rate * g;", SGD(), False),
    "forgets its velocity": ("m[i] = decay.first * m[i] + g;", "m[i] = g;", SGD(0.75), False),
    "takes the first for the second rate": ("decay.second * v[i]", "decay.first * v[i]", Adam(), False),
    "loses digits of a rate": ("decay.rest_of_second * (g * g)", "(1 - decay.second) * (g * g)", Adam(), False),
    "leaves the sphere": ("W[start + Index(i) * H] /= norm", "W[start + Index(i) * H] /= 1", Adam(), True),
    "moves across the sphere": ("gradient[at] - W[at] * along", "gradient[at] + W[at] * along", SGD(), True),
}


@pytest.mark.parametrize("name", MUTANTS)
def test_a_mutated_update_is_told_apart(name):
    old, new, optimiser, unit_norm = MUTANTS[name]
    whole = kernel_source()
    assert whole.count(old) == 1
    plan = make_plan(optimiser, unit_norm=unit_norm, dtype="float32")
    parameters, gradients = make_arrays(1, 2, 8, 9, 1 if unit_norm else STEPS)
    if unit_norm:
        parameters["W"] /= np.linalg.norm(parameters["W"], axis=-2, keepdims=True)
    updates = DeviceUpdates(HostDevice("float32", source=whole.replace(old, new)), plan, parameters)
    found = updated(updates, parameters, gradients, "float32")["W"]
    expected = updated(PortableUpdates(plan, parameters), parameters, gradients, "float64")["W"]
    both = (
        sphere_bound(plan, parameters["W"], gradients[0]["W"], 0, each)
        if unit_norm
        else flat_bound(plan, parameters["W"], [one["W"] for one in gradients], each)
        for each in ("float32", "float64")
    )
    assert not np.all(np.abs(found - expected) <= sum(both) + gamma(3, "float32"))


@pytest.mark.parametrize("schedule", ["constant", "cosine", "linear"])
def test_rates_are_those_of_the_schedule(schedule):
    plan = make_plan(SGD(), unit_norm=False, dtype="float64", schedule=schedule)
    expected = [scheduled_rate(plan.learning_rate, schedule, step, STEPS) for step in range(STEPS)]
    assert np.array_equal(_rates(plan)[:, 0], expected)
