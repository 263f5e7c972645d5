"""How often gates err, and the threshold at which they err least, from the law of the noise."""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from itertools import count
from typing import TypeAlias

from flint import arb

from numerics.exact import fractions
from numerics.network import GatedNetwork, preactivations
from purecheck.evaluators.noise import NORMAL, Noise, ball, in_balls, plain
from purecheck.evaluators.registry import evaluates
from theory.quantities import gate

Number: TypeAlias = int | Fraction | arb

ROTATION = ((Fraction(3, 5), Fraction(-4, 5)), (Fraction(4, 5), Fraction(3, 5)))
"""An orthogonal dictionary of two features, in fractions, by rows."""
SKEW = ((Fraction(1), Fraction(3, 5)), (Fraction(0), Fraction(4, 5)))
"""A dictionary of two features whose columns have norm 1 and are not orthogonal."""


@dataclass(frozen=True)
class PureNode:
    """A node that holds the first of two features.

    The second feature has amplitude 1; it is positive, negative or absent with equal probability.

    Attributes
    ----------
    M
        The dictionary, by rows; its columns have norm 1.
    omega
        The weight of the node.
    noise
        The law of the noise. The statement gives its standard deviation.
    amplitudes
        Equally likely values of the amplitude of the first feature, as multiples of the amplitude in the statement.
    """

    M: tuple[tuple[Fraction, ...], ...] = ROTATION
    omega: Fraction = Fraction(2)
    noise: Noise = NORMAL
    amplitudes: tuple[Fraction, ...] = (Fraction(1),)

    def seen(self, x: tuple[int, int]) -> Fraction:
        """The pre-activation of the node at the features `x`, without noise."""
        M = fractions(self.M)
        net = GatedNetwork(self.omega * M[:, :1], fractions([1]), fractions([0]))
        return Fraction(preactivations(net, (M @ fractions(x))[None])[0, 0])

    def means(self, mu: arb | None = None) -> list[arb]:
        """The equally likely pre-activations without noise, with the signal `mu`, or with no signal if it is None."""
        # The three cases of the second feature are alike, or all different.
        beside = [ball(x) for x in dict.fromkeys(self.seen((0, sign)) for sign in (0, 1, -1))]
        if mu is None:
            return beside
        own = [ball(r * self.seen((sign, 0)) / self.omega) * mu for r in self.amplitudes for sign in (1, -1)]
        return [x + y for x in own for y in beside]


@dataclass(frozen=True)
class PureLayer:
    """One pure node for each feature, all with the same weight and threshold.

    Attributes
    ----------
    orthogonal
        Whether the columns of the dictionary are orthogonal; if not, all columns are equal.
    noise
        The law of each coordinate of the noise; an orthogonal dictionary consists of the unit vectors.
    """

    orthogonal: bool = True
    noise: Noise = NORMAL


def _fires(noise: Noise, b: arb, mean: arb, s: arb) -> arb:
    """Probability that the noise moves the pre-activation from `mean` to a modulus of at least `b`."""
    if b == 0:
        return arb(1)
    return noise.at_least(b - mean, s) + noise.at_most(-b - mean, s)


def _silent(noise: Noise, b: arb, mean: arb, s: arb) -> arb:
    """Probability that the modulus of the pre-activation stays below `b`, without cancellation if it is small."""
    low, high = -b - mean, b - mean
    if low >= 0:
        return noise.at_least(low, s) - noise.at_least(high, s)
    if high <= 0:
        return noise.at_most(high, s) - noise.at_most(low, s)
    return 1 - noise.at_most(low, s) - noise.at_least(high, s)


def _average(values: list[arb]) -> arb:
    return sum(values, arb(0)) / len(values)


@evaluates(gate.FIRE_RATE)
@in_balls
def fire_rate(node: PureNode, b: Number, s: Number) -> arb | Fraction:
    """The probability that the node fires although its feature is absent, over the noise and the other feature."""
    return plain(_average([_fires(node.noise, ball(b), mean, ball(s)) for mean in node.means()]))


