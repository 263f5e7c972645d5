"""One gradient step of a small network with its gates held fixed, in exact fractions, by differences of the loss."""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from numerics.exact import ExactArray
from numerics.network import GatedNetwork, forward
from purecheck.evaluators.forces import Sample, cell
from purecheck.evaluators.registry import evaluates
from theory.quantities import forces


@dataclass(frozen=True, kw_only=True)
class GradientStep(Sample):
    """A network at one attacked observation, of which a node takes a step.

    Attributes
    ----------
    rate
        Size of the step.
    """

    rate: Fraction


def _loss(model: GradientStep, a: Fraction, w: ExactArray) -> Fraction:
    """Squared error on the gate cell of the network, with that head and weights in the node of the model."""
    net = cell(model.net, model.input[0])
    W, heads = net.W.copy(), net.a.copy()
    W[:, model.node], heads[model.node] = w, a
    return Fraction((model.y - forward(GatedNetwork(W, heads, net.b), model.input)[0]) ** 2)


def _node(model: GradientStep) -> tuple[Fraction, ExactArray]:
    net = cell(model.net, model.input[0])
    return Fraction(net.a[model.node]), np.asarray(net.W[:, model.node])


def _slope(f: Callable[[Fraction], Fraction]) -> Fraction:
    """The derivative at 0 of a polynomial of degree two, for which the central difference is exact."""
    return (f(Fraction(1)) - f(Fraction(-1))) / 2


@evaluates(forces.HEAD_SLOPE)
def head_slope(model: GradientStep) -> Fraction:
    """By a central difference."""
    a, w = _node(model)
    return _slope(lambda t: _loss(model, a + t, w))


@evaluates(forces.WEIGHT_SLOPES)
def weight_slopes(model: GradientStep) -> list[Fraction]:
    """By a central difference in each weight."""
    a, w = _node(model)
    axes = np.eye(len(w), dtype=int)
    return [_slope(lambda t, axis=axis: _loss(model, a, w + t * axis)) for axis in axes]  # type: ignore[misc]


@evaluates(forces.BALANCE_CHANGE)
def balance_change(model: GradientStep) -> Fraction:
    """By taking the step."""
    a, w = _node(model)
    moved = w - model.rate * np.asarray(weight_slopes(model))
    after = (a - model.rate * head_slope(model)) ** 2 - np.sum(moved**2)
    return Fraction(after - (a**2 - np.sum(w**2)))
