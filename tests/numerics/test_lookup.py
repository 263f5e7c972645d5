"""Look-up networks fit on every input with the least-norm effective map, in fractions and in floats."""

from fractions import Fraction

import numpy as np
import pytest

from numerics import lookup
from numerics.backend import to_numpy
from numerics.exact import fractions, signed_supports
from numerics.lookup import exact_lookup_network, lookup_network, lookup_nodes
from numerics.network import effective_map, forward
from numerics.rounding import forward_bound, gamma
from tests.numerics.assertions import assert_array_equals


@pytest.mark.parametrize("d", [1, 2, 3])
def test_the_effective_map_is_the_least_norm_fit_of_every_input(d):
    theta, r = fractions([Fraction(2 * i - 3, 5) for i in range(d)]), Fraction(3, 7)
    S = signed_supports(d)
    net = exact_lookup_network(list(theta), r)
    X = S * fractions(r)
    sizes = np.abs(S).sum(axis=1)
    expected = [(s @ theta / Fraction(int(n)) * s if n else 0 * theta) for s, n in zip(S, sizes, strict=True)]
    assert np.array_equal(effective_map(net, X), np.stack(expected))
    assert np.array_equal(forward(net, X), X @ theta)


@pytest.mark.parametrize(("d", "dtype"), [(1, "float64"), (3, "float64"), (5, "float32"), (5, "float64")])
def test_floating_point_networks_fit_up_to_rounding(backend, d, dtype):
    rng = np.random.default_rng(d)
    theta, r = backend.asarray(rng.normal(size=d), dtype), 0.7
    net = lookup_network(theta, r)
    X = backend.asarray(signed_supports(d) * r, dtype)
    target = to_numpy(X).astype(np.float64) @ to_numpy(theta).astype(np.float64)
    # Heads take d products and sums and one scaling, so each is off by gamma_{d+2} of its terms at most.
    nodes = lookup_nodes(d)
    rounding = gamma(d + 2, dtype) * (np.abs(nodes.patterns) @ np.abs(to_numpy(theta)))
    response = np.abs(to_numpy(X)) @ np.abs(to_numpy(net.W))
    bound = to_numpy(forward_bound(net, X)) + response @ rounding
    assert_array_equals(forward(net, X), target, bound=bound, xp=backend.xp, dtype=dtype)


def test_no_other_input_falls_between_the_thresholds_of_a_direction():
    nodes = lookup_nodes(3)
    responses = 2 * np.abs(nodes.directions @ signed_supports(3).T)
    between = (nodes.thresholds[::2, None] <= responses[::2]) & (responses[::2] < nodes.thresholds[1::2, None])
    assert np.all(between.sum(axis=1) == 2)


def test_a_shift_that_is_not_generic_breaks_the_fit(monkeypatch):
    monkeypatch.setattr(lookup, "_BASE", 1)
    theta = [Fraction(1), Fraction(2), Fraction(3)]
    net = exact_lookup_network(theta, Fraction(1))
    X = fractions(signed_supports(3).tolist())
    assert not np.array_equal(forward(net, X), X @ fractions(theta))


def test_impossible_arguments_are_refused():
    with pytest.raises(ValueError, match="r is 0"):
        lookup_network(np.ones(2), 0.0)
    with pytest.raises(ValueError, match="r is -1"):
        exact_lookup_network([Fraction(1)], Fraction(-1))
    with pytest.raises(ValueError, match="6 entries of float32; expected fewer"):
        lookup_network(np.ones(6, dtype=np.float32), 1.0)
