"""Contestants are held to bounds that right code keeps and wrong code breaks."""

import numpy as np
import pytest

from numerics.backend import select_backend
from numerics.features import FeatureLaw
from numerics.streams import Streams
from purecheck.bench import ours
from purecheck.bench.agreement import DisagreementError, expect_agreement
from purecheck.bench.network_cases import expect_worst_case
from purecheck.bench.problem import CaseSize, make_problem
from purecheck.bench.sampler_case import expect_law
from purecheck.bench.step_bounds import Uncertain

NUMPY = select_backend("numpy")
SIZE = CaseSize(2, 20, 40, 32)
KINDS = ("dense", "purified")


def problem(kind="dense", size=SIZE):
    return make_problem(kind, size, np.random.default_rng(0))


def step(one, *, attacked=True, attack=1.0, head=True):
    """The training step written out in float64 with faults on request."""
    W, a = one.W.astype(float), one.a.astype(float)
    Z, y = one.Z.astype(float), one.y.astype(float)

    def passed(Z):
        V = Z @ W
        gates = np.abs(V) >= one.b
        return V, gates, ((V * gates) @ a[..., None])[..., 0] - y

    _, gates, error = passed(Z)
    g = gates @ np.swapaxes(a[:, None, :] * W, -1, -2)
    delta = attack * one.eps * np.sign(error)[..., None] * g / np.linalg.norm(g, axis=-1, keepdims=True)
    points = Z + delta if attacked else Z
    _, gates, error = passed(points)
    scaled = 2 / Z.shape[1] * error[..., None]
    P = np.swapaxes(points * scaled, -1, -2) @ gates
    return {"W": a[:, None, :] * P, "a": np.sum(W * P, axis=-2) * (1 if head else -1)}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("size", [SIZE, CaseSize(3, 100, 200, 16)])
def test_the_step_of_the_suite_agrees_in_float32(kind, size):
    one = problem(kind, size)
    mine = ours.step(one, NUMPY)
    expect_agreement("purecheck", mine.outcome(mine.run()), one.gradients)


@pytest.mark.parametrize("kind", KINDS)
def test_the_step_in_double_precision_agrees_far_inside_the_bound(kind):
    one = problem(kind)
    for name, found in step(one).items():
        truth = one.gradients[name]
        assert np.all(np.abs(found - truth.value) <= 2.0**-20 * truth.error)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("fault", [{"attacked": False}, {"attack": -1.0}, {"attack": 1.01}, {"head": False}], ids=str)
def test_a_wrong_step_is_rejected(kind, fault):
    with pytest.raises(DisagreementError, match=r"^wrong computes (W|a)\["):
        expect_agreement("wrong", step(problem(kind), **fault), problem(kind).gradients)


def test_what_is_no_number_is_rejected():
    with pytest.raises(DisagreementError, match=r"x\[1\] = nan"):
        expect_agreement("wrong", {"x": np.array([1.0, np.nan])}, {"x": Uncertain(np.ones(2), np.ones(2))})


@pytest.mark.parametrize("name", ours.ATTACKS)
def test_the_attacks_of_the_suite_reach_what_p2_derives(name):
    one = problem("purified")
    mine = ours.attack(name, one, NUMPY, Streams(0))
    expect_worst_case(one, name, mine.outcome(mine.run()), exactly=name != "gate_aware")


def test_wrong_attacks_are_rejected():
    one = problem("purified")
    mine = ours.attack("fgm", one, NUMPY, Streams(0))
    delta = mine.outcome(mine.run())["delta"]
    for wrong, failure in ((1.01 * delta, "leaves the ball"), (0.99 * delta, "misses"), (-delta, "lowers the loss")):
        with pytest.raises(DisagreementError, match=failure):
            expect_worst_case(one, "wrong", {"delta": wrong}, exactly=True)


def test_samples_of_another_law_are_rejected():
    law, other = FeatureLaw.unit_energy(100, 0.05), FeatureLaw.unit_energy(100, 0.06)
    rng = np.random.default_rng(0)
    expect_law(law, "right", {"X": law.sample(rng, (2000,), np.float32)})
    with pytest.raises(DisagreementError, match="amplitudes"):
        expect_law(law, "wrong", {"X": other.sample(rng, (2000,), np.float32)})
    skewed = np.abs(law.sample(rng, (2000,), np.float32))
    with pytest.raises(DisagreementError, match="frequency"):
        expect_law(law, "wrong", {"X": skewed})


def test_rows_of_a_problem_repeat_the_different_ones():
    one = problem()
    assert one.different < SIZE.n or np.array_equal(one.Z[:, : one.different], one.Z)
    assert np.array_equal(one.Z[:, one.different :], one.Z[:, : SIZE.n - one.different])
    assert one.attacked.decided.all()
