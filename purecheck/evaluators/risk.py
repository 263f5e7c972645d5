"""Attack gain and adversarial risk over every input of a small law; the attacks are at the ends of the ball."""

from collections import Counter
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from itertools import product
from typing import Any

import numpy as np
from flint import arb
from sympy import Add, Expr, Rational, sqrt

from numerics.exact import ExactArray, fractions, signed_supports
from numerics.mixtures import hadamard
from numerics.network import GatedNetwork, active, effective_map, forward, input_gradient, preactivations
from purecheck.evaluators.model import Model
from purecheck.evaluators.normal import power_part
from purecheck.evaluators.numbers import ball, balls, rational, root, squared
from purecheck.evaluators.registry import evaluates
from theory.quantities import risk
from theory.theorems.counts import Exceeds


@dataclass(frozen=True, kw_only=True)
class AttackedNetwork(Model):
    """A network under attack, with noisy labels.

    Attributes
    ----------
    features
        The features `x` behind each observation, shape (n, d): the label is `theta^T x` plus the label noise.
    eps, tau
        Size of the attack, and standard deviation of the label noise.
    normal
        Whether the label noise is normal; otherwise it takes the values `tau` and `-tau`.
    """

    features: ExactArray
    eps: Fraction
    tau: Fraction
    normal: bool = True


def worst_attacks(net: GatedNetwork, z: ExactArray, eps: Fraction) -> ExactArray:
    """Attacked observations, shape (n, d), among which are the worst ones if no gate moves.

    They are exact if the steps are rational, and otherwise balls. While no gate moves, the output is affine, so it is
    least and largest at the ends of the ball along the gradient. If a gate can move, attacks along the weights of each
    node are added; the true worst case may then be worse.
    """
    (gradient,) = input_gradient(net, z[None])
    steps = []
    for direction in [gradient, *([] if moves_no_gate(net, z, eps) else net.W.T)]:
        length = root(direction @ direction)
        if isinstance(length, Fraction):
            steps.append(direction * (eps / length if length else 0))
        else:
            steps.append(balls(direction) * (ball(eps) / length))
    exact = all(isinstance(x, Fraction) for step in steps for x in step)
    if not exact:
        z, steps = balls(z), [balls(step) for step in steps]
    return np.array([z + sign * step for step in steps for sign in (1, -1)], dtype=object)


def matching(net: GatedNetwork, points: ExactArray) -> GatedNetwork:
    """The network, converted to balls if the points (n, d) are balls."""
    in_balls = points.size > 0 and isinstance(points.flat[0], arb)
    return GatedNetwork(balls(net.W), balls(net.a), balls(net.b)) if in_balls else net


def output(net: GatedNetwork, points: ExactArray) -> ExactArray:
    """The outputs of the network at points (n, d), which are exact or balls."""
    return np.asarray(forward(matching(net, points), points))


def moves_no_gate(net: GatedNetwork, z: ExactArray, eps: Fraction) -> bool:
    """Whether the ball around an observation contains no point at which a gate with a positive threshold changes."""
    gaps = abs(abs(preactivations(net, z[None])[0]) - net.b)
    return all(eps**2 * (w @ w) < gap**2 for w, gap, b in zip(net.W.T, gaps, net.b, strict=True) if b > 0)


def reach_of_region(net: GatedNetwork, Z: ExactArray) -> Fraction:
    """A size of attack below which no gate moves on any observation, within a thousandth of the largest such size."""
    gaps = abs(abs(preactivations(net, Z)) - net.b)
    least = min(
        gap**2 / (w @ w) for node, w in enumerate(net.W.T) if w @ w > 0 and net.b[node] > 0 for gap in gaps[:, node]
    )
    # Rounded down to a thousandth and divided by 1.001, so that the rounding of the float root cannot matter.
    return Fraction(int(float(least) ** 0.5 * 1000), 1001)


