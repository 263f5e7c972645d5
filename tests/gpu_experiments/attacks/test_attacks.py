"""Attacks stay where they may, never do worse than nothing, and reach worst cases that are known."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpu_experiments.attacks.ball import ImageBall
from gpu_experiments.attacks.white_box import FGM, PGD, GateAware, WhiteBoxAttack
from numerics.backend import Backend, select_backend, to_numpy
from numerics.classification import margin
from numerics.rounding import gamma
from tests.gpu_experiments.attacks.models import PIXELS, SHAPE, LinearModel, OneGate, drawn_images, linear_model

NUMPY = select_backend("numpy")
ATTACKS: list[WhiteBoxAttack] = [FGM(), FGM("margin"), PGD(4, restarts=3)]

seeds = st.integers(0, 10_000)
sizes = st.floats(0, 2, allow_subnormal=False)
norms = st.sampled_from(["linf", "l2"])


@pytest.mark.parametrize("attack", ATTACKS, ids=repr)
@given(seed=seeds, eps=sizes, norm=norms, n=st.integers(1, 7))
def test_stays_in_ball_and_box_and_never_lowers_the_margin(attack, seed, eps, norm, n) -> None:
    model, x = linear_model(NUMPY, seed, 4), drawn_images(NUMPY, seed, n)
    labels = np.argmax(model.logits(x), axis=1)
    labels[0] = 0
    found = attack(model, x, labels, ImageBall(eps, norm), np.random.default_rng(seed))
    assert np.all((found.points >= 0) & (found.points <= 1))
    moved = (found.points - x).reshape(n, -1)
    size = np.abs(moved).max(axis=1) if norm == "linf" else np.linalg.norm(moved, axis=1)
    # x and delta are rounded when they are added and taken apart again, in l2 in all pixels and in the norm as well
    assert np.all(size <= eps * (1 + gamma(PIXELS + 8, "float64")) + gamma(4, "float64") * np.sqrt(PIXELS))
    alone = margin(model.logits(x), labels)
    bound = 2 * gamma(PIXELS + 2, "float64") * (np.abs(model.A).sum() + np.abs(model.c).sum())
    assert np.all(found.margin >= alone - bound)


@pytest.mark.parametrize("attack", [FGM("margin"), PGD(20, losses=("margin",))], ids=repr)
@given(seed=seeds, eps=st.floats(0, 0.2))
def test_two_classes_of_a_linear_model_reach_the_closed_form(attack, seed, eps) -> None:
    """Away from the edges of the box the margin rises by ``eps ||w||_1``, unless the way ends where it is fooled."""
    model, x = linear_model(NUMPY, seed, 2), 0.3 + 0.4 * drawn_images(NUMPY, seed, 5)
    labels = np.argmax(model.logits(x), axis=1)
    alone = margin(model.logits(x), labels)
    gain = eps * np.abs(model.A[:, 1] - model.A[:, 0]).sum()
    found = attack(model, x, labels, ImageBall(eps, "linf"), np.random.default_rng(0))
    # points lie in [0.1, 0.9]; rounding of steps, points and products, all of them in sums of absolute values
    bound = gamma(2 * PIXELS + 100, "float64") * 2 * (np.abs(model.A).sum() + np.abs(model.c).sum())
    expected = alone + gain
    decided = np.abs(expected) > bound
    np.testing.assert_array_equal((found.margin >= 0)[decided], (expected >= 0)[decided])
    kept = ~(found.margin >= 0)
    assert np.all(np.abs(found.margin - expected)[kept] <= bound)


def test_gate_aware_opens_the_gate_that_masks_pgd() -> None:
    model = OneGate(np.asarray(0.1))
    x = np.full((5, *SHAPE), 0.55)
    labels = np.zeros(5, dtype=np.int64)
    ball = ImageBall(0.08, "linf")
    by_pgd = PGD(20)(model, x, labels, ball, np.random.default_rng(0))
    by_gates = GateAware(20)(model, x, labels, ball, np.random.default_rng(0))
    assert not by_pgd.fooled.any()
    assert by_gates.fooled.all()


@given(seed=seeds, eps=st.floats(1e-3, 0.3))
def test_gate_aware_is_at_least_as_strong_as_pgd_behind_a_gate(seed, eps) -> None:
    rng = np.random.default_rng(seed)
    model = OneGate(np.asarray(0.05 + 0.3 * rng.random()))
    x, labels = drawn_images(NUMPY, seed, 6), np.zeros(6, dtype=np.int64)
    ball = ImageBall(eps, "linf")
    by_pgd = PGD(10)(model, x, labels, ball, np.random.default_rng(seed))
    by_gates = GateAware(10, restarts=1)(model, x, labels, ball, np.random.default_rng(seed))
    assert np.all(by_gates.fooled >= by_pgd.fooled)


def test_attacks_run_on_every_backend(backend: Backend) -> None:
    x = drawn_images(backend, 3, 7)
    linear, gate = linear_model(backend, 3, 3), OneGate(backend.asarray(0.2, "float64"))
    labels = backend.xp.argmax(linear.logits(x), axis=1)
    zeros = backend.asarray(np.zeros(7), "int64")
    for norm in ("linf", "l2"):
        ball = ImageBall(0.1, norm)
        for attack in ATTACKS:
            points = to_numpy(attack(linear, x, labels, ball, np.random.default_rng(0)).points)
            host = linear_model(NUMPY, 3, 3), drawn_images(NUMPY, 3, 7)
            expected = attack(*host, to_numpy(labels), ball, np.random.default_rng(0)).points
            np.testing.assert_allclose(points, expected, rtol=0, atol=gamma(200, "float64"))
        assert GateAware(5)(gate, x, zeros, ball, np.random.default_rng(0)).points.shape == x.shape


def test_fooled_images_are_not_attacked_again() -> None:
    model, x = linear_model(NUMPY, 0, 3), drawn_images(NUMPY, 0, 6)
    wrong = np.argmin(model.logits(x), axis=1)
    found = PGD(5, restarts=2)(model, x, wrong, ImageBall(0.1), np.random.default_rng(0))
    np.testing.assert_array_equal(found.points, x)


@pytest.mark.parametrize("scale", [1e-4, 1.0, 1e4])
@pytest.mark.parametrize("attack", [FGM(), PGD(steps=5)])
def test_attacks_do_not_depend_on_the_scale_of_the_logits(attack, scale) -> None:
    """Two classes of a linear model are fooled iff the margin is at most eps times the l1 norm of their difference."""
    rng, eps = np.random.default_rng(0), 0.02
    x = drawn_images(NUMPY, 0, 200)
    x = 0.2 + 0.6 * x  # no pixel meets the box
    C = rng.standard_normal((PIXELS, 2))
    c = -0.5 * np.sum(C, axis=0)  # the classes are balanced
    flat = x.reshape(len(x), -1) @ C + c
    labels, gap = np.argmax(flat, axis=1), np.abs(flat[:, 0] - flat[:, 1])
    exact = gap <= eps * np.sum(np.abs(C[:, 0] - C[:, 1]))
    found = attack(LinearModel(scale * C, scale * c), x, labels, ImageBall(eps), rng)
    assert 0 < np.mean(exact) < 1
    assert np.array_equal(found.fooled, exact)


def test_an_image_whose_attacked_logits_are_no_number_counts_as_fooled() -> None:
    rng = np.random.default_rng(0)
    x = 0.2 + 0.6 * drawn_images(NUMPY, 0, 20)
    model = LinearModel(rng.standard_normal((PIXELS, 3)), np.zeros(3))
    labels = np.argmax(model.logits(x), axis=1)

    class Cliff(LinearModel):
        def logits(self, points):
            moved = np.array([np.min(np.max(np.abs(x - one), axis=(1, 2, 3))) > 1e-7 for one in points])
            return np.where(moved[:, None], np.nan, model.logits(points))

    found = PGD(steps=2)(Cliff(model.A, model.c), x, labels, ImageBall(0.01), rng)
    assert np.all(found.fooled)


@pytest.mark.parametrize(("eps", "norm"), [(-0.1, "linf"), (float("nan"), "linf"), (0.1, "l1")])
def test_ball_refuses_what_is_none(eps, norm) -> None:
    with pytest.raises(ValueError, match="expected"):
        ImageBall(eps, norm)
