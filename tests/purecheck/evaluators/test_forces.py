"""Evaluators of what features do to a node, held against numerics."""

from fractions import Fraction

import numpy as np
import pytest
from sympy import sqrt

from numerics.exact import fractions
from numerics.network import GatedNetwork, gated_outputs
from purecheck.evaluators.forces import Node, count_alone, seen_of_one, seen_of_two, weight_length
from purecheck.models.exact_networks import rational_rotation


@pytest.mark.parametrize("u", [(1, -2, 0), (1, 1, 1), (0, 0, 2)])
def test_count_is_that_of_a_layer_at_single_features(u: tuple[int, ...]) -> None:
    M = rational_rotation(3, Fraction(1, 3))
    W = M @ fractions(u)[:, None]
    node = Node(
        net=GatedNetwork(W, fractions([1]), fractions([1])),
        M=M,
        amplitudes=fractions(["1/2"] * 3),
        noise=fractions([0] * 3),
    )
    layer = GatedNetwork(W.astype(float), np.ones(1), 1.0 - 1e-9)
    outputs = gated_outputs(layer, 0.5 * M.astype(float).T)
    assert count_alone(node) == np.count_nonzero(outputs)
    assert weight_length(node) == sqrt(sum(x * x for x in u))
    assert seen_of_one(node) == Fraction(u[0], 2)
    assert seen_of_two(node) == Fraction(u[0] + u[1], 2)
