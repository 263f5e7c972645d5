"""What single features do to a node, and what training does to cross-talk: exact networks and their gradients."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from flint import arb
from sympy import Expr, Integer, sqrt, sympify

from numerics.exact import ExactArray, fractions
from numerics.network import GatedNetwork, active, effective_map, forward, preactivations
from purecheck.evaluators.model import Model, constant_law
from purecheck.evaluators.normal import mean_modulus
from purecheck.evaluators.numbers import ball, rational, root, squared
from purecheck.evaluators.registry import evaluates
from purecheck.evaluators.risk import larger_square, matching, output, worst_attacks
from theory.quantities import forces
from theory.theorems.norms import Norm


@dataclass(frozen=True, kw_only=True)
class Node(Model):
    """A network of one node, whose features act alone or together.

    Attributes
    ----------
    amplitudes
        The amplitudes of the features, shape (d,).
    noise
        The noise that is added to every observation, shape (d,).
    """

    amplitudes: ExactArray
    noise: ExactArray


def _seen(model: Node, features: ExactArray) -> ExactArray:
    """Pre-activations of the node at features (n, d) in units of their amplitudes, shape (n,)."""
    observed = features * model.amplitudes
    observed = (observed if model.M is None else observed @ model.M.T) + model.noise
    return np.asarray(preactivations(model.net, observed)[:, 0])


@evaluates(forces.COUNT_ALONE)
def count_alone(model: Node) -> int:
    """The number of features that fire the node when they act alone, with either sign."""
    one_each = np.eye(len(model.amplitudes), dtype=int)
    fires = [active(_seen(model, sign * one_each)[:, None], model.net.b)[:, 0] for sign in (1, -1)]
    return int(np.sum(np.asarray(fires[0], dtype=bool) | np.asarray(fires[1], dtype=bool)))


@evaluates(forces.W_NORM)
def weight_length(model: Node) -> Expr:
    """The l2 norm of the weights of the node."""
    return sqrt(sympify(sum(x * x for x in model.net.W[:, 0])))


@evaluates(forces.V_ALONE)
def seen_of_one(model: Node) -> Any:
    """The pre-activation of the node when the first feature acts alone."""
    return _seen(model, np.eye(1, len(model.amplitudes), dtype=int))[0]


@evaluates(forces.V_PAIR)
def seen_of_two(model: Node) -> Any:
    """The pre-activation of the node when the first two features act with equal signs."""
    return _seen(model, np.array([[1, 1] + [0] * (len(model.amplitudes) - 2)]))[0]


@dataclass(frozen=True, kw_only=True)
class Sample(Model):
    """A network at one sample under attack, in feature coordinates.

    Attributes
    ----------
    y
        Regression target.
    eps
        Size of the l2 attack.
    feature
        Index (from 0) of the feature that a formula is about.
    """

    y: Fraction
    eps: Fraction
    feature: int = 0


def cell(net: GatedNetwork, z: ExactArray) -> GatedNetwork:
    """The network of the nodes that fire at `z`, with thresholds of zero, so that its gates are open everywhere."""
    there = matching(net, z[None])
    kept = np.asarray(active(preactivations(there, z[None]), there.b)[0], dtype=bool)
    return GatedNetwork(net.W[:, kept], net.a[kept], 0 * net.b[kept])


@evaluates(forces.ACTIVE_HEADS)
def active_heads(model: Sample) -> ExactArray:
    """The heads of the nodes that fire at the sample."""
    return np.asarray(cell(model.net, model.input[0]).a)


@evaluates(forces.CLEAN_CHANGE)
def clean_change(model: Sample) -> Fraction:
    """The change of the squared loss on the clean sample when the node's weight for the feature grows by one."""
    moved = model.net.W.copy()
    moved[model.feature, model.node] += 1
    losses = [
        (model.y - forward(net, model.input)[0]) ** 2
        for net in (model.net, GatedNetwork(moved, model.net.a, model.net.b))
    ]
    return Fraction(losses[1] - losses[0])


@evaluates(forces.ERROR)
def error(model: Sample) -> Fraction:
    """The target less the output at the sample."""
    return Fraction(model.y - forward(model.net, model.input)[0])


@evaluates(forces.NORM)
def map_length(model: Sample) -> Expr:
    """The l2 norm of the effective map at the sample."""
    (beta,) = effective_map(model.net, model.input)
    return sqrt(rational(beta @ beta))


@evaluates(forces.BETA_J)
def map_entry(model: Sample) -> Fraction:
    """The entry of the effective map at the sample for the feature of the model."""
    return Fraction(effective_map(model.net, model.input)[0][model.feature])


