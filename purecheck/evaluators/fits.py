"""What a network makes of the support of its input: its effective map there and elsewhere, in exact fractions."""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from numerics.exact import ExactArray, fractions
from numerics.lookup import lookup_nodes
from numerics.network import effective_map, forward, gated_outputs, preactivations
from purecheck.evaluators.firing import energy
from purecheck.evaluators.model import Model, inner
from purecheck.evaluators.registry import evaluates
from theory.quantities import fits


@dataclass(frozen=True, kw_only=True)
class Observed(Model):
    """An instance whose network sees features with noise.

    Attributes
    ----------
    noise
        What is added to the features, shape (d,).
    """

    noise: ExactArray

    @property
    def seen(self) -> ExactArray:
        """The observation in feature coordinates, shape (1, d)."""
        return np.asarray(self.input + self.noise)


def effective(model: Model) -> ExactArray:
    """Effective map at the input, shape (..., d): one row for each output if the network has several."""
    seen = model.seen if isinstance(model, Observed) else model.input
    return np.asarray(effective_map(model.net, seen)[..., 0, :])


def support(model: Model) -> ExactArray:
    """1 for each active feature, else 0; shape (d,)."""
    return fractions((model.input[0] != 0).astype(int).tolist())


@evaluates(fits.ON_SUPPORT)
def on_support(model: Model) -> ExactArray:
    """By entries."""
    return np.asarray(effective(model) * support(model))


@evaluates(fits.OFF_SUPPORT)
def off_support(model: Model) -> ExactArray:
    """By entries."""
    return np.asarray(effective(model) * (1 - support(model)))


@evaluates(fits.JACOBIAN_ENERGY)
def jacobian_energy(model: Model) -> Fraction:
    """Over the law of the model."""
    inputs, probabilities = model.law
    squares = np.sum(effective_map(model.net, inputs) ** 2, axis=(0, -1))
    return Fraction(probabilities @ squares)


@evaluates(fits.SEEN_SAME)
def seen_same(model: Model) -> Fraction:
    """By the node of the model, at its input."""
    return _seen(model, (1, 1))


@evaluates(fits.SEEN_ALONE)
def seen_alone(model: Model) -> Fraction:
    """By the node of the model, at its input without the second feature."""
    return _seen(model, (1, 0))


@evaluates(fits.SEEN_OPPOSITE)
def seen_opposite(model: Model) -> Fraction:
    """By the node of the model, at its input with the second feature turned round."""
    return _seen(model, (1, -1))


@evaluates(fits.ADDED)
def added(model: Model) -> Fraction:
    """All nodes of the model are impure."""
    return Fraction(effective(model)[0])


@evaluates(fits.PASSED)
def passed(model: Model) -> Fraction:
    """By the node of the model."""
    return Fraction(gated_outputs(model.net, model.input)[0, model.node])


@evaluates(fits.MIXTURE_OUTPUT)
def mixture_output(model: Model) -> ExactArray:
    """As a matrix of one entry."""
    return np.asarray(forward(model.net, model.input)[None])


@evaluates(fits.UNGATED)
def ungated(model: Model) -> ExactArray:
    """As a matrix of one entry."""
    return np.asarray(preactivations(model.net, model.input) @ model.net.a)[None]


@evaluates(fits.MISS)
def miss(model: Model) -> Fraction:
    """For the target of the model."""
    return Fraction(abs(forward(model.net, model.input)[0] - model.input[0] @ model.target))


@evaluates(fits.OUTPUT)
def output(model: Model) -> Fraction:
    """Of a network with one output."""
    return Fraction(forward(model.net, model.input)[0])


@evaluates(fits.LEAST)
def least_energy(model: Model) -> Fraction:
    """By the projection of the target on each input."""
    inputs, probabilities = model.law
    maps = (x * (inner(model.target, x) / inner(x, x)) if any(x != 0) else x for x in inputs)
    return inner(probabilities, fractions([inner(beta, beta) for beta in maps]))


@evaluates(fits.LEAST_RATIO)
def least_ratio(model: Model) -> Fraction:
    """Of the network of the model, whose nodes are look-up nodes."""
    return energy(model) / inner(model.target, model.target)


@dataclass(frozen=True, kw_only=True)
class LookupDirection:
    """A direction of look-up nodes against a difference of supports.

    Attributes
    ----------
    pattern, sign
        The direction is the pattern, in integers of shape (d,), with the shift added or taken away.
    w
        Difference or sum of two patterns, shape (d,).
    """

    pattern: ExactArray
    sign: int
    w: ExactArray

    @property
    def shift(self) -> ExactArray:
        """The shift of the look-up network of `numerics`: what its first direction has beyond its pattern."""
        nodes = lookup_nodes(len(self.w))
        scale = Fraction(8 ** len(self.w))
        return np.asarray(fractions(nodes.directions[0].tolist()) / scale - fractions(nodes.patterns[0].tolist()))


@evaluates(fits.SHIFT)
def shifted(model: LookupDirection) -> Fraction:
    """By the shift of `numerics`."""
    return inner(model.shift, model.w)


@evaluates(fits.APART)
def apart(model: LookupDirection) -> Fraction:
    """By the shift of `numerics`."""
    return abs(inner(model.pattern + model.sign * model.shift, model.w))


def touched(model: Model) -> ExactArray:
    """1 for each node that holds an active feature, else 0; shape (H,)."""
    held = model.net.W[model.input[0] != 0] != 0
    return fractions(np.any(held, axis=0).astype(int).tolist())


def _seen(model: Model, signs: tuple[int, int]) -> Fraction:
    return Fraction(preactivations(model.net, model.input * fractions(signs))[0, model.node])
