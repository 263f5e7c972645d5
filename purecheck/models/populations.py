"""Exact population losses of linear contrastive encoders: every pair of a small model, in closed form."""

from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from itertools import product

from sympy import Expr, Integer, Matrix, Rational, S, eye, log, sqrt
from sympy import exp as exponential

Score = tuple[Expr, Expr]
"""Score of a pair and squared norm `||G x'||^2`, to which the attack's gain is proportional."""


@cache
def feature_vectors(d: int, p: Rational, r: Rational) -> tuple[tuple[Matrix, Rational], ...]:
    """Every value of `X` with its probability, constant amplitude `r`: `3^d` of them."""
    return tuple(_features(d, p, r))


def _features(d: int, p: Rational, r: Rational) -> Iterator[tuple[Matrix, Rational]]:
    weight = {-1: p / 2, 0: 1 - p, 1: p / 2}
    for signs in product((-1, 0, 1), repeat=d):
        probability = Integer(1)
        for sign in signs:
            probability *= weight[sign]
        if probability:
            yield r * Matrix(signs), probability


def similar_scores(gram: Matrix, p: Rational, r: Rational) -> dict[Score, Rational]:
    """Law of score and gain of a similar pair without noise."""
    law: dict[Score, Rational] = defaultdict(lambda: Integer(0))
    for x, weight in feature_vectors(gram.rows, p, r):
        image = gram * x
        law[x.dot(image), image.dot(image)] += weight
    return law


def dissimilar_scores(gram: Matrix, p: Rational, r: Rational) -> dict[Score, Rational]:
    """Law of score and gain of a dissimilar pair."""
    law: dict[Score, Rational] = defaultdict(lambda: Integer(0))
    vectors = feature_vectors(gram.rows, p, r)
    for other, other_weight in vectors:
        image = gram * other
        squared = image.dot(image)
        for x, weight in vectors:
            law[x.dot(image), squared] += weight * other_weight
    return law


def population_loss(
    gram: Matrix, p: Rational, r: Rational, eps: Expr = S.Zero, rho: Expr = S.Half, scale: Expr = S.One
) -> Expr:
    """The expected loss at `scale * gram` under the worst l2 attack of size `eps` on one view, no noise.

    Parameters
    ----------
    gram
        Gram matrix of the encoder in feature coordinates, exact.
    p, r
        Probability and amplitude of an active feature.
    rho
        Weight of similar pairs.
    """
    laws = ((rho, -1, similar_scores(gram, p, r)), (1 - rho, 1, dissimilar_scores(gram, p, r)))
    terms = Integer(0)
    for share, sign, law in laws:
        for (score, squared), weight in law.items():
            exponent = scale * (sign * score + eps * sqrt(squared))
            terms += share * weight * log(1 + exponential(exponent))
    return terms


def isotropic_loss(d: int, p: Rational, r: Rational, scale: Expr, eps: Expr, rho: Expr = S.Half) -> Expr:
    """The expected worst-case loss at `scale * I`, as `population_loss`."""
    return population_loss(eye(d), p, r, eps, rho, scale)


def average(gram: Matrix) -> Matrix:
    """`(tr G/d) I`."""
    return eye(gram.rows) * gram.trace() / gram.rows
