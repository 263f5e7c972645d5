import dataclasses

import numpy as np
import pytest

from numerics.backend import select_backend
from numerics.features import FeatureLaw, UniformAmplitude, rotation
from numerics.optimisers import SGD
from numerics.rounding import gamma
from numerics.streams import Streams
from numerics.training import SupervisedPlan, train_supervised
from numerics.training.batches import batches

LAW = FeatureLaw.unit_energy(6, 0.3)
CLEAN = SupervisedPlan(law=LAW, hidden=9, b=0.1, sigma=0.05, tau=0.1, steps=25, batch=16, record_every=10)
FGM = dataclasses.replace(CLEAN, attack="fgm", eps=0.1)
PLANS = {
    "clean": CLEAN,
    "fgm": FGM,
    "pgd": dataclasses.replace(FGM, attack="pgd", norm="linf", attack_steps=3),
    "unit norm": dataclasses.replace(FGM, unit_norm=True, norm="l1", optimiser=SGD(0.5)),
    "dictionary": dataclasses.replace(
        FGM, M=rotation(6, np.random.default_rng(0)), law=FeatureLaw(6, 0.3, UniformAmplitude(0.5, 1.0))
    ),
}
NUMPY = select_backend("numpy")


def train(plan, replicas, backend=NUMPY, **options):
    return train_supervised(plan, Streams(7), replicas, backend, **options)


def test_the_record_has_the_shapes_and_steps_that_it_says():
    record = train(PLANS["dictionary"], 3)
    assert record.net.W.shape == record.U_initial.shape == record.U_final.shape == (3, 6, 9)
    assert record.net.W.dtype == np.float32
    assert list(record.history.step) == [0, 10, 20]
    assert record.history.participation.shape == record.history.attacked_loss.shape == (3, 3)


def test_feature_weights_are_read_through_the_dictionary():
    record = train(PLANS["dictionary"], 2)
    W = np.asarray(record.plan.M) @ record.U_final
    # M is rounded to float32, then one product of length d: d + 1 roundings; |M|^T |W| <= sqrt(d) ||w|| an entry.
    scale = np.sqrt(6) * np.linalg.norm(record.net.W, axis=-2, keepdims=True)
    assert np.all(np.abs(W - record.net.W) <= np.sqrt(6) * gamma(8, "float32") * scale)


def test_unit_norm_columns_stay_on_the_sphere():
    norms = np.linalg.norm(train(PLANS["unit norm"], 2).net.W.astype(np.float64), axis=-2)
    assert np.all(np.abs(norms - 1) <= gamma(6 + 4, "float32"))


def test_clean_training_reports_one_loss_and_attacked_training_a_larger_one():
    clean, attacked = train(CLEAN, 2).history, train(FGM, 2).history
    assert np.array_equal(clean.clean_loss, clean.attacked_loss)
    assert np.all(attacked.attacked_loss > attacked.clean_loss)


@pytest.mark.parametrize("attack", ["none", "fgm"])
def test_training_lowers_the_loss_it_trains_on(attack):
    """Over 200 updates at least by half, in every replica: this plan fits far better (below a tenth)."""
    plan = dataclasses.replace(FGM, attack=attack, eps=0.05 * (attack != "none"), steps=201, record_every=200, batch=64)
    loss = train(plan, 4).history.attacked_loss
    assert np.all(loss[-1] < loss[0] / 2)


def test_progress_counts_the_updates_of_all_chunks():
    calls = []
    train(CLEAN, 2, memory_bytes=1, progress=lambda done, total: calls.append((done, total)))
    assert [done for done, _ in calls] == sorted({done for done, _ in calls})
    assert calls[-1] == (50, 50)


def test_batches_follow_the_model():
    """No noise: Z = M X, so that M^T Z has amplitude r or 0, and Y = theta^T X."""
    M, theta = rotation(6, np.random.default_rng(0)), np.arange(1.0, 7.0)
    plan = dataclasses.replace(CLEAN, M=M, theta=theta, sigma=0.0, tau=0.0, dtype="float64", steps=3)
    drawn = list(batches(plan, [Streams(0).child("0"), Streams(0).child("1")], NUMPY))
    assert len(drawn) == 3
    r = LAW.amplitude.r
    for Z, Y in drawn:
        assert Z.shape == (2, 16, 6)
        X = r * np.rint(Z @ M / r)
        # Two products with orthogonal matrices: 2 d roundings of numbers of norm at most sqrt(d) r.
        assert np.all(np.abs(Z @ M - X) <= gamma(12, "float64") * 6 * r)
        assert set(np.unique(np.abs(X))) <= {0.0, r}
        assert np.all(np.abs(Y - X @ theta) <= gamma(12, "float64") * r * theta.sum())


def test_noise_does_not_shift_the_features():
    quiet = dataclasses.replace(CLEAN, sigma=0.0, tau=0.0)
    streams = [Streams(0).child("0")]
    for (Z, Y), (clear, exact) in zip(batches(CLEAN, streams, NUMPY), batches(quiet, streams, NUMPY), strict=True):
        # Noise of more than 8 standard deviations has probability below 2e-15 a number.
        assert np.max(np.abs(Z - clear)) <= 8 * CLEAN.sigma
        assert np.max(np.abs(Y - exact)) <= 8 * CLEAN.tau
        assert not np.array_equal(Z, clear)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("hidden", 0),
        ("b", -1.0),
        ("sigma", -0.1),
        ("attack", "pgdd"),
        ("norm", "l3"),
        ("schedule", "step"),
        ("dtype", "float16"),
        ("learning_rate", 0.0),
        ("record_every", 0),
        ("eps", 0.1),
        ("theta", np.ones(5)),
        ("M", np.ones((6, 5))),
    ],
)
def test_a_plan_names_the_field_that_is_wrong(field, value):
    with pytest.raises(ValueError, match=rf"^{field} (is|has shape) .*; expected "):
        dataclasses.replace(CLEAN, **{field: value})