@evaluates(gate.MISS_RATE)
@in_balls
def miss_rate(node: PureNode, b: Number, mu: Number, s: Number) -> arb | Fraction:
    """The probability that the node is silent although its feature is active.

    It is averaged over the noise, the other feature, and the sign of the node's own feature.
    """
    return plain(_average([_silent(node.noise, ball(b), mean, ball(s)) for mean in node.means(ball(mu))]))


@evaluates(gate.MEAN_MISS_RATE)
@in_balls
def mean_miss_rate(node: PureNode, b: Number, omega: Number, s: Number) -> arb | Fraction:
    """The probability that the node is silent although its feature is active, averaged over the amplitude too."""
    return miss_rate(node, b, omega, s)


@evaluates(gate.ALL_RIGHT)
@in_balls
def all_right(layer: PureLayer, d: int, b: Number, mu: Number, s: Number) -> arb | Fraction:
    """The probability that all gates of the layer are right, in the worst case.

    It is the least value over the number of active features and over a few signals of at least `mu`.
    """
    if d > 1 and not layer.orthogonal:
        # Two nodes see the same: if the feature of one of them is active alone, one gate is wrong.
        return Fraction(0)
    threshold, deviation = ball(b), ball(s)
    silent = _silent(layer.noise, threshold, arb(0), deviation)
    worst = arb(1)
    for more in (0, 1, 3):
        signal = ball(mu) + more * deviation
        heard = _average([_fires(layer.noise, threshold, sign * signal, deviation) for sign in (1, -1)])
        # Noises of orthogonal nodes are independent of each other.
        for active in range(d + 1):
            worst = worst.min(silent ** (d - active) * heard**active)
    return plain(worst)


@evaluates(gate.BEST_THRESHOLD)
@in_balls
def best_threshold(node: PureNode, p: Number, mu: Number, s: Number) -> arb | Fraction:
    """The threshold at which the gate errs least, as a ball; NaN if it is not shown to be unique.

    The derivative of the error in the threshold is a combination of densities. Its sign is enclosed on the whole
    half-line, and has to change at most once, from minus to plus.
    """
    rate, signal, deviation = ball(p), ball(mu), ball(s)
    means, without = node.means(signal), node.means()

    def slope(b: arb) -> arb:
        """The derivative of the error over the density of the noise.

        As the threshold grows, there are fewer false alarms and more misses.
        """
        won, lost = (_average([node.noise.relative(b, m, deviation) for m in centres]) for centres in (means, without))
        return rate * won - (1 - rate) * lost

    def fires(b: arb, centres: list[arb]) -> arb:
        return _average([_fires(node.noise, b, mean, deviation) for mean in centres])

    end = (signal + deviation).upper()
    while not slope(end) > 0 and end < _FARTHEST * deviation:
        end = 2 * end
    parts = _signs(slope, 4 * end)
    signs = [sign for _, sign in parts]
    if signs != sorted(signs):
        return arb.nan()
    low = max((high for high, sign in parts if sign < 0), default=arb(0))
    high = max((high for high, sign in parts if sign <= 0), default=arb(0))
    # The error is p less what is won by the node where it fires. Beyond the last part that is less than at the best.
    gain = rate * fires(low, means) - (1 - rate) * fires(low, without)
    return plain(low.union(high)) if rate * fires(4 * end, means) < gain else arb.nan()


_FARTHEST = 10**6
"""The number of standard deviations up to which the best threshold is searched for."""
_SHARE = 2**-100
"""A part of the range that is shorter than this share of it is not divided further."""
_MOST_PARTS = 2000
"""The number of parts that are examined before the rest is left undecided."""


def _signs(f: Callable[[arb], arb], end: arb) -> list[tuple[arb, int]]:
    """The sign of `f` on successive parts of the range from 0 to `end`, each with its upper end; 0 if undecided."""
    signs: list[tuple[arb, int]] = []
    waiting = [(arb(0), end)]
    for looked_at in count():
        if not waiting:
            break
        low, high = waiting.pop()
        value = f(low.union(high))
        decided = bool(value > 0 or value < 0)
        if decided or high - low < _SHARE * end or looked_at > _MOST_PARTS:
            signs.append((high, (1 if value > 0 else -1) if decided else 0))
        else:
            middle = (low + high) / 2
            waiting += [(middle, high), (low, middle)]
    return signs
