import itertools
import math

import numpy as np
import pytest
import scipy.optimize
from hypothesis import given
from hypothesis import strategies as st

import numerics.contrastive.gram as gram_module
from numerics.backend import select_backend
from numerics.contrastive.encoder import LinearEncoder
from numerics.contrastive.gram import DiscreteLaw, GramLoss
from numerics.contrastive.gram_solver import minimise_gram
from numerics.contrastive.pairs import PairLaw, sample_pairs
from numerics.features import ConstantAmplitude, FeatureLaw
from numerics.purity import subspace_participation
from numerics.statistics import mean_agrees
from numerics.streams import Streams
from tests.numerics.contrastive.worst_case import predicted_worst_case
from tests.numerics.strategies import grid_arrays

STEP = 2.0**-13
ROUNDING = 1e3 * np.finfo(np.float64).eps
"""Bounds the rounding error of a loss, or a slope of one, below 4: fewer than 1000 roundings."""


def law_of(d, p=0.3, r=1.0):
    return DiscreteLaw.constant_amplitude(d, p, r)


def loss_of(d, p=0.3, r=1.0, eps=0.0):
    return GramLoss(law_of(d, p, r), eps, eps)


def case_by_case(d, p, r, eps_similar, eps_dissimilar, rho, G):
    """The population loss as its definition reads, over all values of X and of X'."""

    def probability(x):
        active = sum(value != 0 for value in x)
        return (p / 2) ** active * (1 - p) ** (d - active)

    total = 0.0
    values = list(itertools.product((-r, 0.0, r), repeat=d))
    for x in values:
        norm = math.dist(G @ np.array(x), np.zeros(d))
        total += rho * probability(x) * math.log1p(math.exp(eps_similar * norm - np.array(x) @ G @ np.array(x)))
        for other in values:
            score = np.array(other) @ G @ np.array(x)
            weight = probability(x) * probability(other)
            total += (1 - rho) * weight * math.log1p(math.exp(eps_dissimilar * norm + score))
    return total


shares = st.sampled_from([0.0, 0.25, 0.5, 1.0])
sizes = st.sampled_from([0.0, 0.1, 0.75])
factors = st.integers(1, 2).flatmap(lambda d: grid_arrays((2, d), -1024, 1024))


@given(T=factors, p=st.sampled_from([0.05, 0.5, 1.0]), eps=st.tuples(sizes, sizes), rho=shares)
def test_the_loss_is_its_definition_summed_case_by_case(T, p, eps, rho):
    G, d = T.T @ T, T.shape[1]
    expected = case_by_case(d, p, 0.5, *eps, rho, G)
    # 81 pairs of losses below 4, each through fewer than 50 roundings, summed in any order.
    assert abs(GramLoss(law_of(d, p, 0.5), *eps, rho).value(G) - expected) <= 4 * 150 * np.finfo(np.float64).eps


def check_gradient(loss, G, H, smoothing):
    """Along H the loss is a sum of sp(t), with t quadratic but for norms bounded away from 0 by the smoothing."""
    _, gradient = loss.value_and_gradient(G, smoothing)
    up, down = (loss.value_and_gradient(G + step * H, smoothing)[0] for step in (STEP, -STEP))
    size = float(np.max(np.linalg.norm(loss.law.points, axis=1)))
    h, eps = np.linalg.norm(H, 2), max(loss.eps_similar, loss.eps_dissimilar)
    # t' and the derivatives of sqrt(||v||^2 + mu^2) along a line of slope s: s, s^2/mu, 3 s^3/mu^2 at most.
    first, second, third = h * size**2 + eps * h * size, eps * (h * size) ** 2 / smoothing, 0.0
    third = 3 * eps * (h * size) ** 3 / smoothing**2
    bound = first**3 / (6 * math.sqrt(3)) + 3 / 4 * first * second + third
    rounding = 500 * np.finfo(np.float64).eps * (math.log(2) + (size**2 + eps * size) * np.linalg.norm(G, 2) + eps)
    assert abs((up - down) / (2 * STEP) - np.sum(gradient * H)) <= STEP**2 / 6 * bound + rounding / STEP


@given(T=factors, seed=st.integers(0, 99), eps=st.tuples(sizes, sizes), rho=shares)
def test_the_gradient_agrees_with_central_differences(T, seed, eps, rho):
    d = T.shape[1]
    H = np.random.default_rng(seed).integers(-4, 5, (d, d)) / 8
    check_gradient(GramLoss(law_of(d), *eps, rho), T.T @ T, (H + H.T) / 2, 0.25)


