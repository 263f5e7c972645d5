"""Evaluators of gated encoders against differences of scores."""

from fractions import Fraction

import numpy as np

from numerics.contrastive.encoder import ContrastiveNetwork
from numerics.exact import fractions
from purecheck.evaluators.gated_encoders import (
    GatedModel,
    dissimilar_pull,
    gated_score,
    jacobian,
    mean_pull,
    off_support,
    similar_pull,
)
from purecheck.evaluators.model import constant_law

W = fractions([[1, 1, "1/2"], [1, -1, 2]])
GATED = GatedModel(
    encoder=ContrastiveNetwork(W, fractions([["1/2", 1], [2, "-1/3"], [1, "3/4"]]), fractions(["1/4", "1/4", 1])),
    x=fractions(["4/5", "1/5"]),
    other=fractions(["-1/2", "3/2"]),
    views=constant_law(2, Fraction(1, 2), Fraction(4, 5)),
    V=fractions([[1, 2], ["1/2", -1]]),
)


def gradient(view, other):
    """Gradient of the score of `view` and `other` in `view`, by differences: no gate opens or closes so near."""
    near = Fraction(1, 10**6)
    here, moved = (GATED.encoder.at(fractions(z)).g for z in ([view], view + near * fractions([[1, 0], [0, 1]])))
    return (moved - here) @ GATED.encoder.at(other[None]).g[0] / near


def test_gains_are_squared_gradients_of_scores():
    (score,), (similar,), (dissimilar,) = gated_score(GATED), similar_pull(GATED), dissimilar_pull(GATED)
    assert score == GATED.encoder.at(GATED.x[None]).g[0] @ GATED.encoder.at(GATED.other[None]).g[0]
    assert similar == np.sum(gradient(GATED.x, GATED.x) ** 2)
    assert dissimilar == np.sum(gradient(GATED.x, GATED.other) ** 2)


def test_mean_gain_is_that_of_all_pairs():
    values, weights = GATED.views
    total = sum(
        w * v * np.sum(gradient(x, y) ** 2)
        for x, w in zip(values, weights, strict=True)
        for y, v in zip(values, weights, strict=True)
    )
    assert mean_pull(GATED) == total


def test_what_is_off_the_support_is_the_part_of_the_jacobian_that_the_view_does_not_touch():
    values, weights = GATED.views
    total = sum(
        w * np.sum((GATED.V.T @ (jacobian(GATED, x) * (x == 0).astype(int))) ** 2)
        for x, w in zip(values, weights, strict=True)
    )
    assert off_support(GATED) == total
    assert off_support(GATED) > 0
