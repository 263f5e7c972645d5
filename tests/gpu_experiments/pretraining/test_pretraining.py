"""What a run is made of: what it draws, what it keeps, where it goes on."""

import dataclasses
import subprocess
import sys
import time

import numpy as np
import pytest

from gpu_experiments import chunks
from gpu_experiments.pretraining.augmentation import augmented
from gpu_experiments.pretraining.contrastive import ContrastiveObjective, pretrain_contrastive
from gpu_experiments.pretraining.epochs import EpochImages
from gpu_experiments.pretraining.initial import initial_encoder, initial_model, patch_moments, whitening
from gpu_experiments.pretraining.plan import ContrastivePretraining, EncoderPlan, SupervisedPretraining
from gpu_experiments.pretraining.supervised import SupervisedObjective, pretrain_supervised
from numerics.backend import select_backend
from numerics.streams import Streams
from tests.gpu_experiments.pretraining.small_plans import ENCODER, PLANS, SMALL, UNDER_ATTACK, images

NUMPY = select_backend("numpy")


def train(plan, seed=0, data=None, **others):
    run = pretrain_contrastive if isinstance(plan, ContrastivePretraining) else pretrain_supervised
    return run(plan, images() if data is None else data, Streams(seed), NUMPY, **others)


def same(first, second):
    pairs = [(first.model.parameters[name], second.model.parameters[name]) for name in ("W", "C", "c0")]
    return all(np.array_equal(a, b) for a, b in pairs) and first.history == second.history


@pytest.mark.parametrize("plan", PLANS.values(), ids=PLANS)
def test_a_run_stopped_after_any_epoch_ends_the_same(plan, tmp_path):
    class StoppedError(Exception):
        pass

    def stop_after(epochs):
        def progress(done, in_all):
            assert in_all == plan.epochs
            if done == epochs:
                raise StoppedError

        return progress

    whole = train(plan)
    for epochs in range(1, plan.epochs):
        path = tmp_path / f"{epochs}.npz"
        with pytest.raises(StoppedError):
            train(plan, checkpoint=path, progress=stop_after(epochs))
        assert same(train(plan, checkpoint=path), whole)
    assert not same(train(plan, seed=1), whole)


KILLED = """
import sys
from pathlib import Path
from tests.gpu_experiments.pretraining.test_pretraining import LONG, train
train(LONG, checkpoint=Path(sys.argv[1]), progress=lambda done, _: print(done, flush=True))
"""
LONG = dataclasses.replace(PLANS["supervised, fgm"], epochs=40)


def test_a_run_killed_at_a_random_moment_ends_the_same(tmp_path):
    path, rng = tmp_path / "run.npz", np.random.default_rng()
    epochs, rest = int(rng.integers(1, 30)), float(rng.random()) * 0.05
    with subprocess.Popen([sys.executable, "-c", KILLED, str(path)], stdout=subprocess.PIPE) as process:  # noqa: S603
        for line in process.stdout:
            if int(line) == epochs:
                time.sleep(rest)
                process.kill()
                break
    reached = []
    resumed = train(LONG, checkpoint=path, progress=lambda done, _: reached.append(done))
    assert reached[-1] == LONG.epochs
    assert reached[0] > epochs, f"began again after {epochs} epochs and {rest} s"
    assert same(resumed, train(LONG)), f"killed after {epochs} epochs and {rest} s"


def test_a_finished_run_is_read_back(tmp_path):
    plan, path = PLANS["contrastive, clean"], tmp_path / "run.npz"
    whole = train(plan, checkpoint=path)
    assert same(train(plan, checkpoint=path, progress=pytest.fail), whole)


@pytest.mark.parametrize(
    ("changed", "data", "seed"),
    [({"learning_rate": 0.02}, images(), 0), ({}, images(seed=1), 0), ({}, images(), 1)],
)
def test_a_checkpoint_of_another_configuration_is_refused(tmp_path, changed, data, seed):
    plan, path = PLANS["supervised, clean"], tmp_path / "run.npz"
    train(plan, checkpoint=path)
    with pytest.raises(ValueError, match=r"run.npz belongs to another configuration"):
        train(dataclasses.replace(plan, **changed), seed, data, checkpoint=path)


