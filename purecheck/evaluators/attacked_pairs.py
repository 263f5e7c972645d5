"""The largest loss of one pair over an l2 ball of attacks, from the ends of an interval or from arcs of a circle."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from flint import arb, fmpq
from sympy import Expr, Rational, exp, log

from numerics.exact import ExactArray
from purecheck.evaluators.pairs import Number, exact, in_balls, settled
from purecheck.evaluators.registry import evaluates
from theory.quantities import pairs

_SHARE = 2**-13
"""Width of the enclosure of the largest exponent on a circle, as a share of the attack's largest possible effect."""


@dataclass(frozen=True, kw_only=True)
class AttackedPair:
    """A pair of views of one or two features, linear encoders, and the size of the attack on the first view; all exact.

    Attributes
    ----------
    x, other
        The views, shape (d,); `x` is attacked.
    G
        Gram matrices of the encoders, shape (d, d) each.
    eps
        Size of the attack.
    sign
        The exponent of the loss is `sign` times the score: 1 for a dissimilar pair, -1 for a similar one.
    """

    x: ExactArray
    other: ExactArray
    G: tuple[ExactArray, ...]
    eps: Fraction
    sign: int = 1


def largest_exponent(model: AttackedPair, G: ExactArray, sign: int, x: ExactArray) -> Number:
    """The largest `sign (x + delta)^T G x'` over l2 attacks `delta` of the size in `model`.

    The exponent is linear in the attack, so it is largest on the boundary of the ball. With one feature the boundary
    has two points. With two it is a circle, whose arcs are bisected; an arc is dropped when its enclosure lies below a
    value that has already been attained. Without two features, or without an effect of attacks, the result is exact.

    Raises
    ------
    ValueError
        If there are more than two features.
    """
    gradient = G @ model.other
    score, pull = exact(sign * Fraction(x @ gradient)), [exact(sign * v) for v in gradient]
    eps = exact(model.eps)
    if len(pull) == 1:
        return max(score + end * pull[0] for end in (-eps, eps))
    if len(pull) > 2:
        raise ValueError(f"d was {len(pull)}; expected at most two features")
    if not eps or not any(pull):
        # Bisection would go on forever: no arc is certain to lie below the others.
        return score
    reach = float(eps) * sum(abs(float(v)) for v in pull)
    # Angles from -4 to 4 cover the circle, since 4 exceeds pi.
    arcs, seen, above = [(arb(0), arb(4))], score - eps * (abs(pull[0]) + abs(pull[1])), arb("inf")
    while float((above - seen).upper()) > _SHARE * reach:
        values = []
        for middle, radius in arcs:
            angle = arb(middle.mid(), radius)
            at = [score + eps * (pull[0] * t.cos() + pull[1] * t.sin()) for t in (middle, angle)]
            seen = arb.max(arb(seen), at[0])
            values.append((middle, radius, at[1]))
        left = [(middle, radius, value) for middle, radius, value in values if not value < seen]
        above = max((value.upper() for *_, value in left), key=float)
        arcs = [(middle + side * radius / 2, radius / 2) for middle, radius, _ in left for side in (-1, 1)]
    return seen.union(above)


def _loss(exponent: Number) -> Expr | arb:
    """`log(1 + e^t)`, as an expression where the exponent is rational, so that two losses can be compared exactly."""
    if isinstance(exponent, arb):
        return (1 + exponent.exp()).log()
    return log(1 + exp(Rational(int(exponent.p), int(exponent.q))))


@evaluates(pairs.WORST_SIMILAR)
@in_balls
def worst_similar(model: AttackedPair) -> Expr | arb:
    """The largest loss of the pair as a similar one: the loss increases with the exponent, here minus the score."""
    return _loss(largest_exponent(model, model.G[0], -1, model.x))


@evaluates(pairs.WORST_DISSIMILAR)
@in_balls
def worst_dissimilar(model: AttackedPair) -> Expr | arb:
    """The largest loss of the pair as a dissimilar one: the exponent is the score."""
    return _loss(largest_exponent(model, model.G[0], 1, model.x))


@evaluates(pairs.MIDPOINT)
@in_balls
def midpoint(model: AttackedPair) -> Expr | arb:
    """The largest loss of the pair at the mean of the two Gram matrices."""
    return _loss(largest_exponent(model, (model.G[0] + model.G[1]) / 2, model.sign, model.x))


@evaluates(pairs.APART)
@in_balls
def apart(model: AttackedPair) -> Any:
    """The squared difference of the largest exponents at both Gram matrices, for the view plus for its reflection."""
    total: Number = fmpq(0)
    for x in (model.x, np.negative(model.x)):
        one, two = (largest_exponent(model, G, 1, x) for G in model.G)
        total += (one - two) * (one - two)
    return settled(total)
