"""Exact arrays do not round, and supports are enumerated once each."""

from fractions import Fraction

import numpy as np
import pytest

from numerics.exact import fractions, signed_supports, support_probabilities
from numerics.network import GatedNetwork, forward


def test_decimal_strings_and_integers_are_exact_in_any_shape():
    assert fractions([["0.1", 2], [Fraction(1, 3), "1/7"]]).tolist() == [
        [Fraction(1, 10), Fraction(2)],
        [Fraction(1, 3), Fraction(1, 7)],
    ]


def test_a_network_of_fractions_does_not_round():
    net = GatedNetwork(fractions([["0.1"], ["0.2"]]), fractions([3]), fractions(["0.3"]))
    assert forward(net, fractions([[1, 1], ["0.99", 1]])).tolist() == [Fraction(9, 10), 0]


@pytest.mark.parametrize("d", [1, 2, 4])
def test_every_signed_support_comes_once_smaller_ones_first(d):
    patterns = signed_supports(d)
    assert len({tuple(row) for row in patterns.tolist()}) == len(patterns) == 3**d
    assert set(np.unique(patterns)) == {-1, 0, 1}
    assert np.all(np.diff(np.abs(patterns).sum(axis=1)) >= 0)


@pytest.mark.parametrize("p", [Fraction(0), Fraction(2, 7), Fraction(1)])
def test_probabilities_of_supports_have_the_right_total_and_rate(p):
    patterns = signed_supports(3)
    probabilities = support_probabilities(patterns, p)
    assert sum(probabilities) == 1
    assert sum(probabilities[patterns[:, 1] != 0]) == p
    assert sum(probabilities * fractions((patterns[:, 0] * patterns[:, 2]).tolist())) == 0


def test_impossible_arguments_are_refused():
    with pytest.raises(ValueError, match="d is 0; expected at least 1"):
        signed_supports(0)
    with pytest.raises(ValueError, match=r"p is 3/2; expected a probability"):
        support_probabilities(signed_supports(1), Fraction(3, 2))
