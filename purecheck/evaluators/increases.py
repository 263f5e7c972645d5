"""What attacks do to pairs of views: losses before and after the attack, for every pair of a small law.

Probabilities and scores are exact fractions. Losses are balls, except for increases that are rational.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
from flint import arb, fmpq

from numerics.exact import ExactArray, fractions
from purecheck.evaluators.pairs import Number, Pairs, exact, expansion, exponents, in_balls, root, settled
from purecheck.evaluators.registry import evaluates
from theory.quantities import attacked_pairs

_ZERO = Fraction(0)


@dataclass(frozen=True, eq=False, kw_only=True)
class AttackedLaw:
    """Pairs of views under an isotropic encoder and an attack; all exact.

    Attributes
    ----------
    pairs
        Laws of the features and of the noise.
    scale
        The Gram matrix of the encoder is `scale` times the identity.
    eps
        Size of the l2 attack on one view.
    other
        The view of a dissimilar pair that is not attacked, if it is fixed, shape (d,).
    """

    pairs: Pairs
    scale: Fraction
    eps: Fraction = _ZERO
    other: ExactArray | None = None


def _increase(model: AttackedLaw, exponent: Fraction, square: Fraction) -> Number:
    """The increase of `log(1 + e^t)` at `t = scale exponent` under the worst attack.

    `square` is the squared norm of the gradient. The result is exact if nothing moves, or if `t` moves to `-t`: the
    loss at `t` less that at `-t` is `t`.
    """
    start, step = exact(model.scale * exponent), root(square) * exact(model.scale * model.eps)
    if step == 0:
        return fmpq(0)
    if 2 * start + step == 0:
        return start + step
    return (1 + arb(start + step).exp()).log() - (1 + arb(start).exp()).log()


def _mean_increase(model: AttackedLaw, law: Iterable[tuple[Fraction, Fraction, Fraction]]) -> Number:
    """The mean increase over a law of exponents, squared norms and probabilities."""
    terms = (_increase(model, t, square) * exact(probability) for t, square, probability in law)
    return sum(terms, start=fmpq(0))


@in_balls
def norm(x: ExactArray) -> Fraction | arb:
    """The Euclidean norm of a view, exact where it is rational."""
    return settled(root(Fraction(np.sum(x * x))))


def _increases(model: AttackedLaw) -> tuple[Number, Number]:
    """The mean increases of similar and of dissimilar pairs."""
    found = exponents(model.pairs)
    similar, dissimilar = (
        _mean_increase(model, ((t, square, probability) for (t, _, square), probability in law.items()))
        for law in (found.similar, found.dissimilar)
    )
    return similar, dissimilar


@evaluates(attacked_pairs.SIMILAR_INCREASE)
@in_balls
def similar_increase(model: AttackedLaw) -> Fraction | arb:
    """The mean increase of the loss of similar pairs; the law of the features may be a single value."""
    return settled(_increases(model)[0])


@evaluates(attacked_pairs.DISSIMILAR_GIVEN)
@in_balls
def dissimilar_given(model: AttackedLaw) -> Fraction | arb:
    """The mean increase of the loss of dissimilar pairs whose other view is given, over every attacked view."""
    X, probabilities = model.pairs.features
    noise, weights = (
        (fractions([[0] * model.pairs.d]), fractions([1])) if model.pairs.noise is None else model.pairs.noise
    )
    other = np.asarray(model.other)
    square = Fraction(other @ other)
    law = (
        (Fraction((x + xi) @ other), square, Fraction(probability * weight))
        for x, probability in zip(X, probabilities, strict=True)
        for xi, weight in zip(noise, weights, strict=True)
    )
    return settled(_mean_increase(model, law))


@evaluates(attacked_pairs.INCREASE_GAP)
@in_balls
def increase_gap(model: AttackedLaw) -> Fraction | arb:
    """The mean increase of dissimilar pairs less that of similar pairs."""
    similar, dissimilar = _increases(model)
    return settled(dissimilar - similar)


@evaluates(attacked_pairs.SIMILAR_SLOPE)
@in_balls
def similar_slope(model: AttackedLaw) -> arb:
    """The derivative of the loss of similar pairs in the size of the attack, at size zero."""
    return _slope(model, Fraction(1))


@evaluates(attacked_pairs.DISSIMILAR_SLOPE)
@in_balls
def dissimilar_slope(model: AttackedLaw) -> arb:
    """The derivative of the loss of dissimilar pairs in the size of the attack, at size zero."""
    return _slope(model, _ZERO)


def _slope(model: AttackedLaw, share: Fraction) -> arb:
    return expansion(replace(model.pairs, share=share, scale=model.scale, eps=_ZERO), size=1)[1]