@evaluates(risk.RISK)
def adversarial_risk(model: AttackedNetwork) -> arb:
    """The mean, over inputs and label noise, of the larger squared loss among the attacks, as a ball."""
    observations, probabilities = model.law
    targets = model.features @ model.target
    total, tau = arb(0), ball(model.tau)
    for z, target, probability in zip(observations, targets, probabilities, strict=True):
        errors = [ball(target) - ball(f) for f in output(model.net, worst_attacks(model.net, z, model.eps))]
        worst = _worst_mean_square(min(errors, key=float), max(errors, key=float), tau, model.normal)
        total += ball(probability) * worst
    return total


def _worst_mean_square(low: arb, high: arb, tau: arb, normal: bool) -> arb:
    """The mean of the larger of `(low + noise)^2` and `(high + noise)^2`."""
    if not normal:
        sides = [[abs(error + noise) for error in (low, high)] for noise in (tau, -tau)]
        return sum((squared(one.max(other)) for one, other in sides), start=arb(0)) / 2
    return squared(abs(low).max(abs(high))) if tau == 0 else larger_square(low, high, tau)


def larger_square(low: arb, high: arb, tau: arb) -> arb:
    """The mean of the larger of `(low + tau n)^2` and `(high + tau n)^2` for a standard normal `n`, `tau > 0`."""
    # The larger error has the larger square as soon as the noise exceeds minus their middle.
    cut = -(low + high) / (2 * tau)
    return power_part(low, tau, 2, high=cut) + power_part(high, tau, 2, low=cut)


def gains(model: Model) -> tuple[list[Expr], list[Rational]]:
    r"""The values of $\|\beta\|_2$ at every observation with their probabilities, exact."""
    observations, probabilities = model.law
    squares = np.sum(effective_map(model.net, observations, model.M) ** 2, axis=-1)
    return [sqrt(rational(square)) for square in squares], [rational(x) for x in probabilities]


@evaluates(risk.MEAN_GAIN)
def mean_gain(model: Model) -> Expr:
    """The mean attack gain over the law of the input."""
    values, probabilities = gains(model)
    return Add(*(gain * probability for gain, probability in zip(values, probabilities, strict=True)))


@evaluates(risk.TARGET)
def target_length(model: Model) -> Expr:
    """The l2 norm of the target."""
    return sqrt(rational(np.dot(model.target, model.target)))


@dataclass(frozen=True, kw_only=True)
class Grouped(Model):
    """A network whose nodes come in groups.

    Attributes
    ----------
    size
        Number of nodes in a group.
    """

    size: int

    def energies(self, Z: ExactArray) -> ExactArray:
        """The squared norm of each group's contribution to the effective map at observations, shape (n, groups)."""
        energies = []
        for first in range(0, len(self.net.a), self.size):
            kept = slice(first, first + self.size)
            group = GatedNetwork(self.net.W[:, kept], self.net.a[kept], self.net.b[kept])
            energies.append(np.sum(effective_map(group, Z, self.M) ** 2, axis=-1))
        return np.array(energies, dtype=object).T


@evaluates(risk.ENERGIES)
def group_energies(model: Grouped) -> ExactArray:
    """The squared norm of each group's contribution to the effective map at the input, shape (groups,)."""
    return np.asarray(model.energies(model.input)[0])


@evaluates(risk.GROUP_ENERGY)
def group_energy(model: Model) -> ExactArray:
    """The squared norm of the effective map at the input, for a network that is a single group, as a 1 x 1 matrix."""
    (beta,) = effective_map(model.net, model.input)
    return fractions([[beta @ beta]])


@dataclass(frozen=True)
class Ones:
    """A mixture for the target of ones; amplitude 1.

    Attributes
    ----------
    b
        Threshold of all nodes.
    spread
        The amplitude of feature `i`, counted from 0, is `1 + i * spread`.
    noise
        The noise adds this value to every pre-activation or subtracts it.
    last
        The last entry of the target.
    turned
        Whether the sign of one feature is reversed in every Hadamard matrix, so that no row consists of ones.
    together
        Whether all features are active at the same time.
    """

    b: Fraction = Fraction(1, 2)
    spread: Fraction = Fraction(0)
    noise: Fraction = Fraction(0)
    last: int = 1
    turned: bool = False
    together: bool = False


