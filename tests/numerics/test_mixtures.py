import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from numerics.mixtures import hadamard, mixture_network, partly_pure_network
from numerics.network import effective_map, forward, preactivations
from numerics.purity import live_mean, live_nodes, participation_ratio
from numerics.rounding import forward_bound, gamma, preactivation_bound
from tests.numerics.assertions import assert_array_equals
from tests.numerics.strategies import grid_arrays

ORDERS = [1, 2, 4, 8, 12, 16, 20, 24, 32, 40, 44, 48]

shapes = st.sampled_from([(1, 1), (4, 1), (4, 2), (4, 4), (6, 2), (7, 1), (8, 4), (8, 8)])
ratios = st.floats(0.05, 0.95)


def every_sign_pattern(d):
    """All x in {-1, 0, 1}^d as rows."""
    return np.array(list(itertools.product([-1.0, 0.0, 1.0], repeat=d)))


def target_bound(net, Z, theta):
    """Bounds |f(z) - theta^T x| by rounding: the forward pass; heads u^T theta/m, each wrong by gamma_{d+1}
    (|U|^T |theta|)/m; and the product theta^T x."""
    d = theta.shape[-1]
    sizes = np.abs(Z) @ np.abs(net.W)
    m = np.sum(net.W[:, 0] ** 2)
    heads = gamma(d + 1, "float64") * np.abs(net.W).T @ np.abs(theta) / m
    return forward_bound(net, Z) + sizes @ heads + gamma(d, "float64") * np.abs(Z) @ np.abs(theta)


@pytest.mark.parametrize("m", ORDERS)
def test_hadamard_rows_are_orthogonal_and_normalised(m):
    H = hadamard(m)
    assert H.shape == (m, m)
    assert np.array_equal(np.abs(H), np.ones((m, m)))
    assert np.array_equal(H @ H.T, m * np.eye(m))
    assert np.all(H[0] == 1)
    assert np.all(H[:, 0] == 1)


@pytest.mark.parametrize("m", [-1, 0, 3, 6, 10, 18, 28])
def test_orders_without_a_construction_are_refused(m):
    with pytest.raises(ValueError, match=f"m is {m}; expected"):
        hadamard(m)


@given(data=st.data(), shape=shapes, r=st.floats(0.1, 10), ratio=ratios)
def test_a_mixture_fits_every_input_of_constant_amplitude(data, shape, r, ratio):
    """P4: f_m(x) = theta^T x for every x, whatever the order."""
    d, m = shape
    theta = data.draw(grid_arrays((d,)))
    Z = r * every_sign_pattern(d)
    net = mixture_network(theta, m, ratio * r)
    # A preactivation is r times an integer: rounding decides no gate.
    assert np.all(np.abs(np.abs(preactivations(net, Z)) - net.b) > preactivation_bound(net, Z))
    assert np.all(np.abs(forward(net, Z) - Z @ theta) <= target_bound(net, Z, theta))


def test_a_paley_mixture_fits_random_inputs():
    rng = np.random.default_rng(0)
    theta, Z = rng.standard_normal(24), rng.integers(-1, 2, (2000, 24)).astype(float)
    net = mixture_network(theta, 12, 0.5)
    assert np.array_equal(net.W[12:, 12:].T, hadamard(12))
    assert np.all(np.abs(forward(net, Z) - Z @ theta) <= target_bound(net, Z, theta))


def test_a_threshold_above_the_amplitude_breaks_the_fit():
    """The control of P4: b = 1.01 r, m = 4."""
    theta, Z = np.ones(4), every_sign_pattern(4)
    net = mixture_network(theta, 4, 1.01)
    assert np.any(np.abs(forward(net, Z) - Z @ theta) > target_bound(net, Z, theta))


