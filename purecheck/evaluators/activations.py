"""Activations as functions of balls, their slopes, and their means under noise, for nodes whose feature is absent."""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from flint import acb, arb, arb_series

from numerics.exact import ExactArray
from purecheck.evaluators.attacked_gate import AttackedNode
from purecheck.evaluators.gate import PureNode
from purecheck.evaluators.noise import Piece, ball, in_balls, integral, plain
from purecheck.evaluators.registry import evaluates
from theory.quantities import activations as names

Number: TypeAlias = int | Fraction | arb


class ActivationPart(NamedTuple):
    """One piece of an activation, on a closed interval; an end that is None is infinite.

    The function takes balls and power series, and also fractions if it is `rational`.
    """

    low: Fraction | None
    high: Fraction | None
    value: Callable[[Any], Any]
    rational: bool = True


def _logistic(v: Any) -> Any:
    return 1 / (1 + (-v).exp())


def _same(v: Any) -> Any:
    return v


def _nothing(v: Any) -> Any:
    return 0 * v


def _less(b: Fraction) -> Callable[[Any], Any]:
    return lambda v: v - (b if isinstance(v, Fraction) else ball(b))


def _everywhere(f: Callable[[Any], Any], *, rational: bool = False) -> Callable[[Fraction], tuple[ActivationPart, ...]]:
    return lambda _: (ActivationPart(None, None, f, rational),)


ACTIVATIONS: dict[str, Callable[[Fraction], tuple[ActivationPart, ...]]] = {
    "gate": lambda b: (
        ActivationPart(None, -b, _same),
        ActivationPart(b, None, _same),
        ActivationPart(-b, b, _nothing),
    ),
    "biased_relu": lambda b: (ActivationPart(None, b, _nothing), ActivationPart(b, None, _less(b))),
    "soft_threshold": lambda b: (
        ActivationPart(None, -b, _less(-b)),
        ActivationPart(b, None, _less(b)),
        ActivationPart(-b, b, _nothing),
    ),
    "relu": lambda _: (ActivationPart(None, Fraction(0), _nothing), ActivationPart(Fraction(0), None, _same)),
    "tanh": _everywhere(lambda v: 2 * _logistic(2 * v) - 1),
    "sigmoid": _everywhere(_logistic),
    "silu": _everywhere(lambda v: v * _logistic(v)),
    "gelu": _everywhere(lambda v: v * (-v / arb(2).sqrt()).erfc() / 2),
    "cube": _everywhere(lambda v: v * v * v, rational=True),
}
"""The pieces of an activation by its name and threshold; where two pieces meet, the first one gives the value."""
INCREASING = ("gate", "biased_relu", "soft_threshold", "relu", "tanh", "sigmoid", "cube")
"""The activations that are nondecreasing everywhere."""


@dataclass(frozen=True, kw_only=True)
class RestingNode:
    """A node with an activation, whose feature is absent from the observation.

    Attributes
    ----------
    activation, b
        The name of its activation, and the threshold if the activation has one.
    attacked
        Its weights, the observation and the attacks that are allowed.
    along
        The direction in which the observation moves when the feature grows, shape (d,).
    a
        The head of the node.
    """

    activation: str
    b: Fraction
    attacked: AttackedNode
    along: ExactArray
    a: Fraction = Fraction(1)

    @property
    def parts(self) -> tuple[ActivationPart, ...]:
        """The pieces of the activation."""
        return ACTIVATIONS[self.activation](self.b)


@dataclass(frozen=True, kw_only=True)
class NetworkAtInput:
    """A network at one observation.

    Attributes
    ----------
    activation, b
        The name of the activation of all nodes, and the threshold if the activation has one.
    W, a
        Weights, shape (d, H), and heads, shape (H,).
    M
        The dictionary, shape (d, d).
    z
        The observation, shape (d,).
    absent
        Indices (from 0) of the features that are absent.
    """

    activation: str
    b: Fraction
    W: ExactArray
    a: ExactArray
    M: ExactArray
    z: ExactArray
    absent: tuple[int, ...]

    @property
    def parts(self) -> tuple[ActivationPart, ...]:
        """The pieces of the activation."""
        return ACTIVATIONS[self.activation](self.b)


