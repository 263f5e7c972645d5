"""The output of a network, clean and under attack: exact worst cases over balls that are polytopes."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations, product
from typing import Any, NamedTuple

import numpy as np

from numerics.exact import ExactArray, fractions
from numerics.network import active, forward, input_gradient, preactivations
from numerics.norms import Norm, steepest
from purecheck.evaluators.model import Model
from purecheck.evaluators.numbers import fraction
from purecheck.evaluators.registry import evaluates
from theory.quantities import network
from theory.theorems.duality import DualNorm


@dataclass(frozen=True, kw_only=True)
class AttackedInput(Model):
    """A network at an observation, its input, under attack.

    Attributes
    ----------
    y
        Label.
    eps
        Size of the attack.
    norm
        Norm of the attack, whose ball must be a polytope: "l1" or "linf".
    delta
        One attack, shape (d,).
    """

    y: Fraction = Fraction(0)
    eps: Fraction = Fraction(0)
    norm: Norm = "linf"
    delta: ExactArray

    @property
    def pushed(self) -> ExactArray:
        """The observation after the attack, shape (1, d)."""
        return np.asarray(self.input + self.delta)


def extreme_points(d: int, norm: Norm) -> ExactArray:
    """The extreme points of the unit ball, shape (n, d).

    Raises
    ------
    ValueError
        If `norm` is "l2", whose ball has infinitely many.
    """
    if norm == "linf":
        return fractions(list(product((1, -1), repeat=d)))
    if norm == "l1":
        return fractions([*np.eye(d, dtype=int).tolist(), *(-np.eye(d, dtype=int)).tolist()])
    raise ValueError(f"norm is {norm!r}; expected 'l1' or 'linf'")


@evaluates(network.OUTPUT)
def output(model: Model) -> ExactArray:
    """The output at the input, as a matrix with one row."""
    return np.asarray(forward(model.net, model.input)[None])


@evaluates(network.GRADIENT)
def gradient(model: Model) -> ExactArray:
    """The gradient of the output at the input, as a matrix with one column."""
    return np.asarray(input_gradient(model.net, model.input).T)


@evaluates(network.INCREMENT)
def increment(model: AttackedInput) -> ExactArray:
    """The change of the output under the attack, as a matrix with one row."""
    return np.asarray((forward(model.net, model.pushed) - forward(model.net, model.input))[None])


def largest_push(vector: ExactArray, norm: Norm) -> Fraction:
    """The dual norm of a vector: a linear form is largest at an extreme point of the ball."""
    return Fraction(max(extreme_points(len(vector), norm) @ vector))


@evaluates(DualNorm)
def dual_norm(model: AttackedInput, vector: Any) -> Fraction:
    """The dual norm of a column of rational SymPy numbers, for the norm of the model."""
    return largest_push(fractions([fraction(x) for x in vector]), model.norm)


@evaluates(network.AFTER)
def after(model: AttackedInput) -> Fraction:
    """The modulus of the pre-activation of the node after the attack."""
    return Fraction(abs(preactivations(model.net, model.pushed)[0, model.node]))


@evaluates(network.ERROR_AFTER)
def error_after(model: AttackedInput) -> Fraction:
    """The modulus of the error after the attack."""
    return abs(_error(model, model.delta))


@evaluates(network.LossSlope)
def loss_slope(model: AttackedInput, t: Fraction) -> Fraction:
    """The derivative of the squared error in the output, after an attack has moved the output by `t`.

    It is a central difference, which is exact because the loss is quadratic in the output.
    """
    e = _error(model, 0 * model.delta)
    return Fraction(((e - t - 1) ** 2 - (e - t + 1) ** 2) / 2)


@evaluates(network.FGM_LOSS)
def fgm_loss(model: AttackedInput) -> Fraction:
    """The squared error after the steepest step along the gradient of the squared error."""
    slope = -2 * _error(model, 0 * model.delta) * input_gradient(model.net, model.input)[0]
    return _error(model, model.eps * steepest(slope, model.norm)) ** 2


@evaluates(network.SIGNED_LOSS)
def signed_loss(model: AttackedInput) -> Fraction:
    """The larger squared error after the steepest steps along the gradient of the output and against it."""
    step = model.eps * steepest(input_gradient(model.net, model.input)[0], model.norm)
    return max(_error(model, step) ** 2, _error(model, -step) ** 2)


@evaluates(network.OPENS)
def opens(model: AttackedInput) -> ExactArray:
    """1 for each node that some attack fires, 0 for the others; shape (H,).

    The modulus of a linear form is largest at an extreme point of the ball.
    """
    return fractions(np.any(active(_corner_preactivations(model), model.net.b), axis=0).astype(int).tolist())


@evaluates(network.CLOSES)
def closes(model: AttackedInput) -> ExactArray:
    """1 for each node that some attack silences, 0 for the others; shape (H,).

    The modulus of a linear form is zero somewhere in the ball if the form changes its sign, and otherwise least at an
    extreme point.
    """
    V = _corner_preactivations(model)
    crosses = np.any(V >= 0, axis=0) & np.any(V <= 0, axis=0)
    least = np.min(np.abs(V), axis=0) * fractions((~crosses).astype(int).tolist())
    return fractions((least < model.net.b).astype(int).tolist())


@evaluates(network.WORST)
def worst(model: AttackedInput) -> Fraction:
    """The supremum of the squared error over the ball of attacks, in one or two dimensions.

    Where no gate changes, the output is linear and the squared error convex, so its supremum on such a piece of the
    ball is attained at a corner of the closed piece.
    """
    ball = list(_ball(model))
    return Fraction(max((model.y - x @ slope) ** 2 for corners, slope in _pieces(model, ball) for x in corners))


class _HalfSpace(NamedTuple):
    """The points `x` with `normal . x <= end`, or `<` if strict."""

    normal: ExactArray
    end: Fraction
    strict: bool = False

    def holds(self, x: ExactArray) -> bool:
        gap = self.end - self.normal @ x
        return bool(gap > 0 if self.strict else gap >= 0)


def _ball(model: AttackedInput) -> Iterator[_HalfSpace]:
    """The sides of the ball around the observation: the ball of a norm is the polar of the ball of its dual."""
    (z,) = model.input
    polar: Norm = "linf" if model.norm == "l1" else "l1"
    for normal in extreme_points(len(z), polar):
        yield _HalfSpace(normal, model.eps + normal @ z)


def _pieces(model: AttackedInput, ball: list[_HalfSpace]) -> Iterator[tuple[list[ExactArray], ExactArray]]:
    """The corners of every nonempty piece of the ball on which no gate changes, with the gradient of the output."""
    net = model.net
    for signs in product((0, 1, -1), repeat=len(net.b)):
        sides = [*ball]
        for w, b, sign in zip(net.W.T, net.b, signs, strict=True):
            sides += [_HalfSpace(-sign * w, -b)] if sign else [_HalfSpace(w, b, True), _HalfSpace(-w, b, True)]
        corners = _corners(sides)
        # The middle of the corners meets every strict inequality that some point meets.
        if corners and all(side.holds(np.sum(corners, axis=0) / len(corners)) for side in sides):
            yield corners, net.W @ (net.a * fractions([abs(sign) for sign in signs]))


def _corners(sides: list[_HalfSpace]) -> list[ExactArray]:
    """The corners of the closure of a bounded polytope of one or two dimensions."""
    d = len(sides[0].normal)
    found = (_meeting(chosen) for chosen in combinations(sides, d))
    return [x for x in found if x is not None and all(side.end >= side.normal @ x for side in sides)]


def _meeting(sides: tuple[_HalfSpace, ...]) -> ExactArray | None:
    """The boundary point of one side, or the point where two lines meet; None if there is no such point.

    Raises
    ------
    ValueError
        If there are more than two dimensions.
    """
    if len(sides) == 1:
        (n,), c = sides[0].normal, sides[0].end
        return fractions([c / n]) if n != 0 else None
    if len(sides) != 2:
        raise ValueError(f"the input has {len(sides)} dimensions; expected 1 or 2")
    (a, b), (c, d) = (side.normal for side in sides)
    determinant = a * d - b * c
    if determinant == 0:
        return None
    e, f = (side.end for side in sides)
    return fractions([(e * d - b * f) / determinant, (a * f - e * c) / determinant])


def _corner_preactivations(model: AttackedInput) -> ExactArray:
    corners = model.input + model.eps * extreme_points(model.input.shape[1], model.norm)
    return np.asarray(preactivations(model.net, corners))


def _error(model: AttackedInput, delta: ExactArray) -> Fraction:
    return Fraction(model.y - forward(model.net, model.input + delta)[0])
