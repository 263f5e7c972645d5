"""Laws of the noise in a pre-activation: densities, tails and means in ball arithmetic."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction
from functools import wraps
from typing import Any, NamedTuple, Protocol, TypeVar

from flint import acb, arb, ctx, fmpq

BITS = 256
"""Working precision of the evaluators, in bits."""

F = TypeVar("F", bound=Callable[..., Any])
Analytic = Callable[[acb], acb]


def in_balls(function: F) -> F:
    """`function`, run at the working precision of the evaluators."""

    @wraps(function)
    def precise(*args: Any, **named: Any) -> Any:
        with ctx.workprec(BITS):
            return function(*args, **named)

    return precise  # type: ignore[return-value]


def ball(x: int | Fraction | arb) -> arb:
    """A ball that contains `x`."""
    return x if isinstance(x, arb) else arb(fmpq(x.numerator, x.denominator))


def plain(x: arb) -> arb | Fraction:
    """`x` as a fraction if it is an exact integer, so that ties can be decided; otherwise the ball itself."""
    return Fraction(int(x.unique_fmpz())) if x.is_exact() and x.is_integer() else x


class Piece(NamedTuple):
    """A function on an interval on which it is analytic; an end that is None is infinite."""

    low: arb | None
    high: arb | None
    value: Analytic


class Noise(Protocol):
    """A law of mean zero; its methods take the standard deviation `s`."""

    def at_least(self, x: arb, s: arb) -> arb:
        """Return `P(n >= x)`."""

    def at_most(self, x: arb, s: arb) -> arb:
        """Return `P(n <= x)`."""

    def relative(self, b: arb, mean: arb, s: arb) -> arb:
        """Return the density of `|mean + n|` at `b` divided by the density of `n` at `b`."""

    def densities(self, s: arb) -> tuple[Piece, ...]:
        """Return the density, piece by piece."""

    def slopes(self, s: arb) -> tuple[Piece, ...]:
        """Return the derivative of the density, piece by piece."""

    def far(self, s: arb) -> tuple[arb, arb]:
        """Return a distance `x` and an upper bound on the part of `E n^2` with `|n| > x`."""


@dataclass(frozen=True)
class Normal:
    """The normal law."""

    def at_least(self, x: arb, s: arb) -> arb:
        """Return `P(n >= x)`."""
        return (x / (s * arb(2).sqrt())).erfc() / 2

    def at_most(self, x: arb, s: arb) -> arb:
        """Return `P(n <= x)`."""
        return self.at_least(-x, s)

    def relative(self, b: arb, mean: arb, s: arb) -> arb:
        """Return the density of `|mean + n|` at `b` divided by the density of `n` at `b`."""
        # Both signs at once, and the growing function by its ends, keep the ball sharp on long ranges of b.
        x = b * mean / s**2
        both = x.abs_lower().cosh().union(x.abs_upper().cosh())
        return 2 * (-(mean**2) / (2 * s**2)).exp() * both

    @staticmethod
    def _density(x: acb, s: arb) -> acb:
        return (-(x**2) / (2 * s**2)).exp() / (s * (2 * arb.pi()).sqrt())

    def densities(self, s: arb) -> tuple[Piece, ...]:
        """Return the density in one piece."""
        return (Piece(None, None, lambda x: self._density(x, s)),)

    def slopes(self, s: arb) -> tuple[Piece, ...]:
        """Return the derivative of the density in one piece."""
        return (Piece(None, None, lambda x: -x / s**2 * self._density(x, s)),)

    def far(self, s: arb) -> tuple[arb, arb]:
        """Return forty standard deviations, and an upper bound on the part of `E n^2` beyond them."""
        # n^2 e^(-n^2/4) <= 4/e, and the integral of e^(-n^2/4) from K on is at most sqrt(pi) e^(-K^2/4).
        return 40 * s, 4 * s**2 * arb(-400).exp()


@dataclass(frozen=True)
class Skewed:
    """A law that is neither normal nor symmetric: exponential on both sides, and twice as wide above as below.

    With `u = s/sqrt(5)` the variable `n + u` has the mean `2u - u` and the variance `4u^2 + u^2`.
    """

    def at_least(self, x: arb, s: arb) -> arb:
        """Return `P(n >= x)`."""
        y = self._place(x, s)
        above, below = 2 * (-y / 2).exp() / 3, 1 - y.exp() / 3
        return above if y >= 0 else below if y <= 0 else above.union(below)

    def at_most(self, x: arb, s: arb) -> arb:
        """Return `P(n <= x)`."""
        return 1 - self.at_least(x, s)

    def relative(self, b: arb, mean: arb, s: arb) -> arb:
        """Return the density of `|mean + n|` at `b` divided by the density of `n` at `b`."""
        return (self._density(b - mean, s) + self._density(-b - mean, s)) / self._density(b, s)

    def _density(self, x: arb, s: arb) -> arb:
        below, above = (piece.value(x) for piece in self.densities(s))
        y = self._place(x, s)
        # A ball around the mode takes values up to that at the mode, 1/(3u), which neither piece need contain.
        return above if y >= 0 else below if y <= 0 else above.union(below).union(1 / (3 * self._unit(s)))

    def densities(self, s: arb) -> tuple[Piece, ...]:
        """Return the density, in one piece below its mode and one above."""
        unit = self._unit(s)
        return (
            Piece(None, -unit, lambda x: self._place(x, s).exp() / (3 * unit)),
            Piece(-unit, None, lambda x: (-self._place(x, s) / 2).exp() / (3 * unit)),
        )

    def slopes(self, s: arb) -> tuple[Piece, ...]:
        """Return the derivative of the density, in one piece below its mode and one above."""
        (low, at, below), (_, high, above) = self.densities(s)
        unit = self._unit(s)
        return Piece(low, at, lambda x: below(x) / unit), Piece(at, high, lambda x: -above(x) / (2 * unit))

    def far(self, s: arb) -> tuple[arb, arb]:
        """Return 1600 units `u`, and an upper bound on the part of `E n^2` beyond them."""
        # With y = n/u + 1, n^2 <= u^2 y^2 above, and y^2 e^(-y/4) <= (8/e)^2 < 9; below the tail is thinner.
        return 1600 * self._unit(s), 24 * self._unit(s) ** 2 * arb(-400).exp()

    @staticmethod
    def _unit(s: arb) -> arb:
        return s / arb(5).sqrt()

    def _place(self, x: Any, s: arb) -> Any:
        return x / self._unit(s) + 1


NORMAL, SKEWED = Normal(), Skewed()


def integral(f: Iterable[Piece], law: Iterable[Piece], far: tuple[arb, arb], scale: arb | int = 1) -> arb:
    """A ball that contains the integral of the product of two functions that are given piece by piece.

    Parameters
    ----------
    f
        A function that is zero outside of its pieces.
    law
        A density, or the derivative of a density.
    far
        Where the line is cut, and the bound on what lies beyond, as `Noise.far` returns them.
    scale
        Beyond the cut the product is at most `scale v^2` times the density.
    """
    cut, beyond = far
    rest = beyond * scale
    total = (-rest).union(rest)
    for piece in f:
        for weight in law:
            low = _larger(_larger(piece.low, weight.low), -cut)
            high = -_larger(_larger(_minus(piece.high), _minus(weight.high)), -cut)
            if low < high:
                total += _product(piece, weight, low, high)
    return total


def _product(piece: Piece, weight: Piece, low: arb, high: arb) -> arb:
    return acb.integral(lambda x, _: piece.value(x) * weight.value(x), acb(low), acb(high)).real


def _minus(x: arb | None) -> arb | None:
    return None if x is None else -x


def _larger(x: arb | None, y: arb | None) -> arb:
    known = [z for z in (x, y) if z is not None]
    return known[0].max(known[1]) if len(known) == 2 else known[0] if known else arb.neg_inf()