@evaluates(forces.FLOW)
def flow(model: Sample) -> Any:
    """The velocity of an entry of the effective map as the weights descend the gradient of the worst-case loss."""
    z = model.input[0]
    points = worst_attacks(model.net, z, model.eps)
    losses = [squared(_of(model.y, f) - f) for f in output(model.net, points)]
    worst = points[int(np.argmax([float(loss) for loss in losses]))]
    fixed = cell(model.net, worst)
    velocity: Any = 0
    for node, head in enumerate(fixed.a):
        sides = []
        for step in (1, -1):
            moved = fixed.W.copy()
            moved[model.feature, node] += step
            (f,) = output(GatedNetwork(moved, fixed.a, fixed.b), worst[None])
            sides.append(squared(_of(model.y, f) - f))
        force = (sides[1] - sides[0]) / 2
        velocity = velocity + _of(head, force) * force
    return velocity


@evaluates(forces.RATE)
def rate(model: Sample) -> Any:
    """The rate at which the entry of the effective map shrinks: minus its velocity over the entry itself."""
    velocity = flow(model)
    return -velocity / _of(map_entry(model), velocity)


def _of(x: Fraction, like: Any) -> Any:
    """`x`, converted to a ball if `like` is a ball."""
    return ball(x) if isinstance(like, arb) else x


@dataclass(frozen=True, kw_only=True)
class DirectedChange(Model):
    """A network with the law of its input, and a direction in which its weights and heads move.

    Attributes
    ----------
    weights, heads
        The direction, in the shapes of `W` and `a`.
    eps, tau
        Size of the attack, and standard deviation of the normal label noise.
    features
        The features behind each observation, shape (n, d).
    """

    weights: ExactArray
    heads: ExactArray
    eps: Fraction
    tau: Fraction
    features: ExactArray


@evaluates(forces.SLOPE)
def slope(model: DirectedChange) -> Any:
    """The one-sided derivative of the adversarial risk along the direction of the model.

    For each input it is the derivative of the loss at the worst attack, and the larger one where two attacks are
    equally bad (Danskin's theorem). The label noise enters only through its mean modulus: the loss is a square, and the
    worst attack follows the sign of the error.
    """
    inputs, probabilities = model.law
    total: Any = Fraction(0)
    for x, features, probability in zip(inputs, model.features, probabilities, strict=True):
        slopes = _slopes(model, x, model.target @ features)
        if slopes:
            part = max(slopes, key=float) if model.tau == 0 else sum(slopes) / 2
            total = _sum(total, _of(probability, part) * part)
    return total


def _sum(one: Any, other: Any) -> Any:
    return one + other if isinstance(one, arb) == isinstance(other, arb) else ball(one) + ball(other)


def _slopes(model: DirectedChange, x: ExactArray, target: Fraction) -> list[Any]:
    """Derivatives of the loss at the two attacks along the gradient; an empty list if neither attack has one."""
    fires = np.asarray(active(preactivations(model.net, x[None]), model.net.b)[0], dtype=bool)
    weights, heads, b = model.weights[:, fires], model.heads[fires], 0 * model.net.b[fires]
    W, a = model.net.W[:, fires], model.net.a[fires]
    beta, forwards, backwards = (
        effective_map(GatedNetwork(W + step * weights, a + step * heads, b), x[None])[0] for step in (0, 1, -1)
    )
    # Products of heads and weights are quadratic in the step, so that central differences are exact.
    change, length = (forwards - backwards) / 2, root(beta @ beta)
    if length == 0 or not (change @ x or change @ beta):
        return []
    error = Fraction(target - beta @ x)
    if error and model.tau:
        raise ValueError("label noise is averaged at a fit only")
    of: Callable[[Any], Any] = Fraction if isinstance(length, Fraction) and model.tau == 0 else ball
    noise = mean_modulus(arb(0), ball(model.tau)) if model.tau else of(0)
    slopes = []
    # Without noise the attack is worst that pushes the error further from zero.
    for sign in (1, -1) if not error else (-1 if error > 0 else 1,):
        # This attack moves the output by sign * eps * length: the worst one where the noise has the other sign.
        residual = of(error) - sign * (noise + of(model.eps) * of(length))
        moved = of(change @ x) + sign * of(model.eps * (change @ beta)) / of(length)
        slopes.append(-2 * residual * moved)
    return slopes


@dataclass(frozen=True, kw_only=True)
class Segment(Model):
    """Two networks in one gate cell, given by their products of heads and weights, at one sample under attack.

    Attributes
    ----------
    products
        Products of heads and weights of the active nodes of both networks, shape (d, H) each.
    share
        The point of the segment between them at which a formula is evaluated, from 0 to 1.
    y, eps
        Regression target, and size of the attack.
    """

    products: tuple[ExactArray, ExactArray]
    share: Fraction
    y: Fraction
    eps: Fraction


