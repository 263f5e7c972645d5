"""How often one node fires that mixes features: every support, sign and amplitude of a small law, exactly."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import product

import numpy as np

from numerics.exact import fractions
from numerics.network import GatedNetwork, active, forward, preactivations
from purecheck.evaluators.model import Model
from purecheck.evaluators.registry import evaluates
from theory.quantities import firing

_ONE = (Fraction(1),)


@dataclass(frozen=True, kw_only=True)
class MixingNode:
    """A node with the law of the features that it holds.

    Attributes
    ----------
    weights
        Of its features.
    p, b
        Probability that a feature is active; its threshold.
    amplitudes
        The values that the amplitude of an active feature takes, each as likely as the others.
    together
        Whether all features are active together; else each is by itself.
    positive
        Whether an active feature is always positive; else its sign is fair.
    further
        Weights of further features, each active with the same probability.
    noise
        The noise takes this value and its negative, at random.
    """

    weights: tuple[Fraction, ...]
    p: Fraction
    b: Fraction
    amplitudes: tuple[Fraction, ...] = _ONE
    together: bool = False
    positive: bool = False
    further: tuple[Fraction, ...] = ()
    noise: Fraction = Fraction(0)


@evaluates(firing.NODE_FIRES, firing.OFFSET_FIRES, firing.TILTED_FIRES)
def node_fires(node: MixingNode) -> Fraction:
    """By the node of the network itself, over its whole law."""
    outcomes = list(_law(node))
    net = GatedNetwork(fractions([[w] for w in (*node.weights, *node.further)]), fractions([1]), fractions([node.b]))
    seen = preactivations(net, fractions([x for _, x in outcomes]))
    total = Fraction(0)
    for noise in (node.noise, -node.noise):
        fires = np.asarray(active(seen + noise, net.b)[:, 0], dtype=bool)
        total += sum((weight for (weight, _), on in zip(outcomes, fires, strict=True) if on), Fraction(0)) / 2
    return total


def _law(node: MixingNode) -> Iterator[tuple[Fraction, list[Fraction]]]:
    """Probability and values of the features."""
    signs = (1,) if node.positive else (1, -1)
    values = [sign * amplitude for sign in signs for amplitude in node.amplitudes]
    size, share = len(node.weights) + len(node.further), Fraction(1, len(values))
    for x in product([Fraction(0), *values], repeat=size):
        count = sum(value != 0 for value in x)
        support = node.p**count * (1 - node.p) ** (size - count)
        if node.together:
            support = {0: 1 - node.p, size: node.p}.get(count, Fraction(0))
        yield support * share**count, list(x)


@evaluates(firing.FIT_ERROR)
def fit_error(model: Model) -> Fraction:
    """Over all inputs of the law of the model, each once."""
    inputs, _ = model.law
    errors = forward(model.net, inputs) - inputs @ np.asarray(model.theta)
    return Fraction(np.sum(errors**2))