@pytest.mark.parametrize("damage", [lambda b: b[: len(b) // 2], lambda _: b"", lambda _: b"no archive"])
def test_a_damaged_checkpoint_gets_one_clear_line(tmp_path, damage):
    plan, path = PLANS["supervised, clean"], tmp_path / "run.npz"
    train(plan, checkpoint=path)
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(ValueError, match=r"^[^\n]*run.npz is no checkpoint[^\n]*$"):
        train(plan, checkpoint=path)


@pytest.mark.parametrize("name", ["supervised, fgm", "contrastive, fgm on dissimilar pairs"])
def test_runs_do_not_depend_on_the_number_of_cores(monkeypatch, name):
    found = []
    for cores in (1, 3):
        monkeypatch.setattr(chunks, "cores", lambda cores=cores: cores)
        found.append(train(dataclasses.replace(PLANS[name], batch=20, epochs=1, encoder=WIDE)))
    assert same(*found)


WIDE = EncoderPlan(hidden=64)


def test_training_learns_what_there_is_to_learn():
    data = images(200)
    history = train(dataclasses.replace(PLANS["supervised, clean"], epochs=20), data=data).history
    guessing = np.max(np.bincount(data.labels)) / len(data)
    assert history["accuracy"][-1] > guessing
    assert history["loss"][-1] < history["loss"][0]


def test_every_image_comes_once_an_epoch_in_a_new_order():
    plan = PLANS["supervised, clean"]
    orders = [
        np.concatenate(list(EpochImages(plan, images().pixels, Streams(0).child(name), NUMPY).orders()))
        for name in ("a", "b")
    ]
    assert all(np.array_equal(np.sort(order), np.arange(20)) for order in orders)
    assert not np.array_equal(*orders)


def test_an_augmented_image_is_a_mirrored_move_of_itself():
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 256, (60, 3, 6, 6), dtype=np.uint8)
    shift = 1
    seen = set()
    for image, found in zip(pixels, augmented(pixels, rng, flip=True, shift=shift), strict=True):
        padded = np.pad(image, ((0, 0), (shift, shift), (shift, shift)), mode="edge")
        candidates = {
            (mirror, i, j): padded[:, i : i + 6, j : j + 6][:, :, :: -1 if mirror else 1]
            for mirror in (False, True)
            for i in range(2 * shift + 1)
            for j in range(2 * shift + 1)
        }
        matches = [key for key, candidate in candidates.items() if np.array_equal(candidate, found)]
        assert len(matches) == 1
        seen.update(matches)
    # Of 18 moves a given one is missed by 60 draws with probability (17/18)^60 = 3 %; not half of them.
    assert len(seen) > 9
    assert np.array_equal(augmented(pixels, rng, flip=False, shift=0), pixels)


def test_attacks_start_in_the_ball_and_similar_pairs_show_one_image():
    plan = dataclasses.replace(PLANS["contrastive, fgm on dissimilar pairs"], flip=False, shift=0)
    data = images(40)
    batches = list(ContrastiveObjective(plan, data, Streams(0), NUMPY).batches(0))
    x, start, second, y = (np.concatenate(parts) for parts in zip(*batches, strict=True))
    similar = y > 0
    assert set(y.tolist()) == {-1.0, 1.0}
    assert np.array_equal(np.all(x == second, axis=(1, 2, 3)), similar)
    assert np.array_equal(start[similar], x[similar])
    assert np.max(np.abs(start - x)) <= plan.eps * (1 + np.finfo(np.float32).eps) + np.finfo(np.float32).eps
    assert np.all(np.any(start != x, axis=(1, 2, 3))[~similar])
    assert start.min() >= 0
    assert start.max() <= 1


def test_whitening_takes_known_variances_to_one():
    # 4^k less the part of their mean that is added is what the covariance holds: roots and reciprocals are exact.
    sums = np.array([1.0, 4.0, 16.0, 64.0])
    added = 1 / 32
    mean = sums.mean() / (1 + added)
    T = whitening(np.diag(sums - added * mean), added)
    assert np.max(np.abs(T - np.diag(1 / np.sqrt(sums)))) <= 8 * np.finfo(np.float64).eps


def test_thresholds_are_in_units_of_the_initial_spread():
    data, streams = images(50), Streams(3)
    encoder = initial_encoder(ENCODER, data.pixels, streams)
    V = encoder.at(data.pixels / 255).V.reshape(-1, ENCODER.hidden)
    assert np.max(np.abs(encoder.b / V.std(axis=0) / ENCODER.threshold - 1)) <= 2.0**-40
    mean, covariance = patch_moments(data.pixels, ENCODER.grid)
    patches = ENCODER.grid.extract(data.pixels / 255).reshape(-1, ENCODER.grid.dimension)
    assert np.max(np.abs(np.cov(patches.T, bias=True) - covariance)) <= 2.0**-40
    assert np.max(np.abs(mean - patches.mean(axis=0))) <= 2.0**-40


@pytest.mark.parametrize(
    "fields",
    [
        {"attack": "fgm"},
        {"eps": 0.1},
        {"epochs": 0},
        {"norm": "l1", "eps": 0.1, "attack": "fgm"},
        {"shift": -1},
        {"head_scale": 0.0},
        {"schedule": "steps"},
    ],
)
def test_plans_out_of_range_are_refused(fields):
    with pytest.raises(ValueError, match="; expected "):
        SupervisedPretraining(**(SMALL | fields))


@pytest.mark.parametrize(("run", "n"), [(pretrain_supervised, 0), (pretrain_contrastive, 1)])
def test_too_few_images_are_refused(run, n):
    plan = PLANS["supervised, clean"] if n == 0 else PLANS["contrastive, clean"]
    with pytest.raises(ValueError, match=r"^images "):
        run(plan, images().take(np.arange(n)), Streams(0), NUMPY)


def test_the_attack_of_a_step_raises_the_loss():
    plan, data = SupervisedPretraining(**SMALL, **UNDER_ATTACK), images(200)
    model = train(dataclasses.replace(plan, attack="none", eps=0.0, epochs=10), data=data).model
    objective = SupervisedObjective(plan, data, Streams(0), NUMPY)
    x, start, labels = next(objective.batches(0))
    clean = SupervisedObjective(dataclasses.replace(plan, attack="none", eps=0.0), data, Streams(0), NUMPY)
    assert objective.sums(model, x, start, labels).loss > clean.sums(model, x, start, labels).loss


def test_initial_outputs_have_the_scale_that_was_asked_for():
    plan, data = PLANS["contrastive, clean"], images(200)
    wide = dataclasses.replace(plan, embedding=2000, head_scale=0.5)
    g = initial_model(wide, data.pixels, 2000, Streams(0), NUMPY).logits(data.pixels.astype(np.float32) / 255)
    # The mean square of 2000 normal outputs of variance 1/4, mixed over images: six standard errors.
    assert abs(np.mean(g.astype(np.float64) ** 2) / 0.25 - 1) <= 6 * np.sqrt(2 / 2000)
