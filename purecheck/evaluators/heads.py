"""What heads make of a frozen layer: exact risks, their minimisers, and multiples of a head under attack."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import numpy as np
from flint import arb
from sympy import Expr, sqrt

from numerics.exact import ExactArray, fractions
from numerics.network import GatedNetwork, active, effective_map, forward, gated_outputs, preactivations
from purecheck.evaluators.firing import energy
from purecheck.evaluators.forces import cell
from purecheck.evaluators.model import Model
from purecheck.evaluators.normal import power_part
from purecheck.evaluators.numbers import ball, precision, rational, squared
from purecheck.evaluators.quadratics import minimisers_of
from purecheck.evaluators.registry import evaluates
from purecheck.evaluators.risk import output, worst_attacks
from theory.quantities import heads


@dataclass(frozen=True, kw_only=True)
class LayerWithHead(Model):
    """A frozen layer with a head, under the law of its input.

    Attributes
    ----------
    features
        The features behind each observation, shape (n, d).
    eps
        Size of the attack.
    tau
        Standard deviation of the label noise.
    """

    features: ExactArray
    eps: Fraction = Fraction(0)
    tau: Fraction = Fraction(0)

    def with_head(self, a: ExactArray) -> "LayerWithHead":
        """The same layer with another head."""
        return replace(self, net=GatedNetwork(self.net.W, a, self.net.b))


def mean_squared_error(model: LayerWithHead) -> Fraction:
    """The mean squared error of the head, without label noise."""
    observations, probabilities = model.law
    errors = model.features @ model.target - forward(model.net, observations)
    return Fraction(np.dot(probabilities, errors * errors))


@evaluates(heads.NEW_TARGET)
def target_length(model: Model) -> Expr:
    """The l2 norm of the target."""
    return sqrt(rational(np.dot(model.target, model.target)))


@evaluates(heads.EXCESS)
def excess(model: LayerWithHead) -> ExactArray:
    """The mean squared error of the head in excess of the label noise, as a 1 x 1 matrix."""
    return fractions([[mean_squared_error(model)]])


def least_squares(model: LayerWithHead) -> ExactArray:
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
    """The entries of the least-squares head on the pure nodes."""
    return least_squares(model)[: model.pure]


@evaluates(heads.MIXED_HEADS)
def mixed_heads(model: "PartlyPure") -> ExactArray:
    """The entries of the least-squares head on the mixed nodes."""
    return least_squares(model)[model.pure :]


@evaluates(heads.MIXED_NORM)
def mixed_length(model: "PartlyPure") -> Expr:
    """The l2 norm of the target on the features of the mixtures."""
    mixed = model.target[model.pure :]
    return sqrt(rational(np.dot(mixed, mixed)))


def surrogate(model: LayerWithHead) -> Fraction:
    """The mean squared error of the head plus `eps^2` times the mean energy of its effective map."""
    return mean_squared_error(model) + model.eps**2 * energy(model)


@evaluates(heads.SURROGATE)
def surrogate_as_matrix(model: LayerWithHead) -> ExactArray:
    """The mean squared error plus `eps^2` times the mean energy of the effective map, as a 1 x 1 matrix."""
    return fractions([[surrogate(model)]])


def _best_of_surrogate(model: LayerWithHead) -> LayerWithHead:
    return model.with_head(minimisers_of(lambda a: surrogate(model.with_head(a)), len(model.net.a)).shortest)


@evaluates(heads.MAPPED)
def mapped(model: LayerWithHead) -> ExactArray:
    """The weights times the head that minimises the surrogate risk, shape (d,)."""
    best = _best_of_surrogate(model)
    return np.asarray(best.net.W @ best.net.a)


@evaluates(heads.LEAST_SURROGATE)
def least_surrogate(model: LayerWithHead) -> ExactArray:
    """The least surrogate risk over all heads, as a 1 x 1 matrix."""
    return fractions([[surrogate(_best_of_surrogate(model))]])


def _moment(model: LayerWithHead, signals: int, gains: int) -> Expr:
    """The mean of `|theta'^T X|^signals` times the norm of the effective map to the power `gains`."""
    observations, probabilities = model.law
    squares = np.sum(effective_map(model.net, observations) ** 2, axis=-1)
    rows = zip(probabilities, abs(model.features @ model.target), squares, strict=True)
    return sum(
        rational(x) * rational(signal) ** signals * sqrt(rational(square)) ** gains for x, signal, square in rows
    )


@evaluates(heads.A0)
def signal_energy(model: LayerWithHead) -> Expr:
    """The mean of `(theta'^T X)^2`."""
    return _moment(model, 2, 0)


@evaluates(heads.B0)
def mean_product(model: LayerWithHead) -> Expr:
    """The mean of `|theta'^T X|` times the norm of the effective map."""
    return _moment(model, 1, 1)


@evaluates(heads.C0)
def gain_energy(model: LayerWithHead) -> Expr:
    """The mean of the squared norm of the effective map."""
    return _moment(model, 0, 2)


@evaluates(heads.SQUARED_CROSS)
def squared_product(model: LayerWithHead) -> Expr:
    """The square of the mean product, expanded."""
    return (mean_product(model) ** 2).expand()


@evaluates(heads.SQUARED_LIMIT)
def squared_limit(model: LayerWithHead) -> Expr:
    """The square of the ratio of the signal energy to the mean product, expanded."""
    return ((signal_energy(model) / mean_product(model)) ** 2).expand()


Ends = list[tuple[Fraction, Fraction, ExactArray]]


def _attacked(model: LayerWithHead) -> Ends:
    """For each input: its probability, its target, and the outputs under the attacks at both ends of the ball."""
    observations, probabilities = model.law
    targets = model.features @ model.target
    found = []
    for z, target, probability in zip(observations, targets, probabilities, strict=True):
        fixed = cell(model.net, z)
        found.append((probability, target, output(fixed, worst_attacks(fixed, z, model.eps))))
    return found


def _worst(ends: Ends, multiple: Any) -> Any:
    """The mean of the larger squared loss at both ends, when the head, and with it the outputs, is multiplied."""
    total: Any = Fraction(0)
    for probability, target, outputs in ends:
        exact = not isinstance(outputs[0], arb) and not isinstance(multiple, arb)
        of: Callable[[Any], Any] = Fraction if exact else ball
        losses = [squared(of(target) - of(multiple) * of(f)) for f in outputs]
        part = of(probability) * max(losses, key=float)
        total = total + part if isinstance(total, Fraction) == isinstance(part, Fraction) else ball(total) + ball(part)
    return total


@evaluates(heads.WorstAlong)
def worst_along(model: LayerWithHead, multiple: Any) -> Any:
    """The adversarial risk of a multiple of the head, over all inputs, with the attacks along the gradient."""
    return _worst(_attacked(model), multiple)


_WIDEST, _BITS = Fraction(1, 10**8), 128
"""Width to which the best multiple is enclosed, and the number of bits in the search for it."""


@evaluates(heads.BEST)
def best_multiple(model: LayerWithHead) -> arb:
    """The multiple of the head with the least adversarial risk, as a ball.

    The risk is convex in the multiple, as a mean of maxima of squares of linear functions, so ternary search from -1 to
    2 finds it. A third is dropped only after it is shown to be worse; where balls do not decide, the search stops.
    """
    with precision(_BITS):
        # The best multiple of a fit lies in [0, 1] (D4); a wider range lets the search contradict that.
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
    """The effective map at the input for the multiple of the head, shape (d,)."""
    (beta,) = effective_map(model.with_head(model.multiple * model.net.a).net, model.input)
    return np.asarray(beta)


@dataclass(frozen=True, kw_only=True)
class PartlyPure(LayerWithHead):
    """A layer whose first nodes are pure, while the others are groups of mixtures.

    Attributes
    ----------
    pure
        Number of pure nodes.
    normal
        Whether the label noise is normal.
    """

    pure: int
    normal: bool = True


@dataclass(frozen=True, kw_only=True)
class Multiple(LayerWithHead):
    """A layer at one input, with a multiple of its head."""

    multiple: Fraction


@evaluates(heads.HEAD_RISK)
def head_risk(model: LayerWithHead) -> Fraction:
    """The mean squared error of the head with label noise that takes the values `tau` and `-tau`."""
    observations, probabilities = model.law
    errors = model.features @ model.target - forward(model.net, observations)
    return sum(
        (Fraction(np.dot(probabilities, (errors + sign * model.tau) ** 2)) / 2 for sign in (1, -1)), start=Fraction(0)
    )


@evaluates(heads.LEAST_RISK)
def least_risk(model: LayerWithHead) -> Fraction:
    """The least mean squared error over all heads, with label noise."""
    return head_risk(model.with_head(least_squares(model)))


@evaluates(heads.HEAD_ENTRY)
def head_entry(model: LayerWithHead) -> Fraction:
    """The entry of the least-squares head for the node of the model."""
    return Fraction(least_squares(model)[model.node])


@evaluates(heads.MAP_ENTRY)
def map_entry(model: LayerWithHead) -> Fraction:
    """The entry of the effective map at the input whose index is that of the node of the model."""
    return Fraction(effective_map(model.net, model.input)[0][model.node])


@evaluates(heads.HEAD_SQUARE)
def head_square(model: LayerWithHead) -> Fraction:
    """The squared l2 norm of the head."""
    return Fraction(np.dot(model.net.a, model.net.a))


@evaluates(heads.MAP_SHARE)
def map_share(model: LayerWithHead) -> Fraction:
    """The ratio of the effective map to the target times the sum of squared weights, for the one feature of all nodes.

    Every node of this model holds the first feature, so the ratio is that of the first entries.
    """
    weights = model.net.W[0]
    return Fraction(effective_map(model.net, model.input)[0][0] / model.target[0] * np.dot(weights, weights))


@evaluates(heads.COVERED)
def covered(model: LayerWithHead) -> ExactArray:
    """1 for each feature that fires some node when it is active alone, 0 for the others; shape (d,)."""
    return fractions(_counting(model).any(axis=1).astype(int).tolist())


@evaluates(heads.PASSED)
def passed(model: LayerWithHead) -> ExactArray:
    """For each feature, the sum of heads times weights over the nodes that it fires, shape (d,)."""
    return np.asarray((model.net.W * fractions(_counting(model).astype(int).tolist())) @ model.net.a)


def _counting(model: LayerWithHead) -> np.ndarray:
    """Which nodes fire when a feature is active alone, with any of its values; booleans, shape (d, H)."""
    fires = np.zeros(model.net.W.shape, dtype=bool)
    for feature, unit in enumerate(np.eye(len(model.net.W), dtype=int)):
        for size in set(model.features[:, feature].tolist()) - {0}:
            alone = fractions(unit.tolist())[None] * size
            fires[feature] |= np.asarray(active(preactivations(model.net, alone), model.net.b)[0], dtype=bool)
    return np.asarray(fires & (model.net.W != 0))


@dataclass(frozen=True, kw_only=True)
class NormalNode:
    """A node of weight one under normal noise, whose feature takes finitely many values.

    Attributes
    ----------
    values, probabilities
        The law of the feature, which is symmetric.
    b, sigma
        Threshold, and standard deviation of the noise.
    """

    values: tuple[Fraction, ...]
    probabilities: tuple[Fraction, ...]
    b: Fraction
    sigma: Fraction

    def mean(self, feature_power: int, output_power: int) -> arb:
        """The mean of a power of the feature times a power of the gated output, over the event that the node fires.

        The power of the output is at most 2.
        """
        total = arb(0)
        for x, probability in zip(self.values, self.probabilities, strict=True):
            low, high = (ball((end - x) / self.sigma) for end in (-self.b, self.b))
            above = power_part(ball(x), ball(self.sigma), output_power, low=high)
            # What lies below is what lies above for the mirrored feature, up to the sign of the power.
            below = power_part(-ball(x), ball(self.sigma), output_power, low=-low) * (-1) ** output_power
            total += ball(probability * x**feature_power) * (above + below)
        return total


@evaluates(heads.SECOND_MOMENT)
def second_moment(model: LayerWithHead) -> Fraction:
    """The mean square of the first feature."""
    return Fraction(np.dot(model.law[1], model.features[:, 0] ** 2))


def _gated(model: LayerWithHead) -> ExactArray:
    """The gated output of the first node of a finite model at each input, shape (n,)."""
    return np.asarray(gated_outputs(model.net, model.law[0])[:, 0])


@evaluates(heads.CROSS)
def cross_moment(model: LayerWithHead | NormalNode) -> Any:
    """The mean of the first feature times the gated output of its node."""
    if isinstance(model, NormalNode):
        return model.mean(1, 1)
    return Fraction(np.dot(model.law[1], model.features[:, 0] * _gated(model)))


@evaluates(heads.SQUARE)
def square_moment(model: LayerWithHead | NormalNode) -> Any:
    """The mean square of the gated output of the first node."""
    if isinstance(model, NormalNode):
        return model.mean(0, 2)
    return Fraction(np.dot(model.law[1], _gated(model) ** 2))


@evaluates(heads.NODE_FIRES)
def node_fires(model: LayerWithHead | NormalNode) -> Any:
    """The probability that the first node fires."""
    if isinstance(model, NormalNode):
        return model.mean(0, 0)
    fires = active(preactivations(model.net, model.law[0]), model.net.b)[:, 0]
    return Fraction(np.dot(model.law[1], fractions(np.asarray(fires, dtype=int).tolist())))


@evaluates(heads.OutputOnAxis)
def output_on_axis(model: LayerWithHead, place: Fraction) -> Fraction:
    """The output of the network at `place` times the first unit vector."""
    z = fractions([[place] + [0] * (len(model.net.W) - 1)])
    return Fraction(forward(model.net, z)[0])
