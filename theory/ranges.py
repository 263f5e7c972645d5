"""Ranges of parameters: for what values a clause is stated, printed and checked."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from sympy import Expr, Rational, S, Symbol, latex, oo, sympify

from theory.algebra import is_nonnegative

Point = Mapping[Symbol, Expr]


@dataclass(frozen=True)
class Range:
    """The values that a parameter may take, from `low` to `high`.

    Attributes
    ----------
    low, high
        The ends, which may be infinite or depend on other parameters.
    open_low, open_high
        Whether the end itself is excluded.
    integer
        Whether only integers are allowed.
    natural
        Whether the parameter has no meaning outside the range, as a probability above 1. Such a range is not a
        hypothesis, and checks do not look beyond it.
    natural_high
        Whether this holds only beyond the upper end.
    """

    low: Expr
    high: Expr = oo
    open_low: bool = False
    open_high: bool = False
    integer: bool = False
    natural: bool = False
    natural_high: bool = False

    def __contains__(self, value: Rational) -> bool:
        above = value > self.low if self.open_low else value >= self.low
        below = value < self.high if self.open_high else value <= self.high
        return bool(above and below and (value.is_integer or not self.integer))

    def __str__(self) -> str:
        kind = "an integer" if self.integer else "a number"
        above = f"{'>' if self.open_low else '>='} {self.low}"
        below = "" if self.high == oo else f" and {'<' if self.open_high else '<='} {self.high}"
        return f"{kind} {above}{below}"

    def at(self, point: Point) -> "Range":
        """The range with its ends evaluated at the values of other parameters."""
        low, high = (end.subs(list(point.items())) for end in (self.low, self.high))
        return replace(self, low=low, high=high)

    def lies_within(self, ends: tuple[Expr, Expr], *, strict: bool = False) -> bool:
        """Whether a statement that is shown on the open range between `ends` holds on this range.

        An equation or weak inequality between continuous sides that holds on an open range holds on its closure; a
        strict one need not, so with `strict` an end that belongs to this range must lie inside.
        """
        below, above = self.low - ends[0], ends[1] - self.high
        low = ends[0] == -oo or (below.is_positive if strict and not self.open_low else is_nonnegative(below))
        high = ends[1] == oo or (above.is_positive if strict and not self.open_high else is_nonnegative(above))
        return bool(low and high)

    def latex(self, symbol: Symbol) -> str:
        r"""The range as LaTeX, for example `0 < p \le 1`."""
        lowest, highest = latex(self.low), latex(self.high)
        above = "" if self.low == -oo else f"{lowest} < " if self.open_low else rf"{lowest} \le "
        below = "" if self.high == oo else f" < {highest}" if self.open_high else rf" \le {highest}"
        if above and not below:
            above, below = "", f" > {lowest}" if self.open_low else rf" \ge {lowest}"
        kind = r" \in \mathbb{Z}" if not (above or below) and self.integer else ""
        return f"{above}{latex(symbol)}{below}{kind}"


def between(low: Any, high: Any) -> Range:
    r"""The open range from `low` to `high`.

    Examples
    --------
    >>> from sympy import Rational, Symbol
    >>> between(0, Rational(2, 3)).latex(Symbol("p"))
    '0 < p < \\frac{2}{3}'
    """
    return Range(sympify(low), sympify(high), open_low=True, open_high=True)


def closed(low: Any, high: Any) -> Range:
    """The closed range from `low` to `high`."""
    return Range(sympify(low), sympify(high))


def above(low: Any) -> Range:
    """All numbers greater than `low`."""
    return Range(sympify(low), open_low=True)


def at_least(low: Any) -> Range:
    """All numbers not less than `low`."""
    return Range(sympify(low))


def integers_from(low: Any) -> Range:
    """All integers not less than `low`.

    Examples
    --------
    >>> print(integers_from(1))
    an integer >= 1
    >>> Rational(3, 2) in integers_from(1)
    False
    """
    return Range(sympify(low), integer=True)


def integers(low: Any, high: Any) -> Range:
    """All integers from `low` to `high`, both included."""
    return Range(sympify(low), sympify(high), integer=True)


def indices(last: Any) -> Range:
    """The indices from 1 to `last`; there are no others."""
    return Range(S.One, sympify(last), integer=True, natural=True)


REAL = Range(-oo, natural=True)
POSITIVE = Range(S.Zero, open_low=True, natural=True)
NONNEGATIVE = Range(S.Zero, natural=True)
PROBABILITY = Range(S.Zero, S.One, natural=True)
ACTIVE = Range(S.Zero, S.One, open_low=True, natural=True)
"""Probability that a feature is active, without zero: a feature that is never active is not a feature."""
COUNT = Range(S.One, integer=True, natural=True)
