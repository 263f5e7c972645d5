"""Properties that only a CUDA device can show; other tests show the rest on emulated kernels."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from numerics.backend import backend_status, select_backend, to_numpy
from numerics.features import FeatureLaw, rotation
from numerics.rounding import unit_roundoff
from numerics.streams import Streams
from numerics.training.engine import StepShape
from numerics.training.engine.device import DeviceSampler, DeviceStep, DeviceUpdates, cupy_device
from numerics.training.engine.device import loop as loop_module
from numerics.training.engine.device.training import train_on_device
from numerics.training.plan import SupervisedPlan
from numerics.training.step import StepGradients, TrainingAttack
from numerics.training.updates import PortableUpdates
from tests.numerics.device.host import HostDevice
from tests.numerics.device.test_sampling import make_plan as data_plan
from tests.numerics.device.test_step import DTYPES, NORMS, distances, make_task, tasks
from tests.numerics.device.test_updates import OPTIMISERS, STEPS, flat_bound, make_arrays, make_plan, updated

STATUS = {one.name: one for one in backend_status()}["cupy"]
pytestmark = [pytest.mark.gpu, pytest.mark.skipif(not STATUS.available, reason=STATUS.detail)]


def run(task, dtype, precision="float32"):
    """Gradients and losses of a task, computed on the device and fetched."""
    device = cupy_device(dtype, precision)
    step = DeviceStep(device, StepShape(*task.shape, dtype), task.net.b, task.attack)
    W, a, Z, y = (device.asarray(x.astype(dtype)) for x in (task.net.W, task.net.a, task.Z, task.y))
    found = step.gradients({"W": W, "a": a}, Z, y)
    gradients = {name: to_numpy(x) for name, x in found.gradients.items()}
    return StepGradients(gradients, to_numpy(found.clean_loss), to_numpy(found.attacked_loss))


@pytest.mark.parametrize("dtype", DTYPES)
@settings(max_examples=25)
@given(task=tasks)
def test_the_device_computes_the_portable_step(dtype, task):
    allowed, decided = task.bounds(dtype)
    assume(decided)
    for name, distance in distances(run(task, dtype), task.expected()).items():
        assert np.all(distance <= allowed[name]), f"{name}: {distance.max():.3g}"


@pytest.mark.parametrize("norm", NORMS)
def test_long_rows_are_summed_whole(norm):
    task = make_task(1, 2, 1500, 700, 3, TrainingAttack(norm, 0.5, 2))
    allowed, decided = task.bounds("float64")
    assert decided
    for name, distance in distances(run(task, "float64"), task.expected()).items():
        assert np.all(distance <= allowed[name])


@pytest.mark.parametrize("dtype", DTYPES)
@settings(max_examples=10)
@given(seed=st.integers(0, 2**32), optimiser=st.sampled_from(OPTIMISERS))
def test_the_device_updates_as_the_portable_updates(dtype, seed, optimiser):
    device, plan = cupy_device(dtype, "float32"), make_plan(optimiser, unit_norm=False, dtype=dtype)
    start, gradients = make_arrays(seed, 2, 30, 20, STEPS)
    found = {name: device.asarray(x.astype(dtype)) for name, x in start.items()}
    updates = DeviceUpdates(device, plan, found)
    for step, gradient in enumerate(gradients):
        updates.apply(found, {name: device.asarray(x.astype(dtype)) for name, x in gradient.items()}, step)
    expected = updated(PortableUpdates(plan, start), start, gradients, "float64")
    for name, x in start.items():
        bound = sum(flat_bound(plan, x, [one[name] for one in gradients], each) for each in (dtype, "float64"))
        assert np.all(np.abs(to_numpy(found[name]) - expected[name]) <= bound)


@pytest.mark.parametrize("dictionary", [False, True])
def test_the_device_draws_what_its_emulation_draws(dictionary):
    """Words are the same bit for bit, so supports are; logarithms and sines may differ by some units in the last place.

    CUDA states at most 2 units for each in double precision; a product and a root follow, and the dictionary sums 11
    products: 64 roundings of numbers below 11 cover them.
    """
    M = rotation(11, np.random.default_rng(0)) if dictionary else None
    plan = data_plan(dtype="float64", sigma=0.25, tau=0.5, M=M)
    drawn = []
    for device in (cupy_device("float64", "float32"), HostDevice("float64")):
        Z, y = device.empty((2, plan.batch, 11)), device.empty((2, plan.batch))
        sampler = DeviceSampler(device, plan, [Streams(5).child(k) for k in "01"])
        sampler.queue(device.asarray(np.asarray([3], np.uint32)), 0, Z, y)
        drawn.append((to_numpy(Z), to_numpy(y)))
    for there, here in zip(*drawn, strict=True):
        assert np.all(np.abs(there - here) <= 64 * unit_roundoff("float64") * 11)


def training_plan(**fields):
    given = {"hidden": 64, "b": 0.3, "steps": 200, "batch": 128, "record_every": 40, "sigma": 0.02} | fields
    return SupervisedPlan(law=FeatureLaw.unit_energy(32, 0.1), **given)


def train(plan, precision="float32", replicas=4):
    return train_on_device(
        plan, Streams(11), replicas, cupy_device(plan.dtype, precision), select_backend("cupy")
    ).record


def test_a_replayed_graph_computes_what_it_recorded(monkeypatch):
    """The same kernels with the same arguments: the same bits."""
    plan = training_plan(attack="fgm", eps=0.1)
    replayed = train(plan)
    monkeypatch.setattr(loop_module, "RECORDED_UPDATES", plan.steps + 1)
    eager = train(plan)
    assert np.array_equal(to_numpy(replayed.net.W), to_numpy(eager.net.W))
    assert np.array_equal(replayed.history.attacked_loss, eager.history.attacked_loss)


def test_a_loop_that_fetches_cannot_be_recorded():
    """Every training run records its loop, so none fetches: this shows that one that did would be refused."""
    device = cupy_device("float32", "float32")
    x = device.asarray(np.ones(4, np.float32))
    with pytest.raises(RuntimeError):
        device.record(lambda: to_numpy(x))


def test_tf32_is_used_where_it_is_asked_for_and_nowhere_else():
    """Products of numbers near 1 with 24 bits: TF32 keeps 11 of them, float32 all within the bound."""
    task = make_task(5, 1, 256, 256, 256, None)
    allowed, _ = task.bounds("float32")
    plain, coarse = (distances(run(task, "float32", p), task.expected())["W"] for p in ("float32", "tf32"))
    assert np.all(plain <= allowed["W"])
    assert np.median(coarse) > 8 * np.median(plain)


def test_tf32_leaves_the_verdict_of_training_as_it_is(record_property):
    """Adversarial training ends purer than clean training in every replica, at either precision; both are recorded."""
    verdicts = {}
    for precision in ("float32", "tf32"):
        clean, attacked = (
            train(training_plan(steps=2000, **fields), precision).history.participation[-1]
            for fields in ({}, {"attack": "fgm", "eps": 0.2})
        )
        record_property(f"participation, {precision}", {"clean": clean.tolist(), "adversarial": attacked.tolist()})
        verdicts[precision] = bool(np.all(attacked < clean))
    assert verdicts == {"float32": True, "tf32": True}