@cache
def _gain_counts(instance: Ones, features: int, order: int) -> dict[tuple[int, Fraction], Fraction]:
    """The number of sign patterns by number of active features and energy, averaged over the noise."""
    block = hadamard(order).T.astype(int)
    if instance.turned:
        block = block * np.array([-1] + [1] * (order - 1))[:, None]
    U = np.kron(np.eye(features // order, dtype=int), block)
    theta = np.array([1] * (features - 1) + [instance.last])
    patterns = signed_supports(features)
    # In sixths, so that everything is an integer.
    amplitudes = np.array([int(6 * (1 + i * instance.spread)) for i in range(features)])
    seen = (patterns * amplitudes) @ U
    sizes = np.abs(patterns).sum(axis=1)
    counts: Counter[tuple[int, Fraction]] = Counter()
    for noise in (instance.noise, -instance.noise):
        fired = active(seen + int(6 * noise), np.full(features, int(6 * instance.b)))
        energies = np.sum(((fired * (theta @ U)) @ U.T) ** 2, axis=1)
        for n, energy in zip(sizes.tolist(), energies.tolist(), strict=True):
            counts[n, Fraction(energy, order**2)] += 1
    return {key: Fraction(count, 2) for key, count in counts.items()}


@evaluates(risk.MixedGain)
def mixed_gain(model: Any, features: int, rate: Fraction, order: int) -> Expr:
    """The mean attack gain of a mixture, over all sign patterns; the mixture is `model` if it is a `Ones`."""
    instance = model if isinstance(model, Ones) else Ones()
    p = Fraction(rate)
    shares: dict[Fraction, Fraction] = {}
    for (n, energy), count in _gain_counts(instance, features, order).items():
        likely = (p / 2) ** n * (1 - p) ** (features - n)
        if instance.together:
            likely = p / 2**features if n == features else (1 - p if n == 0 else Fraction(0))
        shares[energy] = shares.get(energy, Fraction(0)) + count * likely
    return Add(*(rational(share) * sqrt(rational(energy)) for energy, share in shares.items()))


def _margin(model: AttackedNetwork, z: ExactArray, target: Fraction) -> Any:
    """The least product of output and label over the attacks; the label is 1 where the target is zero."""
    label = -1 if target < 0 else 1
    return min((label * f for f in output(model.net, worst_attacks(model.net, z, model.eps))), key=float)


@evaluates(risk.MARGIN)
def margin(model: AttackedNetwork) -> Any:
    """The margin under attack at the single input of the law."""
    observations, _ = model.law
    return _margin(model, observations[0], model.features[0] @ model.target)


@evaluates(risk.SIGNS)
def sum_of_signs(model: AttackedNetwork) -> int:
    """The modulus of the sum of the signs of features times target, at the single input of the law."""
    return abs(int(np.sum(np.sign(model.features[0] * model.target))))


@evaluates(risk.ROBUST_SHARE)
def robust_share(model: AttackedNetwork) -> Fraction:
    """The probability of the inputs whose margin under attack is positive."""
    observations, probabilities = model.law
    targets = model.features @ model.target
    rows = zip(observations, targets, probabilities, strict=True)
    return sum((share for z, target, share in rows if _margin(model, z, target) > 0), start=Fraction(0))


@evaluates(Exceeds)
def exceeds(_model: Any, signs: int, bound: Any) -> Fraction:
    """The share of all strings of signs whose sum exceeds `bound` in modulus."""
    totals = Counter(abs(sum(string)) for string in product((1, -1), repeat=signs))
    return Fraction(sum(count for total, count in totals.items() if total > bound), 2**signs)
