"""Orders of Hadamard matrices: for which orders one is known."""

from functools import cache

from sympy import Basic, Integer, S, divisors, factorint
from sympy.logic.boolalg import BooleanFunction

_TABULATED = 2_000
_UNKNOWN = frozenset((668, 716, 892, 1132, 1244, 1388, 1436, 1676, 1772, 1916, 1948, 1964))
"""The multiples of 4 below 2,000 of which no Hadamard matrix is known (Djokovic, Golubitsky and Kotsireas, Some new
orders of Hadamard and skew-Hadamard matrices, Journal of Combinatorial Designs 22, 2014)."""


class HasHadamardMatrix(BooleanFunction):  # type: ignore[misc]
    """`HasHadamardMatrix(m)`: a Hadamard matrix of order `m` is known."""

    nargs = 1

    @classmethod
    def eval(cls, order: Basic) -> Basic | None:
        """True or false, where the order is an integer."""
        return (S.true if is_known(int(order)) else S.false) if isinstance(order, Integer) else None


@cache
def is_known(m: int) -> bool:
    """Whether a Hadamard matrix of order `m` is known, by the tables up to 2,000 and by constructions beyond.

    Paley: `q + 1` for `q = 3 (mod 4)` and `2 (q + 1)` for `q = 1 (mod 4)`, `q` a power of a prime. Sylvester: `2 m`.
    Agaian: `8 a b` from `4 a` and `4 b`. Miyamoto: `4 q` for a prime power `q = 1 (mod 4)` and a known order `q - 1`.

    Examples
    --------
    >>> [m for m in (1, 2, 3, 4, 664, 668, 1024, 4096) if is_known(m)]
    [1, 2, 4, 664, 1024, 4096]
    """
    if m in (1, 2):
        return True
    if m < 1 or m % 4:
        return False
    if m <= _TABULATED:
        return m not in _UNKNOWN
    return _by_paley(m) or _by_miyamoto(m) or _by_products(m)


def _by_paley(m: int) -> bool:
    return _is_prime_power(m - 1) or (_is_prime_power(m // 2 - 1) and (m // 2 - 1) % 4 == 1)


def _by_miyamoto(m: int) -> bool:
    q = m // 4
    return q % 4 == 1 and _is_prime_power(q) and is_known(q - 1)


def _by_products(m: int) -> bool:
    if m % 8:
        return False
    return is_known(m // 2) or any(
        is_known(4 * a) and is_known(m // (2 * a)) for a in divisors(m // 8) if a * a <= m // 8
    )


def _is_prime_power(q: int) -> bool:
    return q > 1 and len(factorint(q)) == 1