def _contains(part: ActivationPart, v: Number) -> bool:
    low, high = (None if end is None else ball(end) if isinstance(v, arb) else end for end in (part.low, part.high))
    return bool((low is None or v >= low) and (high is None or v <= high))


def value(parts: tuple[ActivationPart, ...], v: Number) -> Any:
    """The activation at `v`, exact if it is rational and `v` is a fraction.

    Raises
    ------
    ValueError
        If `v` is a ball that is not shown to lie within one piece.
    """
    for part in parts:
        if _contains(part, v):
            return part.value(Fraction(v) if part.rational and not isinstance(v, arb) else ball(v))
    raise ValueError(f"v is {v}; expected a number on one side of every threshold")


def slope(parts: tuple[ActivationPart, ...], v: Number, direction: Number = 1) -> arb | Fraction:
    """The derivative of `t -> act(v + direction t)` at 0, from the power series of each piece that contains `v`.

    Raises
    ------
    ValueError
        If two pieces meet at `v` with different derivatives.
    """
    line = arb_series([ball(v), ball(direction)], prec=2)
    first, *others = (arb_series(part.value(line), prec=2)[1] for part in parts if _contains(part, v))
    if any(not other == first for other in others):
        raise ValueError(f"v is {v}; expected a place where the activation has a derivative")
    return plain(first)


@evaluates(names.ACT)
@in_balls
def act(node: RestingNode, v: Number) -> Any:
    """The activation of the node at `v`."""
    return value(node.parts, v)


@evaluates(names.SLOPE)
@in_balls
def act_slope(node: RestingNode | NetworkAtInput, v: Number) -> arb | Fraction:
    """The derivative of the activation of the node at `v`."""
    return slope(node.parts, v)


@evaluates(names.NODE_LEAK)
@in_balls
def node_leak(node: RestingNode) -> arb:
    """The derivative of the output of the node, at the observation, in the size of its absent feature."""
    at = Fraction(np.dot(node.attacked.w, node.attacked.z))
    return ball(node.a) * ball(slope(node.parts, at, Fraction(np.dot(node.attacked.w, node.along))))


@evaluates(names.CROSS_TALK)
@in_balls
def cross_talk(net: NetworkAtInput) -> arb:
    """The sum over absent features of the squared derivatives of the output along their columns of the dictionary."""
    seen = [Fraction(v) for v in net.W.T @ net.z]
    total = arb(0)
    for j in net.absent:
        rates = [Fraction(v) for v in net.W.T @ net.M[:, j]]
        heads = [ball(Fraction(a)) for a in net.a]
        parts = [a * ball(slope(net.parts, v, rate)) for a, v, rate in zip(heads, seen, rates, strict=True)]
        total += sum(parts, arb(0)) ** 2
    return total


@evaluates(names.CHANGE, names.CUBE_CHANGE)
@in_balls
def change(node: RestingNode) -> Any:
    """The largest change of the activation under attack, which an end of the reached interval attains.

    Raises
    ------
    ValueError
        If the activation decreases somewhere: its largest change may then lie inside of the interval.
    """
    if node.activation not in INCREASING:
        raise ValueError(f"activation is {node.activation}; expected one of {', '.join(INCREASING)}")
    at = Fraction(np.dot(node.attacked.w, node.attacked.z))
    low, middle, high = (value(node.parts, v) for v in (node.attacked.reached[0], at, node.attacked.reached[1]))
    up, down = high - middle, middle - low
    return up.max(down) if isinstance(up, arb) else max(up, down)


def _leak(word: str, node: PureNode | RestingNode) -> arb | Fraction:
    return slope(ACTIVATIONS[word](node.b if isinstance(node, RestingNode) else Fraction(1)), 0)


for _word, _name in (*names.LEAKS.items(), ("cube", names.CUBE_LEAK)):
    if _word != "relu":
        evaluates(_name)(in_balls(partial(_leak, _word)))


