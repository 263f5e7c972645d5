"""What passes through a node at rest: activations as functions of balls, their slopes, and their means over noise."""

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


class Part(NamedTuple):
    """An activation between two ends, both included; an end that is None is infinite.

    The function takes balls and power series; fractions too, if it is `rational`.
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


def _everywhere(f: Callable[[Any], Any], *, rational: bool = False) -> Callable[[Fraction], tuple[Part, ...]]:
    return lambda _: (Part(None, None, f, rational),)


ACTIVATIONS: dict[str, Callable[[Fraction], tuple[Part, ...]]] = {
    "gate": lambda b: (Part(None, -b, _same), Part(b, None, _same), Part(-b, b, _nothing)),
    "biased_relu": lambda b: (Part(None, b, _nothing), Part(b, None, _less(b))),
    "soft_threshold": lambda b: (Part(None, -b, _less(-b)), Part(b, None, _less(b)), Part(-b, b, _nothing)),
    "relu": lambda _: (Part(None, Fraction(0), _nothing), Part(Fraction(0), None, _same)),
    "tanh": _everywhere(lambda v: 2 * _logistic(2 * v) - 1),
    "sigmoid": _everywhere(_logistic),
    "silu": _everywhere(lambda v: v * _logistic(v)),
    "gelu": _everywhere(lambda v: v * (-v / arb(2).sqrt()).erfc() / 2),
    "cube": _everywhere(lambda v: v * v * v, rational=True),
}
"""The parts of an activation by its name and threshold; where two parts meet, the first one has the value."""
INCREASING = ("gate", "biased_relu", "soft_threshold", "relu", "tanh", "sigmoid", "cube")
"""Activations that nowhere decrease."""


@dataclass(frozen=True, kw_only=True)
class RestingNode:
    """A node with an activation, whose feature is absent.

    Attributes
    ----------
    activation, b
        The name of its activation, and the threshold if it has one.
    attacked
        Its weights, the observation and the attacks.
    along
        How the observation moves with its feature, shape (d,).
    a
        Its head.
    """

    activation: str
    b: Fraction
    attacked: AttackedNode
    along: ExactArray
    a: Fraction = Fraction(1)

    @property
    def parts(self) -> tuple[Part, ...]:
        """The parts of the activation."""
        return ACTIVATIONS[self.activation](self.b)


@dataclass(frozen=True, kw_only=True)
class AttackedNetwork:
    """A network at an observation.

    Attributes
    ----------
    activation, b
        The name of the activation of all nodes, and the threshold if it has one.
    W, a
        Weights, shape (d, H), and heads, shape (H,).
    M
        The dictionary, shape (d, d).
    z
        The observation, shape (d,).
    absent
        Indices from 0 of the features that are absent.
    """

    activation: str
    b: Fraction
    W: ExactArray
    a: ExactArray
    M: ExactArray
    z: ExactArray
    absent: tuple[int, ...]

    @property
    def parts(self) -> tuple[Part, ...]:
        """The parts of the activation."""
        return ACTIVATIONS[self.activation](self.b)


def _contains(part: Part, v: Number) -> bool:
    low, high = (None if end is None else ball(end) if isinstance(v, arb) else end for end in (part.low, part.high))
    return bool((low is None or v >= low) and (high is None or v <= high))


def value(parts: tuple[Part, ...], v: Number) -> Any:
    """The activation at `v`; exact where it takes a fraction to a fraction.

    Raises
    ------
    ValueError
        If a ball is not shown to lie in one part.
    """
    for part in parts:
        if _contains(part, v):
            return part.value(Fraction(v) if part.rational and not isinstance(v, arb) else ball(v))
    raise ValueError(f"v is {v}; expected a number on one side of every threshold")


def slope(parts: tuple[Part, ...], v: Number, direction: Number = 1) -> arb | Fraction:
    """The derivative of `t -> act(v + direction t)` at 0, from the power series of each part that contains `v`.

    Raises
    ------
    ValueError
        If two parts meet at `v` with different derivatives.
    """
    line = arb_series([ball(v), ball(direction)], prec=2)
    first, *others = (arb_series(part.value(line), prec=2)[1] for part in parts if _contains(part, v))
    if any(not other == first for other in others):
        raise ValueError(f"v is {v}; expected a place where the activation has a derivative")
    return plain(first)


@evaluates(names.ACT)
@in_balls
def act(node: RestingNode, v: Number) -> Any:
    """Of the instance."""
    return value(node.parts, v)


@evaluates(names.SLOPE)
@in_balls
def act_slope(node: RestingNode | AttackedNetwork, v: Number) -> arb | Fraction:
    """Of the instance."""
    return slope(node.parts, v)


@evaluates(names.NODE_LEAK)
@in_balls
def node_leak(node: RestingNode) -> arb:
    """At the observation of the instance."""
    at = Fraction(np.dot(node.attacked.w, node.attacked.z))
    return ball(node.a) * ball(slope(node.parts, at, Fraction(np.dot(node.attacked.w, node.along))))


@evaluates(names.CROSS_TALK)
@in_balls
def cross_talk(net: AttackedNetwork) -> arb:
    """Along the columns of the dictionary that hold the absent features."""
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
    """At an end of what the attacks reach: the activation must not decrease anywhere."""
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
    """From the quotients on both sides, within which nothing bends but at zero.

    Raises
    ------
    ValueError
        If they differ.
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
    node: PureNode, parts: tuple[Part, ...], f: Callable[[Part, acb], acb], s: Number, *, of_slope: bool = False
) -> arb:
    """The mean of `f` of the pre-activation over noise and the other feature; or the same with the slope of the law.

    The modulus of `f` is at most `1 + v^2/s^2` far out, or that of a shift of less than `s` of it.
    """
    deviation = ball(s)
    law = node.noise.slopes(deviation) if of_slope else node.noise.densities(deviation)
    scale = 20 * (1 + 1 / deviation**2)
    means = node.means()
    total = arb(0)
    for mean in means:
        pieces = [
            Piece(_moved(part.low, mean), _moved(part.high, mean), partial(_shifted, f, part, mean)) for part in parts
        ]
        total += integral(pieces, law, node.noise.far(deviation), scale)
    return total / len(means)


