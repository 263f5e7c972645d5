r"""Means of `t sig(x t)` over a number `t = a(N) + c V`, with `N` binomial and `V` a lazy walk of `N` steps.

Since $t\,\mathrm{sig}(xt) = t/2 + (t/2)\tanh(xt/2)$, such a mean is its value at zero plus half the mean of
$g_x(t) = t \tanh(xt/2)$, which is never negative, and increasing and concave in `x > 0`. Nothing cancels in the second
part, however small `x` is. It is summed directly over the pairs `(N, V)` where these are few. Otherwise `g` is expanded
around the mean of `t`: it is analytic where $|\mathrm{Im}\, t| < \pi/x$, which is far beyond the spread of `t` when the
pairs are many.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from math import isqrt

from flint import arb, arb_mat, arb_poly, arb_series, ctx

from purecheck.enclosures.binomial import Weights

_ANGLE = arb(19) / 20
"""Of the way to the nearest pole of the hyperbolic tangent, on which its modulus is bounded: there it is below 13."""
LOW, HIGH = 40, 100
"""Orders of an expansion. The low one gives 64 bits from about 1,000 features on and 10 from about 20; the high one
gives 64 bits from about 200 features on."""
_LONG = 2_000
"""Steps of a walk whose law is written out."""


@dataclass(frozen=True)
class Grown:
    """The mean of `g_x(t)` and its derivative in `x`."""

    value: Callable[[arb], arb]
    slope: Callable[[arb], arb]


def over_counts(weights: Weights, force: Callable[[arb], arb], trials: int) -> Grown:
    """The mean over `t = force(N)`."""
    largest = _largest(force, trials)
    return _summed([(weight, force(arb(n))) for n, weight in weights], weights.rest, largest)


def over_walks(
    weights: Weights, force: Callable[[arb], arb], step: arb, p: arb, trials: int, *, few: int, order: int
) -> Grown:
    """The mean over `t = force(N) + step V`, where each step of `V` is `+-1` with probability `p/2` and else 0.

    Parameters
    ----------
    few
        Largest number of pairs that are summed directly.
    order
        Of the expansion that is used where there are more.
    """
    largest = _largest(force, trials) + abs(step) * trials
    reach = _reach(weights.first + len(weights.probabilities), p)
    if len(weights.probabilities) * (2 * reach + 1) <= few and weights.first <= _LONG:
        return _directly(weights, force, step, p, reach, largest)
    expansion = _Expansion.of(weights, force, step, p, order, largest)
    return Grown(expansion.value, expansion.slope)


def _largest(force: Callable[[arb], arb], trials: int) -> arb:
    """A bound of the modulus of a force, whatever the count."""
    return arb(abs(force(arb(0).union(arb(trials)))).upper())


def _summed(terms: Sequence[tuple[arb, arb]], rest: arb, largest: arb) -> Grown:
    """The sum over weights and forces; the rest of the weight lies on forces up to the largest."""
    pulls = [(weight * t, t) for weight, t in terms]
    squares = [(pull * t / 2, t) for pull, t in pulls]

    def value(x: arb) -> arb:
        found, half = arb(0), x / 2
        for pull, t in pulls:
            found += pull * (half * t).tanh()
        return found + arb(0).union(rest * largest)

    def slope(x: arb) -> arb:
        found, half = arb(0), x / 2
        for square, t in squares:
            found += square * (half * t).sech() ** 2
        return found + arb(0).union(rest * largest**2 / 2)

    return Grown(value, slope)


def _reach(n: int, p: arb) -> int:
    """How far a walk of at most `n` steps is followed, by Bernstein's inequality; what is left out is bounded later."""
    nats = max(int(ctx.prec) - 24, 8) * 7 // 10
    spread = isqrt(int(2 * nats * float((n * p).upper())))
    return min(n, int(spread) + nats // 3 + 1)


def _directly(weights: Weights, force: Callable[[arb], arb], step: arb, p: arb, reach: int, largest: arb) -> Grown:
    lazy = arb_poly([p / 2, 1 - p, p / 2])
    row = lazy**weights.first
    terms: list[tuple[arb, arb]] = []
    rest = weights.rest
    for n, weight in weights:
        start, last = force(arb(n)), min(n, reach)
        chances = [(v, row[n + v]) for v in range(-last, last + 1)]
        terms += [(weight * chance, start + step * v) for v, chance in chances]
        if last < n:
            rest += weight * arb.nonnegative_part(1 - sum((chance for _, chance in chances), start=arb(0)))
        row = row * lazy
    return _summed(terms, rest, largest)


@dataclass(frozen=True)
class _Expansion:
    """The mean of a function of `t` that is analytic around the real line, by moments of `y = t - centre`.

    Attributes
    ----------
    centre
        What it is expanded around.
    moments
        `E[y^i; N likely]`, for `i` up to the order and two more.
    rest, largest
        The probability that `N` is not likely, and the largest modulus of `t`.
    """

    centre: arb
    moments: Sequence[arb]
    rest: arb
    largest: arb

    @classmethod
    def of(
        cls, weights: Weights, force: Callable[[arb], arb], step: arb, p: arb, order: int, largest: arb
    ) -> "_Expansion":
        """The moments, from the powers of `force(N) - centre` and the even moments of the walk, `N` being independent.

        `E e^(h V) = (1 - p + p cosh h)^N`; in `u = h^2`, the coefficient of `u^j` is the moment of order `2j` over
        `(2j)!`.
        """
        forces = [force(arb(n)) for n, _ in weights]
        centre = forces[len(forces) // 2].mid()
        size, half = order + 3, order // 2 + 2
        with _series_up_to(half):
            cosh = arb_series([1 / arb(2 * j + 1).gamma() for j in range(half)])
            growth = (1 - p + p * cosh).log()
            walks = [(weight, (growth * n).exp()) for n, weight in weights]
        powers = arb_mat(size, len(forces), [x for row in _powers(forces, centre, size) for x in row])
        scaled = [weight * row[j] for weight, row in walks for j in range(half)]
        mixed = powers * arb_mat(len(forces), half, scaled)
        moments = [
            sum((mixed[i - 2 * j, j] * step ** (2 * j) for j in range(i // 2 + 1)), start=arb(0)) * arb(i + 1).gamma()
            for i in range(size)
        ]
        return cls(centre, moments, weights.rest, largest)

    def value(self, x: arb) -> arb:
        """The mean of `t tanh(x t/2)`."""
        radius, tangent = _strip(x + 1 / self.largest)  # a little narrower, so that it exists at 0
        n = len(self.moments) - 3
        with _series_up_to(n):
            t, tanh = self._tanh(x)
            series = t * tanh
        # On the disc around centre + y, |t tanh| <= tangent (|centre| + |y| + radius); |y| <= (radius + y^2/radius)/2.
        reach = abs(self.centre) + radius
        last = tangent * ((reach + radius / 2) * self.moments[n] + self.moments[n + 2] / (2 * radius)) / radius**n
        return self._sum(series, last, self.largest)

    def slope(self, x: arb) -> arb:
        """The mean of `(t^2/2) sech(x t/2)^2`."""
        radius, tangent = _strip(x + 1 / self.largest)  # a little narrower, so that it exists at 0
        n = len(self.moments) - 3
        with _series_up_to(n):
            t, tanh = self._tanh(x)
            series = t * t * (1 - tanh * tanh) / 2
        reach = abs(self.centre) + radius
        last = (1 + tangent**2) * (reach**2 * self.moments[n] + self.moments[n + 2]) / radius**n
        return self._sum(series, last, self.largest**2 / 2)

    def _tanh(self, x: arb) -> tuple[arb_series, arb_series]:
        """`t` and `tanh(x t/2)` as series around the centre."""
        t = arb_series([self.centre, 1], prec=len(self.moments) - 3)
        grown = (-(x * t)).exp()
        return t, (1 - grown) / (1 + grown)

    def _sum(self, series: arb_series, last: arb, bound: arb) -> arb:
        n = len(self.moments) - 3
        found = sum((series[i] * self.moments[i] for i in range(n)), start=arb(0))
        return found + arb(0, last.upper()) + arb(0).union(self.rest * bound)


def _strip(x: arb) -> tuple[arb, arb]:
    """A radius, and the largest modulus of `tanh(x z/2)` for `z` within that distance of the real line."""
    angle = arb.pi() / 2 * _ANGLE
    return 2 * angle / x, angle.tan()


def _powers(forces: Sequence[arb], centre: arb, size: int) -> Iterator[list[arb]]:
    """For each `i` below `size`, `(force - centre)^i / i!` of each force."""
    row = [arb(1)] * len(forces)
    for i in range(1, size + 1):
        yield row
        row = [x * (force - centre) / i for x, force in zip(row, forces, strict=True)]


@contextmanager
def _series_up_to(length: int) -> Iterator[None]:
    """Series are kept to that many terms, which python-flint takes from its context."""
    before, ctx.cap = ctx.cap, length
    try:
        yield
    finally:
        ctx.cap = before