@given(data=st.data(), shape=shapes)
def test_its_effective_map_is_a_projection_of_the_target(data, shape):
    """P5: beta is the orthogonal projection of theta on the span of the firing nodes, so beta^T theta = ||beta||^2."""
    d, m = shape
    theta = data.draw(grid_arrays((d,)))
    Z = every_sign_pattern(d)
    net = mixture_network(theta, m, 0.5)
    beta = effective_map(net, Z)
    # An entry of beta sums moduli of at most ||theta||_1 in all, through d + 1 roundings in the heads and d
    # more; the product with theta adds d, so 3 d + 1; the squares of d entries double and add, so 5 d + 2.
    bound = gamma(8 * d + 3, "float64") * d * np.sum(np.abs(theta)) ** 2
    assert np.all(np.abs(beta @ theta - np.sum(beta**2, axis=-1)) <= bound)


@pytest.mark.parametrize("m", [1, 2, 4, 12])
def test_participation_is_the_order(xp, m):
    """Nodes of modulus-one entries in m places: sums of ones, exact but for the last division."""
    theta = xp.asarray(np.arange(1.0, 25.0))
    net = mixture_network(theta, m, 0.5)
    ratio = live_mean(participation_ratio(net.W), live_nodes(net.W, net.a))
    assert_array_equals(ratio, float(m), bound=gamma(26, "float64") * m, xp=xp)


def test_targets_may_have_replicas(xp):
    theta = np.arange(16.0).reshape(2, 8) - 3
    net = mixture_network(xp.asarray(theta), 4, 0.5)
    for k in range(2):
        alone = mixture_network(theta[k], 4, 0.5)
        assert_array_equals(net.W[k, ...], alone.W, bound=0, xp=xp)
        assert_array_equals(net.a[k, ...], alone.a, bound=0, xp=xp)


@pytest.mark.parametrize(
    ("m", "b", "message"),
    [(3, 0.5, "m is 3; expected a divisor of d = 8"), (0, 0.5, "m is 0"), (2, 0.0, "b is 0.0")],
)
def test_arguments_out_of_range_are_refused(m, b, message):
    with pytest.raises(ValueError, match=message):
        mixture_network(np.ones(8), m, b)


partly_pure = st.sampled_from([(1, 4, 4), (3, 2, 2), (2, 0, 2), (0, 4, 2), (5, 0, 1)])


@given(data=st.data(), shape=partly_pure, r=st.floats(0.1, 10), ratio=ratios)
def test_a_partly_pure_network_fits_every_input_and_is_as_pure_as_asked(data, shape, r, ratio):
    """D3: f(x) = theta^T x for every x; as many nodes of participation 1 as there are pure features, m elsewhere."""
    pure, mixed, m = shape
    theta = data.draw(grid_arrays((pure + mixed,)))
    net = partly_pure_network(theta, pure, m, ratio * r)
    participation = participation_ratio(net.W)
    assert np.array_equal(participation, [1.0] * pure + [m] * mixed)
    Z = r * every_sign_pattern(pure + mixed)
    # mixed nodes have the larger squares, which `target_bound` reads off its first node
    whole = target_bound(net, Z, theta) + forward_bound(net, Z)
    sizes = np.abs(Z) @ np.abs(net.W)
    heads = gamma(pure + mixed + 1, "float64") * np.abs(net.W).T @ np.abs(theta)
    assert np.all(np.abs(forward(net, Z) - Z @ theta) <= whole + sizes @ heads)


@given(data=st.data(), shape=shapes)
def test_without_pure_features_it_is_the_mixture(data, shape):
    d, m = shape
    theta = data.draw(grid_arrays((d,)))
    mixture, same = mixture_network(theta, m, 0.5), partly_pure_network(theta, 0, m, 0.5)
    assert np.array_equal(mixture.W, same.W)
    assert np.array_equal(mixture.a, same.a)


@pytest.mark.parametrize(("pure", "m", "named"), [(-1, 1, "pure is -1"), (5, 1, "pure is 5"), (1, 2, "m is 2")])
def test_layers_that_cannot_be_pure_in_that_part_are_refused(pure, m, named):
    with pytest.raises(ValueError, match=named):
        partly_pure_network(np.ones(4), pure, m, 0.5)
