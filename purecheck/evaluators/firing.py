"""Which nodes fire, and their pre-activations: all sign patterns of a small model, in exact fractions."""

from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import Any

import numpy as np

from numerics.exact import ExactArray, fractions, signed_supports
from numerics.network import GatedNetwork, active, effective_map, preactivations
from purecheck.evaluators.model import Model
from purecheck.evaluators.registry import evaluates
from theory.quantities import firing


@dataclass(frozen=True)
class Group:
    """The features that a node holds with equal weights, and its noise.

    Attributes
    ----------
    b
        The threshold of the node; the amplitude of the first feature is 1.
    spread
        The amplitude of feature `i`, counted from 0, is `1 + i * spread`.
    noise
        The noise equals this value or its negative with equal probability.
    """

    b: Fraction = Fraction(1, 2)
    spread: Fraction = Fraction(0)
    noise: Fraction = Fraction(0)


@cache
def _firing_patterns(group: Group, order: int) -> tuple[Fraction, ...]:
    """For each number of active features, the number of sign patterns that fire the node, averaged over the noise."""
    patterns = signed_supports(order)
    amplitudes = fractions([1 + i * group.spread for i in range(order)])
    node = GatedNetwork(fractions([[1]] * order), fractions([1]), fractions([group.b]))
    seen = preactivations(node, fractions(patterns.tolist()) * amplitudes)
    counts = np.zeros(order + 1, dtype=int)
    for noise in (group.noise, -group.noise):
        fired = np.asarray(active(seen + noise, node.b)[:, 0], dtype=bool)
        counts += np.bincount(np.abs(patterns).sum(axis=1)[fired], minlength=order + 1)
    return tuple(Fraction(int(count), 2) for count in counts)


@evaluates(firing.FiringProbability)
def firing_probability(model: Any, order: int, rate: Fraction) -> Fraction:
    """The probability that a node holding `order` features fires, from all supports and signs.

    The features are those of `model` if it is a `Group`, and those of the default `Group` otherwise.
    """
    group = model if isinstance(model, Group) else Group()
    active_share, silent = Fraction(rate), 1 - Fraction(rate)
    counts = _firing_patterns(group, order) if order else ()
    terms = (count * (active_share / 2) ** n * silent ** (order - n) for n, count in enumerate(counts))
    return sum(terms, start=Fraction(0))


def fired(model: Model) -> ExactArray:
    """1 for each node that fires at the input, 0 for the others; shape (H,)."""
    return fractions(_fires(model, model.input)[0].tolist())


def node_pull(model: Model) -> ExactArray:
    r"""Inner products $u_h^\top\theta$ of the nodes with the target, shape (H,)."""
    return np.asarray(model.theta @ model.net.W)


def node_square(model: Model) -> ExactArray:
    r"""Squared norms $\|u_h\|^2$, shape (H,)."""
    return np.asarray(np.sum(model.net.W**2, axis=0))


def node_firing(model: Model) -> ExactArray:
    """The probability that each node fires under the law of the input, shape (H,)."""
    inputs, probabilities = model.law
    return np.asarray(probabilities @ fractions(_fires(model, inputs).tolist()))


@evaluates(firing.SEEN)
def seen(model: Model) -> Fraction:
    """The inner product of the effective map at the input with the weights of the node."""
    beta = effective_map(model.net, model.input)[0]
    return Fraction(beta @ model.net.W[:, model.node])


@evaluates(firing.ENERGY)
def energy(model: Model) -> Fraction:
    """The mean squared norm of the effective map under the law of the input."""
    inputs, probabilities = model.law
    return Fraction(probabilities @ np.sum(effective_map(model.net, inputs, model.M) ** 2, axis=-1))


@evaluates(firing.MIXTURE_ENERGY)
def mixture_energy(model: Model) -> ExactArray:
    """The mean squared norm of the effective map, as a 1 x 1 matrix."""
    return fractions([[energy(model)]])


def _fires(model: Model, inputs: ExactArray) -> ExactArray:
    return np.asarray(active(preactivations(model.net, inputs), model.net.b), dtype=int)