def _moved(end: Fraction | None, mean: arb) -> arb | None:
    return None if end is None else ball(end) - mean


def _shifted(f: Callable[[Part, acb], acb], part: Part, mean: arb, v: acb) -> acb:
    return f(part, v + mean)


@evaluates(names.LEAKS["relu"])
@in_balls
def relu_leak(node: PureNode) -> arb:
    """From the slope of each part, at an arbitrary standard deviation."""
    return _mean_slope(node, ACTIVATIONS["relu"](Fraction(0)), Fraction(1))


@evaluates(names.GATE_DERIVATIVE)
@in_balls
def gate_derivative(node: PureNode, b: Fraction, s: Fraction) -> arb:
    """From the slope of each part."""
    return _mean_slope(node, ACTIVATIONS["gate"](b), s)


def _mean_slope(node: PureNode, parts: tuple[Part, ...], s: Number) -> arb:
    def rate(part: Part, v: acb) -> acb:
        """Every part is linear: its slope is that at any place."""
        place = Fraction((part.low if part.low is not None else part.high) or 0)
        return 0 * v + ball(slope((part._replace(low=None, high=None),), place))

    return _under_noise(node, parts, rate, s)


@evaluates(names.GATE_SLOPE)
@in_balls
def gate_slope(node: PureNode, b: Fraction, s: Fraction) -> arb:
    """A shift of the pre-activation moves the density: minus the mean of the output over the slope of the density."""
    return -_under_noise(node, ACTIVATIONS["gate"](b), lambda part, v: part.value(v), s, of_slope=True)


def _energy(word: str, node: PureNode, *arguments: Fraction) -> arb:
    *threshold, s = arguments
    parts = ACTIVATIONS[word](Fraction(threshold[0]) if threshold else Fraction(0))
    rest = ball(value(parts, 0))
    return _under_noise(node, parts, lambda part, v: (part.value(v) - rest) ** 2, s)


for _word, _name in names.NOISE_ENERGIES.items():
    evaluates(_name)(in_balls(partial(_energy, _word)))
