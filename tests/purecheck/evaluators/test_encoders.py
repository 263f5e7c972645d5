"""Evaluators of linear encoders against what encoders with other formulas, or in floating point, make of the same."""

from fractions import Fraction
from itertools import product

import numpy as np
import pytest

from numerics.exact import fractions
from purecheck.evaluators import EVALUATORS
from purecheck.evaluators.encoders import Encoded
from purecheck.models.exact_networks import rational_rotation
from theory.quantities import encoders

T = fractions([["1/2", "-1/3", 2], [1, "1/4", "-3/2"]])
X, OTHER = fractions([1, "-1/2", 2]), fractions([0, 3, "1/5"])


def test_scores_are_products_of_what_the_encoder_makes_of_observations():
    M = rational_rotation(3, Fraction(1, 3))
    ((found,),) = EVALUATORS[encoders.SCORE](Encoded(T=T, x=X, other=OTHER, dictionary=M))
    g, g_other = (np.array(T @ M.T @ M @ view, dtype=float) for view in (X, OTHER))
    assert float(found) == pytest.approx(g @ g_other, rel=1e-12)


def test_moved_views_are_not_the_views():
    swap = fractions([[0, 1, 0], [1, 0, 0], [0, 0, 1]])
    moved = Encoded(T=T, x=X, other=OTHER, motion=swap)
    flat = Encoded(T=T, x=X, other=OTHER, motion=swap * Fraction(1, 2))
    ((found,),), ((shrunk,),) = EVALUATORS[encoders.MOVED_SCORE](moved), EVALUATORS[encoders.MOVED_SCORE](flat)
    assert (found, shrunk) == ((T @ X) @ (T @ OTHER), found / 16)


def test_the_pull_is_the_gradient_of_the_score_in_the_attacked_view():
    swap = fractions([[0, 1, 0], [1, 0, 0], [0, 0, 1]])
    moved = T @ swap.T
    # The score is linear in the view, so that its gradient holds the scores of the axes.
    gradient = [(moved @ axis) @ (moved @ OTHER) for axis in fractions(np.eye(3, dtype=int).tolist())]
    ((found,),) = EVALUATORS[encoders.MOVED_PULL](Encoded(T=T, other=OTHER, motion=swap))
    assert found == sum(entry**2 for entry in gradient)


def test_average_runs_over_all_signed_permutations():
    G = (T.T @ T)[:2, :2]
    images = [np.array([[s * G[0, 0], t * G[0, 1]], [t * G[1, 0], s * G[1, 1]]]) for s, t in product((1,), (1, -1))]
    images += [image[::-1, ::-1] for image in images]
    for i, j in product(range(2), repeat=2):
        found = EVALUATORS[encoders.AVERAGE](Encoded(T=T[:, :2], i=i, j=j))
        assert found == sum(image[i, j] for image in images) / len(images)


def test_nodes_are_rows():
    model = Encoded(T=T)
    assert EVALUATORS[encoders.LENGTH](model) == Fraction(1, 4) + Fraction(1, 9) + 4
    assert EVALUATORS[encoders.INNER](model) == Fraction(1, 2) - Fraction(1, 12) - 3
    squares = [Fraction(1, 4), Fraction(1, 9), Fraction(4)]
    assert EVALUATORS[encoders.PURITY](model) == sum(squares) ** 2 / sum(x * x for x in squares)
    assert np.array_equal(EVALUATORS[encoders.GRAM](model), T.T @ T)