def test_a_gradient_with_its_sign_flipped_is_told_apart(monkeypatch):
    loss, G, H = loss_of(2, eps=0.3), np.array([[1.0, 0.25], [0.25, 0.5]]), np.eye(2)
    check_gradient(loss, G, H, 0.25)
    sigmoid = gram_module.sigmoid
    monkeypatch.setattr(gram_module, "sigmoid", lambda t: -sigmoid(t))
    with pytest.raises(AssertionError):
        check_gradient(loss, G, H, 0.25)


@given(T=factors, eps=st.tuples(sizes, sizes), rho=shares, mu=st.sampled_from([1e-3, 0.1, 1.0]))
def test_smoothing_raises_the_loss_by_no_more_than_it_says(T, eps, rho, mu):
    loss, G = GramLoss(law_of(T.shape[1]), *eps, rho), T.T @ T
    excess = loss.value_and_gradient(G, mu)[0] - loss.value(G)
    assert -ROUNDING <= excess <= mu * loss.smoothing_excess + ROUNDING


def test_the_loss_is_the_mean_over_sampled_pairs():
    """Monte Carlo in the same population, attack and all."""
    d, eps = 4, 0.3
    T = np.random.default_rng(0).standard_normal((2, d)) / 2
    law = PairLaw(FeatureLaw(d, 0.3, ConstantAmplitude(1.0)))
    pairs = sample_pairs(law, 40000, Streams(5), 1, select_backend("numpy"))
    losses = predicted_worst_case(LinearEncoder(T), pairs, eps, "l2")[0]
    # No score exceeds ||G|| ||x|| ||x'||, no length ||G|| ||x'||, and log(1 + e^t) is at most log 2 + max(t, 0).
    highest = math.log(2) + np.linalg.norm(T.T @ T, 2) * (d + eps * math.sqrt(d))
    exact = loss_of(d, eps=eps).value(T.T @ T)
    assert mean_agrees(losses, exact, bounds=(0.0, highest), detectable=0.25)


def best_multiple(loss, G):
    """The best scale of the direction `G`: the root of the slope along it, which increases."""

    def slope(scale):
        return np.sum(loss.value_and_gradient(scale * G)[1] * G)

    return scipy.optimize.brentq(slope, 1e-6, 50.0, xtol=1e-14)


def least_gap(loss, trace):
    """What a certificate cannot do better than: smoothing, and gradients that descent cannot tell from zero.

    Losses closer than u are one number to the search, and the loss bends by at most ``size^4/4`` in G (and by the
    growth of the norms, of the same order): the gradient stays within ``size^2 sqrt(u)``.
    """
    size = np.max(np.linalg.norm(loss.law.points, axis=1))
    return 1e-7 / size * loss.smoothing_excess + trace * 2 * size**2 * np.sqrt(np.finfo(np.float64).eps)


@pytest.mark.parametrize("eps", [0.0, 0.2])
@pytest.mark.parametrize("d", [1, 2, 3, 4])
def test_the_free_optimum_is_a_multiple_of_the_identity(d, eps):
    """C1 to C3: within what its certificate and the curvature of the loss leave."""
    loss = loss_of(d, eps=eps)
    solution = minimise_gram(loss, np.random.default_rng(0))
    scale = best_multiple(loss, np.eye(d))
    gap = solution.gap(d * scale)
    assert gap <= least_gap(loss, d * scale)
    assert abs(solution.loss - loss.value(scale * np.eye(d))) <= gap + ROUNDING
    # Both signs of a dissimilar pair bend together by at least sp''(t) (x^T H x')^2 along H, where
    # |t| <= ||G|| (||x|| ||x'|| + eps ||x'||), and E (X^T H X')^2 = (p r^2)^2 ||H||_F^2.
    largest = max(scale, np.linalg.norm(solution.G, 2)) * (d + eps * math.sqrt(d))
    bend = 0.5 * math.exp(-largest) / (1 + math.exp(-largest)) ** 2 * 0.3**2
    distance = np.linalg.norm(solution.G - scale * np.eye(d))
    assert distance <= math.sqrt(2 * gap / bend) + 2 * ROUNDING / bend


@pytest.mark.parametrize("eps", [0.0, 0.3])
@pytest.mark.parametrize("d", [2, 3, 4])
def test_at_a_fixed_trace_the_optimum_is_isotropic(d, eps):
    loss = loss_of(d, eps=eps)
    solution = minimise_gram(loss, np.random.default_rng(1), trace=2.0)
    assert math.isclose(np.trace(solution.G), 2.0, rel_tol=2 * d * d * np.finfo(np.float64).eps)
    assert abs(solution.loss - loss.value(2 / d * np.eye(d))) <= solution.gap(2.0) + ROUNDING
    assert solution.gap(2.0) <= least_gap(loss, 2.0)


