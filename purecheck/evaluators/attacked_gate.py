"""What attacks do to a pre-activation: the extreme points of the ball of attacks, in exact fractions."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from math import isqrt

import numpy as np
from flint import arb

from numerics.exact import ExactArray, fractions
from numerics.norms import Norm
from purecheck.evaluators.noise import NORMAL, Noise, ball, in_balls, plain
from purecheck.evaluators.registry import evaluates
from theory.quantities import gate


@dataclass(frozen=True, kw_only=True)
class AttackedNode:
    """A node at one observation, with the attacks that are allowed; all numbers are exact.

    Attributes
    ----------
    w, z
        The weights and the observation, shape (d,).
    norm, eps
        The norm of the attacks, and its largest value. With "l2" the norm of the weights must be rational.
    b
        The threshold.
    s, noise
        Standard deviation and law of the noise that is added to the pre-activation.
    """

    w: ExactArray
    z: ExactArray
    norm: Norm
    eps: Fraction
    b: Fraction = Fraction(0)
    s: Fraction = Fraction(1)
    noise: Noise = NORMAL

    @property
    def reached(self) -> tuple[Fraction, Fraction]:
        """The ends of the interval of pre-activations that the attacks reach."""
        moved = [self.eps * Fraction(np.dot(self.w, delta)) for delta in extreme_points(self.norm, self.w)]
        seen = Fraction(np.dot(self.w, self.z))
        return seen + min(moved), seen + max(moved)


def extreme_points(norm: Norm, w: ExactArray) -> Iterator[ExactArray]:
    """The points of the unit ball at which a linear function can be largest.

    For l1 and l_inf these are the corners of the ball. For l2 they are the points on the axes and the two along `w`,
    where `x -> w^T x` is least and largest.

    Raises
    ------
    ValueError
        If `norm` is "l2" and the l2 norm of `w` is not rational.
    """
    if norm == "linf":
        yield from (fractions(corner) for corner in product((-1, 1), repeat=len(w)))
        return
    for i, sign in product(range(len(w)), (-1, 1)):
        yield fractions([sign * (i == j) for j in range(len(w))])
    if norm == "l2":
        length = exact_root(Fraction(np.dot(w, w)))
        yield from (w / length, -w / length)


def exact_root(square: Fraction) -> Fraction:
    """The square root of a fraction that is the square of a fraction.

    Raises
    ------
    ValueError
        If it is not one.
    """
    root = Fraction(isqrt(square.numerator), isqrt(square.denominator))
    if root**2 != square:
        raise ValueError(f"square is {square}; expected the square of a fraction")
    return root


@evaluates(gate.V_MAX)
def largest(node: AttackedNode) -> Fraction:
    """The largest modulus of the pre-activation under attack; a convex function is largest at an end."""
    low, high = node.reached
    return max(abs(low), abs(high))


@evaluates(gate.V_MIN)
def least(node: AttackedNode) -> Fraction:
    """The least modulus of the pre-activation under attack, which is zero if both signs are reached."""
    low, high = node.reached
    return max(low, -high, Fraction(0))


@evaluates(gate.ATTACKED_FIRE_RATE)
@in_balls
def attacked_fire_rate(node: AttackedNode) -> arb | Fraction:
    """The probability, over the noise, that some attack fires the node.

    No attack fires the node if the noise leaves both ends of the reached interval below the threshold.
    """
    low, high = node.reached
    if high - low >= 2 * node.b:
        return Fraction(1)
    below, above = ball(-node.b - low), ball(node.b - high)
    return plain(node.noise.at_most(below, ball(node.s)) + node.noise.at_least(above, ball(node.s)))
