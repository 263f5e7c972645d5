"""What kind of layer it is: the theory's nodes are known, random ones are told at the declared rate."""

import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st

from numerics.features import rotation
from numerics.mixtures import mixture_network, partly_pure_network
from numerics.rounding import gamma
from numerics.statistics import FALSE_ALARM
from purecheck.auditing.structure import CHANCE, LEAST, MOST, chance_of_layer, log_chance, patterns, structure

D = 16
THETA = np.random.default_rng(0).standard_normal(D)


def kind(U, a):
    return structure(U, np.abs(a) * np.linalg.norm(U, axis=0), np.zeros(U.shape[1]))


@pytest.mark.parametrize("theta", [np.ones(D), THETA])
@pytest.mark.parametrize(("m", "name"), [(1, "pure"), (2, "mixture"), (4, "mixture"), (8, "mixture"), (16, "mixture")])
def test_the_mixture_family_is_known_by_its_order(m, name, theta):
    net = mixture_network(theta, m, 0.5)
    found = kind(net.W, net.a)
    assert (found.name, found.sharing) == (name, 1)
    assert np.all(patterns(net.W, np.zeros(D)).order == m)
    assert np.all(patterns(net.W, np.zeros(D)).exact)


@pytest.mark.parametrize(("pure", "name"), [(14, "purified"), (8, "partly purified"), (2, "mixture")])
def test_of_a_layer_that_is_partly_pure_the_share_decides(pure, name):
    """Every feature has the same energy, so the share of pure nodes is that of pure features."""
    net = partly_pure_network(np.ones(D), pure, 2, 0.5)
    found = kind(net.W, net.a)
    assert found.name == name
    assert abs(found.pure_share - pure / D) <= gamma(4 * D, "float64")  # a root, squares, a sum and a quotient
    assert LEAST < 8 / D < MOST


@pytest.mark.parametrize("m", [1, 2, 4])
def test_a_layer_near_the_family_is_of_the_same_kind(m):
    net = mixture_network(THETA, m, 0.5)
    U = net.W + np.random.default_rng(1).uniform(-0.02, 0.02, net.W.shape)
    assert kind(U, net.a).name == ("purified" if m == 1 else "mixture")
    assert not np.any(patterns(U, np.zeros(D)).exact)


def test_nodes_that_share_some_features_alone_are_mixed():
    U = np.eye(D) + np.roll(np.eye(D), 1, axis=0)
    found = kind(U, np.ones(D))
    # Every pair of neighbours has one feature in common, so two of three pairs that meet share no more.
    assert (found.name, found.sharing) == ("mixed", pytest.approx(1 / 3, rel=gamma(2 * D * D, "float64")))


def test_the_dictionary_may_be_rounded():
    M = rotation(D, np.random.default_rng(2)).astype(np.float32).astype(np.float64)
    U = M.T @ M
    assert kind(U, np.ones(D)).name == "purified"
    resolution = np.full(D, np.linalg.norm(M.T @ M - np.eye(D), 2))
    assert structure(U, np.ones(D), resolution).name == "pure"


def test_nodes_that_the_head_does_not_hear_do_not_count():
    U = np.hstack([np.eye(D), np.random.default_rng(3).standard_normal((D, 5))])
    assert kind(U, np.repeat([1.0, 0.0], [D, 5])).name == "pure"


@pytest.mark.parametrize("draw", ["standard_normal", "uniform"])
@pytest.mark.parametrize(("d", "H"), [(2, 3), (4, 8), (16, 32), (30, 60)])
def test_random_layers_are_told_to_have_structure_at_most_at_the_declared_rate(draw, d, H):
    rng, trials = np.random.default_rng(4), 200
    told = 0
    for _ in range(trials):
        U = rng.standard_normal((d, H)) if draw == "standard_normal" else rng.uniform(-1, 1, (d, H))
        told += kind(U, rng.standard_normal(H)).name != "unstructured"
    # As many as this come up at the rate CHANCE with a probability below FALSE_ALARM.
    assert scipy.stats.binom.sf(told - 1, trials, CHANCE) > FALSE_ALARM


def test_the_chance_of_one_node_is_a_bound():
    """Random directions in four dimensions fall below the level `x` at a rate of at most `x`."""
    rng, n = np.random.default_rng(5), 20_000
    U = rng.standard_normal((4, n))
    logs = patterns(U, np.zeros(n)).log_chance
    for x in (0.5, 0.1, 0.01, 0.001):
        assert scipy.stats.binom.sf(int(np.sum(np.exp(logs) <= x)) - 1, n, x) > FALSE_ALARM
    assert np.mean(np.exp(logs) <= 0.5) > 0.05  # it is no empty bound


def test_the_chance_does_not_underflow_in_many_dimensions():
    d = 3000
    tail = log_chance(np.linspace(0.1, 0.8, d)[:, None])
    assert np.all(np.isfinite(tail))
    assert -np.inf < float(log_chance(np.full((d, 1), 0.99))[0]) < -1000


@given(logs=st.lists(st.floats(-50, 0), min_size=1, max_size=40))
def test_more_structure_in_a_node_never_makes_a_layer_more_likely_by_chance(logs):
    values = np.array(logs)
    assert chance_of_layer(values - 1) <= chance_of_layer(values) <= 1


def test_one_feature_alone_is_pure():
    assert kind(np.array([[2.0, -1.0]]), np.ones(2)).name == "pure"
