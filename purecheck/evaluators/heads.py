"""What heads make of a frozen layer: exact risks, minimisers of exact quadratic risks, attacked multiples of a head."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import numpy as np
from flint import arb
from sympy import Expr, sqrt

from numerics.exact import ExactArray, fractions
from numerics.network import GatedNetwork, effective_map, forward, gated_outputs
from purecheck.evaluators.firing import energy
from purecheck.evaluators.forces import cell
from purecheck.evaluators.model import Model
from purecheck.evaluators.numbers import ball, precision, rational, squared
from purecheck.evaluators.quadratics import minimisers_of
from purecheck.evaluators.registry import evaluates
from purecheck.evaluators.risk import output, worst_attacks
from theory.quantities import heads


@dataclass(frozen=True, kw_only=True)
class Layer(Model):
    """A frozen layer with a head, under the law of its input.

    Attributes
    ----------
    features
        The features behind each observation, shape (n, d).
    eps
        Size of the attack.
    """

    features: ExactArray
    eps: Fraction = Fraction(0)

    def with_head(self, a: ExactArray) -> "Layer":
        """The layer with another head."""
        return replace(self, net=GatedNetwork(self.net.W, a, self.net.b))


def mean_squared_error(model: Layer) -> Fraction:
    """Without label noise."""
    observations, probabilities = model.law
    errors = model.features @ model.target - forward(model.net, observations)
    return Fraction(np.dot(probabilities, errors * errors))


@evaluates(heads.NEW_TARGET)
def target_length(model: Model) -> Expr:
    """Of the target of the model."""
    return sqrt(rational(np.dot(model.target, model.target)))


@evaluates(heads.EXCESS)
def excess(model: Layer) -> ExactArray:
    """Of the head of the model, as a matrix of one entry."""
    return fractions([[mean_squared_error(model)]])


def least_squares(model: Layer) -> ExactArray:
    """The exact minimiser of the mean squared error; the shortest one if there are several."""
    observations, probabilities = model.law
    outputs, targets = gated_outputs(model.net, observations), model.features @ model.target

    def risk(a: ExactArray) -> Fraction:
        errors = targets - outputs @ a
        return Fraction(np.dot(probabilities, errors * errors))

    return minimisers_of(risk, len(model.net.a)).shortest


evaluates(heads.LEAST_HEAD)(least_squares)


@evaluates(heads.PURE_HEADS)
def pure_heads(model: "PartlyPure") -> ExactArray:
    """The first heads of the least-squares head."""
    return least_squares(model)[: model.pure]


@evaluates(heads.MIXED_HEADS)
def mixed_heads(model: "PartlyPure") -> ExactArray:
    """The other heads of the least-squares head."""
    return least_squares(model)[model.pure :]


@evaluates(heads.MIXED_NORM)
def mixed_length(model: "PartlyPure") -> Expr:
    """Of the target beyond the pure features."""
    mixed = model.target[model.pure :]
    return sqrt(rational(np.dot(mixed, mixed)))


def surrogate(model: Layer) -> Fraction:
    """Error plus energy of the head of the model."""
    return mean_squared_error(model) + model.eps**2 * energy(model)


@evaluates(heads.SURROGATE)
def surrogate_as_matrix(model: Layer) -> ExactArray:
    """As a matrix of one entry."""
    return fractions([[surrogate(model)]])


def _best_of_surrogate(model: Layer) -> Layer:
    return model.with_head(minimisers_of(lambda a: surrogate(model.with_head(a)), len(model.net.a)).shortest)


@evaluates(heads.MAPPED)
def mapped(model: Layer) -> ExactArray:
    """For the exact minimiser."""
    best = _best_of_surrogate(model)
    return np.asarray(best.net.W @ best.net.a)


@evaluates(heads.LEAST_SURROGATE)
def least_surrogate(model: Layer) -> ExactArray:
    """At the exact minimiser, as a matrix of one entry."""
    return fractions([[surrogate(_best_of_surrogate(model))]])


def _moment(model: Layer, signals: int, gains: int) -> Expr:
    """Mean of powers of `|theta'^T X|` and the length of the effective map."""
    observations, probabilities = model.law
    squares = np.sum(effective_map(model.net, observations) ** 2, axis=-1)
    rows = zip(probabilities, abs(model.features @ model.target), squares, strict=True)
    return sum(
        rational(x) * rational(signal) ** signals * sqrt(rational(square)) ** gains for x, signal, square in rows
    )


@evaluates(heads.A0)
def signal_energy(model: Layer) -> Expr:
    """Over the law of the model."""
    return _moment(model, 2, 0)


@evaluates(heads.B0)
def mean_product(model: Layer) -> Expr:
    """Over the law of the model."""
    return _moment(model, 1, 1)


@evaluates(heads.C0)
def gain_energy(model: Layer) -> Expr:
    """Over the law of the model."""
    return _moment(model, 0, 2)


@evaluates(heads.SQUARED_CROSS)
def squared_product(model: Layer) -> Expr:
    """Of the mean product."""
    return (mean_product(model) ** 2).expand()


@evaluates(heads.SQUARED_LIMIT)
def squared_limit(model: Layer) -> Expr:
    """Of the ratio of the moments."""
    return ((signal_energy(model) / mean_product(model)) ** 2).expand()


Ends = list[tuple[Fraction, Fraction, ExactArray]]


def _attacked(model: Layer) -> Ends:
    """For each input its probability, its target, and the outputs under the attacks at both ends of the ball."""
    observations, probabilities = model.law
    targets = model.features @ model.target
    found = []
    for z, target, probability in zip(observations, targets, probabilities, strict=True):
        fixed = cell(model.net, z)
        found.append((probability, target, output(fixed, worst_attacks(fixed, z, model.eps))))
    return found


def _worst(ends: Ends, multiple: Any) -> Any:
    """Mean of the larger loss at both ends, for a multiple of the head and so of the outputs."""
    total: Any = Fraction(0)
    for probability, target, outputs in ends:
        exact = not isinstance(outputs[0], arb) and not isinstance(multiple, arb)
        of: Callable[[Any], Any] = Fraction if exact else ball
        losses = [squared(of(target) - of(multiple) * of(f)) for f in outputs]
        part = of(probability) * max(losses, key=float)
        total = total + part if isinstance(total, Fraction) == isinstance(part, Fraction) else ball(total) + ball(part)
    return total


@evaluates(heads.WorstAlong)
def worst_along(model: Layer, multiple: Any) -> Any:
    """Over every input, at both ends of the ball along the gradient."""
    return _worst(_attacked(model), multiple)


_WIDEST, _BITS = Fraction(1, 10**8), 128
"""Width to which the best multiple is enclosed, and the precision of its search."""


@evaluates(heads.BEST)
def best_multiple(model: Layer) -> arb:
    """By thirds between -1 and 2: the risk is convex in the multiple, as a mean of largest squares of linear functions.

    The third that is dropped has been seen to be worse; where balls do not decide, the search stops.
    """
    with precision(_BITS):
        ends, low, high = _attacked(model), Fraction(-1), Fraction(2)
        while high - low > _WIDEST:
            left, right = (2 * low + high) / 3, (low + 2 * high) / 3
            here, there = (ball(_worst(ends, multiple)) for multiple in (left, right))
            if here < there:
                high = right
            elif there < here:
                low = left
            else:
                break
        return ball(low).union(ball(high))


@evaluates(heads.SHRUNK_MAP)
def shrunk_map(model: "Multiple") -> ExactArray:
    """At the input of the model."""
    (beta,) = effective_map(model.with_head(model.multiple * model.net.a).net, model.input)
    return np.asarray(beta)


@dataclass(frozen=True, kw_only=True)
class PartlyPure(Layer):
    """A layer whose first nodes are pure; the others are groups of mixtures.

    Attributes
    ----------
    pure
        Number of pure nodes.
    tau, normal
        Label noise, as of an attacked network.
    """

    pure: int
    tau: Fraction = Fraction(0)
    normal: bool = True


@dataclass(frozen=True, kw_only=True)
class Multiple(Layer):
    """A layer at one input, with a multiple of its head."""

    multiple: Fraction
