"""What attacks do to pairs of views: every pair of a small law, losses before and after the attack.

Probabilities and scores are exact fractions. Losses are balls, but for increases that are rational.
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
        The Gram matrix of the encoder is this times the identity.
    eps
        Size of the l2 attack on one view.
    other
        The view of a dissimilar pair that is not attacked, where it is given, shape (d,).
    """

    pairs: Pairs
    scale: Fraction
    eps: Fraction = _ZERO
    other: ExactArray | None = None


def _increase(model: AttackedLaw, exponent: Fraction, square: Fraction) -> Number:
    """How much `log(1 + e^t)` rises at `t = scale exponent` under the worst attack; `square` of the gradient's norm.

    Exact where nothing moves, or `t` moves to `-t`: the loss at `t` less that at `-t` is `t`.
    """
    start, step = exact(model.scale * exponent), root(square) * exact(model.scale * model.eps)
    if step == 0:
        return fmpq(0)
    if 2 * start + step == 0:
        return start + step
    return (1 + arb(start + step).exp()).log() - (1 + arb(start).exp()).log()


def _mean_increase(model: AttackedLaw, law: Iterable[tuple[Fraction, Fraction, Fraction]]) -> Number:
    """Over a law of exponents, squared norms and probabilities."""
    terms = (_increase(model, t, square) * exact(probability) for t, square, probability in law)
    return sum(terms, start=fmpq(0))


@in_balls
def norm(x: ExactArray) -> Fraction | arb:
    """Euclidean norm of a view, exact where it is rational."""
    return settled(root(Fraction(np.sum(x * x))))


def _increases(model: AttackedLaw) -> tuple[Number, Number]:
    """Of similar and of dissimilar pairs."""
    found = exponents(model.pairs)
    similar, dissimilar = (
        _mean_increase(model, ((t, square, probability) for (t, _, square), probability in law.items()))
        for law in (found.similar, found.dissimilar)
    )
    return similar, dissimilar


@evaluates(attacked_pairs.SIMILAR_INCREASE)
@in_balls
def similar_increase(model: AttackedLaw) -> Fraction | arb:
    """Over the laws of the model; the features of one pair are a law of one value."""
    return settled(_increases(model)[0])


@evaluates(attacked_pairs.DISSIMILAR_GIVEN)
@in_balls
def dissimilar_given(model: AttackedLaw) -> Fraction | arb:
    """Over every attacked view."""
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
    """Of dissimilar pairs less of similar ones."""
    similar, dissimilar = _increases(model)
    return settled(dissimilar - similar)


@evaluates(attacked_pairs.SIMILAR_SLOPE)
@in_balls
def similar_slope(model: AttackedLaw) -> arb:
    """The first coefficient of the loss as the attack sets in."""
    return _slope(model, Fraction(1))


@evaluates(attacked_pairs.DISSIMILAR_SLOPE)
@in_balls
def dissimilar_slope(model: AttackedLaw) -> arb:
    """As for similar pairs."""
    return _slope(model, _ZERO)


def _slope(model: AttackedLaw, share: Fraction) -> arb:
    return expansion(replace(model.pairs, share=share, scale=model.scale, eps=_ZERO), size=1)[1]