@evaluates(names.PAIR_SLOPE)
def pair_slope(_: Any, v: Fraction) -> Fraction:
    """The derivative of `relu(v) - relu(-v)`, from the difference quotients on both sides.

    The step is half of `|v|`, so that no quotient crosses the only kink, which is at zero.

    Raises
    ------
    ValueError
        If the two quotients differ.
    """
    step = abs(v) / 2 or Fraction(1)
    here, *beside = (_pair("relu", None, x) for x in (v, v + step, v - step))
    right, left = (beside[0] - here) / step, (here - beside[1]) / step
    if right != left:
        raise ValueError(f"v is {v}; expected a place where the pair has a derivative")
    return Fraction(right)


def _pair(word: str, _: Any, v: Number) -> Any:
    parts = ACTIVATIONS[word](Fraction(0))
    return value(parts, v) - value(parts, -v)


for _word, _name in names.PAIRS.items():
    evaluates(_name)(in_balls(partial(_pair, _word)))


def _under_noise(
    node: PureNode,
    parts: tuple[ActivationPart, ...],
    f: Callable[[ActivationPart, acb], acb],
    s: Number,
    *,
    of_slope: bool = False,
) -> arb:
    """The mean of `f` of the pre-activation, over the noise and the other feature.

    With `of_slope`, `f` is integrated against the derivative of the noise density instead. `f` is the output of an
    activation, the square of its deviation from the output at 0, or its slope.
    """
    deviation = ball(s)
    law = node.noise.slopes(deviation) if of_slope else node.noise.densities(deviation)
    means = node.means()
    # Beyond the cut |v + mean| <= reach |v|. No activation has a slope above 1.2, so an energy is at most
    # 2 (reach v)^2, and a slope at most v^2/s^2. The slope of the density is at most |v|/s^2 times the density.
    reach = 1 + sum((abs(mean) for mean in means), arb(0)) / node.noise.far(deviation)[0]
    scale = 2 * reach**2 * (1 + 1 / deviation**2)
    total = arb(0)
    for mean in means:
        pieces = [
            Piece(_moved(part.low, mean), _moved(part.high, mean), partial(_shifted, f, part, mean)) for part in parts
        ]
        total += integral(pieces, law, node.noise.far(deviation), scale)
    return total / len(means)


def _moved(end: Fraction | None, mean: arb) -> arb | None:
    return None if end is None else ball(end) - mean


def _shifted(f: Callable[[ActivationPart, acb], acb], part: ActivationPart, mean: arb, v: acb) -> acb:
    return f(part, v + mean)


@evaluates(names.LEAKS["relu"])
@in_balls
def relu_leak(node: PureNode) -> arb:
    """The mean derivative of ReLU under the noise.

    It does not depend on the standard deviation, for which 1 is taken.
    """
    return _mean_slope(node, ACTIVATIONS["relu"](Fraction(0)), Fraction(1))


@evaluates(names.GATE_DERIVATIVE)
@in_balls
def gate_derivative(node: PureNode, b: Fraction, s: Fraction) -> arb:
    """The mean derivative of the gate under the noise, from the derivative of each piece."""
    return _mean_slope(node, ACTIVATIONS["gate"](b), s)


def _mean_slope(node: PureNode, parts: tuple[ActivationPart, ...], s: Number) -> arb:
    def rate(part: ActivationPart, v: acb) -> acb:
        """The derivative of a piece, which is linear, so that it can be taken at any place."""
        place = Fraction((part.low if part.low is not None else part.high) or 0)
        return 0 * v + ball(slope((part._replace(low=None, high=None),), place))

    return _under_noise(node, parts, rate, s)


@evaluates(names.GATE_SLOPE)
@in_balls
def gate_slope(node: PureNode, b: Fraction, s: Fraction) -> arb:
    """The derivative of the mean output of the gate in the pre-activation.

    A shift of the pre-activation shifts the density, so this is minus the integral of the output against the derivative
    of the density.
    """
    return -_under_noise(node, ACTIVATIONS["gate"](b), lambda part, v: part.value(v), s, of_slope=True)


def _energy(word: str, node: PureNode, *arguments: Fraction) -> arb:
    *threshold, s = arguments
    parts = ACTIVATIONS[word](Fraction(threshold[0]) if threshold else Fraction(0))
    rest = ball(value(parts, 0))
    return _under_noise(node, parts, lambda part, v: (part.value(v) - rest) ** 2, s)


for _word, _name in names.NOISE_ENERGIES.items():
    evaluates(_name)(in_balls(partial(_energy, _word)))
