"""Logistic heads: vanishing gradients, separable classes, and agreement with an independent optimiser."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy.optimize import minimize
from scipy.special import expit

from numerics.backend import to_numpy
from numerics.heads import logistic_gradient_bound, logistic_head
from numerics.rounding import central_difference_bound, gamma

ridges = st.sampled_from([1e-6, 1e-2, 1.0])


@st.composite
def problems(draw):
    """Features (n, H) of small integers, one node maybe silent, and classes (n,)."""
    n, nodes = draw(st.integers(1, 6)), draw(st.integers(1, 3))
    G = draw(hnp.arrays(np.float64, (n, nodes), elements=st.integers(-4, 4).map(float)))
    return G, draw(hnp.arrays(np.float64, n, elements=st.sampled_from([-1.0, 1.0])))


def objective(G, s, ridge, a):
    return np.mean(np.logaddexp(0, -s * (G @ a))) + ridge * a @ a


def gradient(G, s, ridge, a):
    return -(G.T @ (s * expit(-s * (G @ a)))) / len(s) + 2 * ridge * a


@given(problem=problems(), ridge=ridges)
def test_the_gradient_vanishes_at_the_head(backend, problem, ridge):
    G, s = problem
    head = to_numpy(logistic_head(backend.asarray(G), backend.asarray(s), ridge))
    assert head.shape == G.shape[-1:]
    # as found by the head and as computed here, each within the bound
    assert np.all(np.abs(gradient(G, s, ridge, head)) <= 2 * logistic_gradient_bound(G * s[:, None], head, ridge))


@given(problem=problems(), ridge=ridges)
def test_an_independent_optimiser_finds_the_same_head(problem, ridge):
    """Strong convexity: two points are no farther apart than their gradients allow."""
    G, s = problem
    head = logistic_head(G, s, ridge)
    other = minimize(lambda a: objective(G, s, ridge, a), np.zeros(G.shape[1]), method="BFGS").x
    left = np.linalg.norm(logistic_gradient_bound(G * s[:, None], head, ridge))
    left += np.linalg.norm(gradient(G, s, ridge, other))
    assert np.linalg.norm(head - other) <= left * (1 + gamma(40, "float64")) / (2 * ridge)
    # each term: H products and sums, a logarithm, the mean; a margin counts with slope 1
    sizes = np.log(2) + np.max(np.abs(G) @ np.maximum(np.abs(head), np.abs(other)), initial=0)
    rounding = gamma(20 + sum(G.shape), "float64") * (sizes + ridge * (head @ head + other @ other))
    assert objective(G, s, ridge, head) <= objective(G, s, ridge, other) + 2 * rounding


@given(problem=problems(), ridge=ridges)
def test_the_gradient_is_that_of_the_objective(problem, ridge):
    """The third derivative of log(1 + e^t) is at most 1/(6 sqrt 3) < 1/10; each comes with a factor |g_ih|."""
    G, s = problem
    a, step = np.full(G.shape[1], 0.25), 2.0**-10
    sizes = np.log(2) + np.max(np.abs(G) @ (np.abs(a) + step), initial=0) + ridge * len(a)
    evaluation = gamma(30 + sum(G.shape), "float64") * 2 * sizes
    for h, along in enumerate(np.eye(len(a))):
        slope = (objective(G, s, ridge, a + step * along) - objective(G, s, ridge, a - step * along)) / (2 * step)
        bound = central_difference_bound(step, evaluation, 0.1 * np.mean(np.abs(G[:, h]) ** 3))
        assert abs(slope - gradient(G, s, ridge, a)[h]) <= bound + evaluation


def test_separable_classes_have_a_head_that_grows_as_the_ridge_shrinks():
    G, s = np.array([[1.0, 0.0], [-2.0, 0.0]]), np.array([1.0, -1.0])
    heads = [logistic_head(G, s, ridge) for ridge in (1e-2, 1e-5, 1e-8)]
    assert all(np.all(np.sign(G @ head) == s) for head in heads)
    assert heads[0][0] < heads[1][0] < heads[2][0]
    assert all(head[1] == 0 for head in heads), "a silent node gets no head"


def test_heads_of_replicas_are_solved_one_by_one(backend):
    rng = np.random.default_rng(0)
    G, s = rng.standard_normal((2, 3, 9, 2)), rng.choice([-1.0, 1.0], (2, 3, 9))
    heads = to_numpy(logistic_head(backend.asarray(G), backend.asarray(s), 0.125))
    assert heads.shape == (2, 3, 2)
    for index in np.ndindex(2, 3):
        alone = logistic_head(G[index], s[index], 0.125)
        signed = G[index] * s[index][:, None]
        left = logistic_gradient_bound(signed, alone, 0.125) + logistic_gradient_bound(signed, heads[index], 0.125)
        # each gradient as computed and as it is
        assert np.linalg.norm(heads[index] - alone) <= 2 * np.linalg.norm(left) / (2 * 0.125)


def test_single_precision_heads_stop_at_their_own_rounding():
    rng = np.random.default_rng(1)
    G, s = rng.standard_normal((50, 4)).astype(np.float32), rng.choice(np.float32([-1, 1]), 50)
    head = logistic_head(G, s, 0.01)
    assert head.dtype == np.float32
    bound = logistic_gradient_bound(G * s[:, None], head, 0.01)
    assert np.all(np.abs(gradient(G.astype(float), s.astype(float), 0.01, head.astype(float))) <= 2 * bound)


@pytest.mark.parametrize("ridge", [0.0, -1.0, float("nan")])
def test_a_ridge_that_is_not_positive_is_refused(ridge):
    with pytest.raises(ValueError, match="ridge is"):
        logistic_head(np.ones((1, 1)), np.ones(1), ridge)


def test_classes_other_than_plus_and_minus_one_are_refused():
    with pytest.raises(ValueError, match="labels has entries"):
        logistic_head(np.ones((2, 1)), np.array([0.0, 1.0]), 1.0)
