"""Tails of sums of random signs, for many lengths in turn."""

from collections.abc import Callable
from dataclasses import dataclass, field

from flint import arb, fmpq

from purecheck.enclosures.problems import NotEnclosedError

_NEAR = 64
"""Steps that a tail is moved by before it is summed anew."""


@dataclass
class SignTail:
    """Probabilities that `n` random signs add up to more than `x` in modulus, for lengths that grow slowly.

    Of `n` signs, `k` are minus with probability `C(n, k)/2^n`, and the modulus of the sum exceeds `x` iff `k <= a` or
    `k >= n - a` with `a = ceil((n - x)/2) - 1`. The lower tail moves with `a` by one term, and with `n` by Pascal's
    rule, `P(K_{n+1} <= a) = P(K_n <= a) - P(K_n = a)/2`, so that a walk over neighbouring lengths costs a few
    operations for each.
    """

    _n: int = 0
    _a: int = 0
    _at: arb = field(default_factory=lambda: arb(1))
    _below: arb = field(default_factory=lambda: arb(1))

    def exceeds(self, n: int, x: arb, exact: Callable[[], fmpq | None] = lambda: None) -> arb:
        """A ball around the probability that `n` signs add up to more than `x >= 0` in modulus.

        Parameters
        ----------
        exact
            The exact threshold, if it is known to be rational; it is only computed where the ball does not decide.

        Raises
        ------
        NotEnclosedError
            If the ball `x` does not decide which sums exceed it.
        """
        a = _last(n, x, exact)
        if a < 0:
            return arb(0)
        if not 0 <= n - self._n <= _NEAR or abs(a - self._a) > _NEAR:
            self._restart(n, a)
        while self._n < n:
            self._lengthen()
        while self._a < a:
            self._raise()
        while self._a > a:
            self._lower()
        return 2 * self._below

    def _restart(self, n: int, a: int) -> None:
        """The tail as half of what the central terms leave; they are few where `x` is of the order of `sqrt(n)`."""
        self._n, self._a = n, a
        self._at = term = arb.bin_uiui(n, a) / arb(2) ** n
        central = arb(0)
        for k in range(a, (n - 1) // 2):
            term = term * (n - k) / (k + 1)
            central += term
        middle = arb.bin_uiui(n, n // 2) / arb(2) ** n if n % 2 == 0 else arb(0)
        self._below = (1 - middle) / 2 - central

    def _lengthen(self) -> None:
        self._below -= self._at / 2
        self._n += 1
        self._at = self._at * self._n / (2 * (self._n - self._a))

    def _raise(self) -> None:
        self._at = self._at * (self._n - self._a) / (self._a + 1)
        self._a += 1
        self._below += self._at

    def _lower(self) -> None:
        self._below -= self._at
        self._at = self._at * self._a / (self._n - self._a + 1)
        self._a -= 1


def _last(n: int, x: arb, exact: Callable[[], fmpq | None]) -> int:
    """The largest number of minuses that leaves a sum above `x`; -1 if there is none."""
    found = ((n - x) / 2).ceil().unique_fmpz()
    if found is None and (threshold := exact()) is not None:
        found = ((n - threshold) / 2).ceil()
    if found is None:
        raise NotEnclosedError(f"whether a sum of {n} signs exceeds its threshold is not decided")
    return int(found) - 1