def _open(products: ExactArray) -> GatedNetwork:
    """The network with those products of heads and weights, all of whose nodes fire."""
    nodes = products.shape[1]
    return GatedNetwork(products, fractions([1] * nodes), fractions([0] * nodes))


@evaluates(forces.BETWEEN)
def worst_between(model: Segment) -> Any:
    """The largest squared loss under attack at the point `share` of the segment, attained at an end of the ball."""
    first, second = model.products
    net = _open((1 - model.share) * first + model.share * second)
    outputs = output(net, worst_attacks(net, model.input[0], model.eps))
    return max((squared(_of(model.y, f) - f) for f in outputs), key=float)


def _error_of(end: int) -> Callable[[Segment], Fraction]:
    return lambda model: Fraction(model.y - forward(_open(model.products[end]), model.input)[0])


def _map_of(end: int) -> Callable[[Segment], ExactArray]:
    return lambda model: np.asarray(effective_map(_open(model.products[end]), model.input)[0])


for _end in (0, 1):
    evaluates(forces.ERRORS[_end])(_error_of(_end))
    evaluates(forces.MAPS[_end])(_map_of(_end))


@evaluates(Norm)
def length_of(_model: Any, vector: Any) -> Expr:
    """The l2 norm of a vector of fractions."""
    return sqrt(sum((x**2 for x in vector), start=Integer(0)))


@evaluates(forces.MeanError)
def mean_error(_model: Any, shift: Any, scale: Any) -> arb:
    """The mean of `|shift + scale n|` over a standard normal `n`, from the integral that defines it."""
    return mean_modulus(ball(shift), ball(scale))


@dataclass(frozen=True, kw_only=True)
class Minima:
    """Networks of least risk in two gate cells of two features, enclosed, for several sizes of attack.

    Attributes
    ----------
    theta, p, tau
        Target, probability that a feature is active, and standard deviation of the normal label noise; amplitude 1.
    mixed, pure
        Products of heads and weights of both nodes by the size of the attack, shape (2, 2): a row for each node.
    """

    theta: ExactArray
    p: Fraction
    tau: Fraction
    mixed: Mapping[Fraction, ExactArray]
    pure: Mapping[Fraction, ExactArray]

    def risk(self, products: ExactArray, cell_of: ExactArray, eps: Fraction) -> arb:
        """The adversarial risk in excess of the label noise.

        A node fires at the inputs that are not orthogonal to its row of `cell_of`.
        """
        inputs, probabilities = constant_law(2, self.p)
        total = -squared(ball(self.tau))
        for x, probability in zip(inputs, probabilities, strict=True):
            fires = [ball(int(row @ x != 0)) for row in cell_of]
            beta = [sum((on * c for on, c in zip(fires, column, strict=True)), start=arb(0)) for column in products.T]
            error = ball(self.theta @ x) - sum((part * ball(v) for part, v in zip(beta, x, strict=True)), start=arb(0))
            square = sum((squared(part) for part in beta), start=arb(0))
            reach = ball(eps) * arb.nonnegative_part(square).sqrt()
            total += ball(probability) * larger_square(error - reach, error + reach, ball(self.tau))
        return total


def _participation(node: int) -> Callable[[Minima, Fraction], arb]:
    def ratio(model: Minima, eps: Fraction) -> arb:
        squares = [squared(x) for x in model.mixed[eps][node]]
        return squared(squares[0] + squares[1]) / (squared(squares[0]) + squared(squares[1]))

    return ratio


evaluates(forces.FirstParticipation)(_participation(0))
evaluates(forces.SecondParticipation)(_participation(1))


@evaluates(forces.LeastMixedRisk)
def least_mixed_risk(model: Minima, eps: Fraction) -> arb:
    """The adversarial risk of the best network in the cell of the mixture, from attacks at both ends of the ball."""
    return model.risk(model.mixed[eps], fractions([[1, 1], [1, -1]]), eps)


@evaluates(forces.LeastPureRisk)
def least_pure_risk(model: Minima, eps: Fraction) -> arb:
    """The adversarial risk of the best network in the purified cell, from attacks at both ends of the ball."""
    return model.risk(model.pure[eps], fractions([[1, 0], [0, 1]]), eps)


@evaluates(forces.SilentPull)
def silent_pull(model: Minima, eps: Fraction) -> arb:
    """The modulus of the second node's pre-activation, in units of its head, where its cell requires silence."""
    first, second = model.mixed[eps][1]
    return abs(first + second)


@evaluates(forces.FiringPull)
def firing_pull(model: Minima, eps: Fraction) -> arb:
    """The modulus of the second node's pre-activation, in units of its head, where its cell requires it to fire."""
    return abs(model.mixed[eps][1][0])