def test_a_certificate_does_not_close_where_the_rank_is_too_low():
    """The clean optimum of rank 1 is worse than the isotropic one, and its certificate leaves room for that."""
    loss = loss_of(2, 0.05)
    solution = minimise_gram(loss, np.random.default_rng(0), rank=1, restarts=3)
    scale = best_multiple(loss, np.eye(2))
    assert loss.value(scale * np.eye(2)) < solution.loss <= loss.value(scale * np.eye(2)) + solution.gap(2 * scale)


@pytest.mark.parametrize(("p", "r"), [(0.3, 0.7), (1.0, 1.0)])
def test_one_feature_has_the_closed_form(p, r):
    """C2: log((2 + p)/p)/r^2; the loss bends by at least m near it, so a gap g leaves sqrt(2 g/m)."""
    loss = loss_of(1, p, r)
    solution = minimise_gram(loss, np.random.default_rng(0))
    expected = math.log((2 + p) / p) / r**2
    scale = max(expected, solution.G[0, 0]) * r**2
    bend = p**2 * r**4 / 2 * math.exp(-scale) / (1 + math.exp(-scale)) ** 2
    assert abs(solution.G[0, 0] - expected) <= math.sqrt(2 * (solution.gap(expected) + ROUNDING) / bend)


def test_below_its_radius_the_optimum_has_not_collapsed():
    """C3 at d = p = r = 1, where eps_c = 1/2."""
    loss = loss_of(1, 1.0, 1.0, 0.45)
    assert loss.slope_at_zero < 0
    assert minimise_gram(loss, np.random.default_rng(0)).loss < math.log(2) - ROUNDING


def test_beyond_its_radius_the_optimum_has_collapsed():
    """By convexity the loss at lambda exceeds that at 0 by the slope there times lambda, and the gap bounds it."""
    loss = loss_of(1, 1.0, 1.0, 0.55)
    solution = minimise_gram(loss, np.random.default_rng(0))
    assert loss.slope_at_zero > 0
    assert solution.G[0, 0] <= (solution.gap(0.0) + ROUNDING) / loss.slope_at_zero


@given(T=grid_arrays((3, 3), -1024, 1024), eps=sizes)
def test_no_other_matrix_of_the_same_trace_is_better(T, eps):
    G = T.T @ T
    loss = loss_of(3, eps=eps)
    # Losses are below log 2 + (3 + 2) tr G, so fewer than 500 roundings scale like that.
    rounding = 500 * np.finfo(np.float64).eps * (1 + 5 * np.trace(G))
    assert loss.value(np.trace(G) / 3 * np.eye(3)) <= loss.value(G) + rounding


@pytest.mark.parametrize(("eps", "pure"), [(0.0, False), (0.203, False), (0.2035, True), (0.3, True)])
def test_a_bottleneck_turns_from_a_mixture_to_a_pure_feature(eps, pure):
    """C1q at d = 2, q = 1, p = .05: the 45-degree direction, and pure from .2032 r; nothing found is better."""
    loss = loss_of(2, 0.05, 1.0, eps)
    solution = minimise_gram(loss, np.random.default_rng(0), rank=1, restarts=4)
    directions = {True: np.diag([1.0, 0.0]), False: np.full((2, 2), 0.5)}
    values = {name: loss.value(best_multiple(loss, G) * G) for name, G in directions.items()}
    assert abs(solution.loss - values[pure]) <= solution.smoothing_excess + ROUNDING
    assert values[not pure] > values[pure] + solution.smoothing_excess + ROUNDING
    span = subspace_participation(solution.T.T)
    assert abs(span - (1 if pure else 2)) < abs(span - (2 if pure else 1))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: law_of(9), "d is 9"),
        (lambda: law_of(2, p=1.5), "p is 1.5"),
        (lambda: law_of(2, r=0.0), "r is 0.0"),
        (lambda: GramLoss(law_of(1), eps_similar=-1.0), "eps_similar is -1.0"),
        (lambda: GramLoss(law_of(1), rho=2.0), "rho is 2.0"),
        (lambda: minimise_gram(loss_of(2), np.random.default_rng(0), rank=3), "rank is 3"),
        (lambda: minimise_gram(loss_of(2), np.random.default_rng(0), trace=0.0), "trace is 0.0"),
        (lambda: minimise_gram(loss_of(2), np.random.default_rng(0), restarts=0), "restarts is 0"),
    ],
)
def test_arguments_out_of_range_are_refused(call, message):
    with pytest.raises(ValueError, match=f"^{message}; expected "):
        call()
