"""The effective map of a network on the support of its input and off it, in exact fractions."""

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
    """A model whose network sees features with noise.

    Attributes
    ----------
    noise
        The noise that is added to the features, shape (d,).
    """

    noise: ExactArray

    @property
    def seen(self) -> ExactArray:
        """The observation in feature coordinates, shape (1, d)."""
        return np.asarray(self.input + self.noise)


def effective(model: Model) -> ExactArray:
    """The effective map at the input, shape (d,), or (outputs, d) for a network with several outputs."""
    seen = model.seen if isinstance(model, Observed) else model.input
    return np.asarray(effective_map(model.net, seen)[..., 0, :])


def support(model: Model) -> ExactArray:
    """1 for each active feature, else 0; shape (d,)."""
    return fractions((model.input[0] != 0).astype(int).tolist())


@evaluates(fits.ON_SUPPORT)
def on_support(model: Model) -> ExactArray:
    """The effective map on the support of the input, with zeros elsewhere."""
    return np.asarray(effective(model) * support(model))


@evaluates(fits.OFF_SUPPORT)
def off_support(model: Model) -> ExactArray:
    """The effective map off the support of the input, with zeros on it."""
    return np.asarray(effective(model) * (1 - support(model)))


@evaluates(fits.JACOBIAN_ENERGY)
def jacobian_energy(model: Model) -> Fraction:
    """The mean squared Frobenius norm of the input Jacobian under the law of the input."""
    inputs, probabilities = model.law
    squares = np.sum(effective_map(model.net, inputs) ** 2, axis=(0, -1))
    return Fraction(probabilities @ squares)


@evaluates(fits.SEEN_SAME)
def seen_same(model: Model) -> Fraction:
    """The pre-activation of the node at the input of two features."""
    return _seen(model, (1, 1))


@evaluates(fits.SEEN_ALONE)
def seen_alone(model: Model) -> Fraction:
    """The pre-activation of the node at the input without its second feature."""
    return _seen(model, (1, 0))


@evaluates(fits.SEEN_OPPOSITE)
def seen_opposite(model: Model) -> Fraction:
    """The pre-activation of the node at the input with the sign of its second feature reversed."""
    return _seen(model, (1, -1))


@evaluates(fits.ADDED)
def added(model: Model) -> Fraction:
    """The first entry of the effective map, to which only mixtures contribute in this model."""
    return Fraction(effective(model)[0])


@evaluates(fits.PASSED)
def passed(model: Model) -> Fraction:
    """The gated output of the node at the input."""
    return Fraction(gated_outputs(model.net, model.input)[0, model.node])


@evaluates(fits.MIXTURE_OUTPUT)
def mixture_output(model: Model) -> ExactArray:
    """The output of the network at the input, as a matrix with one row."""
    return np.asarray(forward(model.net, model.input)[None])


@evaluates(fits.UNGATED)
def ungated(model: Model) -> ExactArray:
    """The output that the network would have if every node fired, as a matrix with one row."""
    return np.asarray(preactivations(model.net, model.input) @ model.net.a)[None]


@evaluates(fits.MISS)
def miss(model: Model) -> Fraction:
    """The modulus of the difference between the output and the value of the target at the input."""
    return Fraction(abs(forward(model.net, model.input)[0] - model.input[0] @ model.target))


@evaluates(fits.OUTPUT)
def output(model: Model) -> Fraction:
    """The output at the input, for a network with one output."""
    return Fraction(forward(model.net, model.input)[0])


@evaluates(fits.LEAST)
def least_energy(model: Model) -> Fraction:
    """The mean squared norm of the shortest effective maps that fit: the projections of the target on each input."""
    inputs, probabilities = model.law
    maps = (x * (inner(model.target, x) / inner(x, x)) if any(x != 0) else x for x in inputs)
    return inner(probabilities, fractions([inner(beta, beta) for beta in maps]))


@evaluates(fits.LEAST_RATIO)
def least_ratio(model: Model) -> Fraction:
    """The mean squared norm of the effective map of a network of look-up nodes, over the squared norm of the target."""
    return energy(model) / inner(model.target, model.target)


@dataclass(frozen=True, kw_only=True)
class LookupDirection:
    """A direction of look-up nodes, held against a difference of supports.

    Attributes
    ----------
    pattern, sign
        The direction is the integer pattern, shape (d,), plus `sign` times the shift.
    w
        Difference or sum of two patterns, shape (d,).
    """

    pattern: ExactArray
    sign: int
    w: ExactArray

    @property
    def shift(self) -> ExactArray:
        """The shift of the look-up network in `numerics`: the first direction less its pattern."""
        nodes = lookup_nodes(len(self.w))
        scale = Fraction(8 ** len(self.w))  # `lookup_nodes` stores 8^d times each direction, so that it is an integer
        return np.asarray(fractions(nodes.directions[0].tolist()) / scale - fractions(nodes.patterns[0].tolist()))


@evaluates(fits.SHIFT)
def shifted(model: LookupDirection) -> Fraction:
    """The inner product of the shift of the look-up network with `w`."""
    return inner(model.shift, model.w)


@evaluates(fits.APART)
def apart(model: LookupDirection) -> Fraction:
    """The modulus of the inner product of the direction with `w`."""
    return abs(inner(model.pattern + model.sign * model.shift, model.w))


def touched(model: Model) -> ExactArray:
    """1 for each node that holds an active feature, 0 for the others; shape (H,)."""
    held = model.net.W[model.input[0] != 0] != 0
    return fractions(np.any(held, axis=0).astype(int).tolist())


def _seen(model: Model, signs: tuple[int, int]) -> Fraction:
    return Fraction(preactivations(model.net, model.input * fractions(signs))[0, model.node])
