"""Whole runs on an emulated device."""

import numpy as np
import pytest

from numerics.backend import select_backend
from numerics.features import FeatureLaw
from numerics.memory_estimates import device_replica_bytes
from numerics.optimisers import SGD, Adam
from numerics.streams import Streams
from numerics.training.engine.device import loop as loop_module
from numerics.training.engine.device.training import train_on_device
from numerics.training.plan import SupervisedPlan
from tests.numerics.device.host import HostDevice

NUMPY = select_backend("numpy")


def make_plan(**fields):
    sizes = {"hidden": 5, "b": 0.4, "steps": 23, "batch": 8, "record_every": 12}
    given = sizes | {"attack": "fgm", "norm": "l2", "eps": 0.1} | fields
    return SupervisedPlan(law=FeatureLaw.unit_energy(4, 0.5), sigma=0.05, tau=0.1, **given)


def train(plan, device=None, replicas=2, **how):
    device = HostDevice(plan.dtype) if device is None else device
    return train_on_device(plan, Streams(7), replicas, device, NUMPY, **how)


@pytest.mark.parametrize("optimiser", [SGD(0.5), Adam()])
@pytest.mark.parametrize("unit_norm", [False, True])
def test_a_recorded_run_is_the_run_step_by_step(monkeypatch, optimiser, unit_norm):
    """22 and 11 updates, of which 20 and 10 go in blocks, two of them replayed; then with nothing recorded."""
    plan = make_plan(steps=33, record_every=22, optimiser=optimiser, unit_norm=unit_norm)
    recorded = train(plan).record
    monkeypatch.setattr(loop_module, "RECORDED_UPDATES", plan.steps + 1)
    eager = train(plan).record
    assert np.array_equal(recorded.net.W, eager.net.W)
    assert np.array_equal(recorded.net.a, eager.net.a)
    assert np.array_equal(recorded.history.attacked_loss, eager.history.attacked_loss)


def test_a_replica_trains_alone(monkeypatch):
    """However many train beside it, and in chunks of whatever size."""
    plan = make_plan()
    device = HostDevice(plan.dtype)
    monkeypatch.setattr(device, "free_bytes", lambda: 2 * device_replica_bytes(plan))
    alone, two = train(plan, replicas=1).record, train(plan, device, share_of_memory=0.5)
    assert two.replicas_at_once == 1
    assert np.array_equal(two.record.net.W, train(plan).record.net.W)
    assert np.array_equal(two.record.net.W[:1], alone.net.W)


def test_the_history_is_that_of_a_run_and_the_record_tells_where_data_were_drawn():
    run = train(make_plan(dtype="float64"))
    assert run.sampling == "device"
    assert list(run.record.history.step) == [0, 12]
    assert not np.array_equal(run.record.U_initial, run.record.U_final)
    assert np.all(run.record.history.clean_loss < run.record.history.attacked_loss)


def test_training_lowers_the_loss():
    """A head that starts near 0 has a loss of E Y^2 = 1.01; fitted, one far below."""
    plan = make_plan(attack="none", eps=0.0, steps=300, batch=32, hidden=16, b=0.2, learning_rate=0.02)
    losses = train(plan, replicas=1).record.history.clean_loss[:, 0]
    assert losses[-3:].mean() < losses[0] / 2


@pytest.mark.parametrize("fields", [{}, {"attack": "pgd", "M": np.eye(4)}, {"hidden": 200}, {"batch": 300}])
def test_a_replica_takes_no_more_memory_than_was_counted(fields):
    """Beside it there are the rates of all updates, the target, the dictionary, and a few numbers for the loop."""
    plan, device = make_plan(**fields), HostDevice("float32")
    train(plan, device, replicas=3)
    weights = 3 * (plan.law.d + 1) * plan.hidden
    shared = 2 * plan.steps + plan.law.d * (plan.law.d + 1) + 64
    assert device.allocated + 4 * weights <= 3 * device_replica_bytes(plan) + 4 * shared


def test_progress_ends_at_the_updates_of_all_chunks():
    seen = []
    train(make_plan(), progress=lambda done, total: seen.append((done, total)))
    assert seen == [(12, 23), (23, 23)]


@pytest.mark.parametrize(
    ("fields", "how", "message"),
    [
        ({"activation": "relu", "b": 0.0}, {}, "activation is 'relu'; expected 'gate'"),
        ({}, {"share_of_memory": 0.0}, r"share_of_memory is 0.0; expected a number in \(0, 1\]"),
    ],
)
def test_what_no_kernel_computes_is_refused(fields, how, message):
    with pytest.raises(ValueError, match=message):
        train(make_plan(**fields), **how)


def test_a_step_takes_one_pass_between_products():
    device = HostDevice("float32")
    train(make_plan(steps=1), device, replicas=1)
    measured, update = device.launched[:6], device.launched[6:]
    passes = ["draw", "weigh_gates", "attack_step", "read_out", "finish_gradients"]
    assert measured == [*passes, "mean_squares"]
    assert update == [*passes, "update", "update", "advance"]
