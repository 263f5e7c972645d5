"""Cells of a table: text, counts, numbers, numbers with an interval, and numbers with a known error bound."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

_NO_BREAK = "\N{NO-BREAK SPACE}"
_DIGITS = 3
_DECIMALS_AT_MOST = 6  # numbers that need more decimals are written in scientific notation


@dataclass(frozen=True)
class Estimate:
    """A number with an interval around it; the table's note defines the interval.

    Attributes
    ----------
    value
        The estimate.
    low, high
        Ends of the interval; infinite if the data give no bound.
    """

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Known:
    """A number from a closed form.

    Attributes
    ----------
    value
        The number, rounded to a float.
    exact
        The exact value as `p/q` if it is known to be rational, otherwise None.
    error_bound
        An upper bound on `|value - true value|`.
    """

    value: float
    exact: str | None
    error_bound: float


Cell: TypeAlias = str | int | float | Estimate | Known | None
"""Text, with mathematics between dollar signs; a number of one of the kinds above; or None for an empty cell."""

CellJson: TypeAlias = str | int | float | Mapping[str, str | float | None] | None


def shown(cell: Cell) -> str:
    """The cell as text: `1.08 [1.03, 1.15]` with an interval, a fraction if the number is exact.

    An estimate has three significant digits in the largest of its three numbers, and all three have the same number of
    decimals. A closed form has three digits as well. Other numbers are shown as given. A line can break before an
    interval, never within it.
    """
    match cell:
        case None:
            return "–"
        case Estimate(value, low, high):
            places = _places(max(abs(x) for x in (value, low, high) if math.isfinite(x)))
            return f"{_rounded(value, places)} [{_rounded(low, places)},{_NO_BREAK}{_rounded(high, places)}]"
        case Known(value, exact, _):
            return _rounded(value, _places(abs(value))) if exact is None else exact
        case float():
            return f"{cell:g}"
        case _:
            return str(cell)


def cell_to_json(cell: Cell) -> CellJson:
    """The cell ready for JSON, with all digits; an infinite end of an interval becomes None."""
    match cell:
        case Estimate(value, low, high):
            return {"value": value, "low": _finite(low), "high": _finite(high)}
        case Known(value, exact, error_bound):
            return {"value": value, "exact": exact, "error_bound": error_bound}
        case _:
            return cell


def _finite(end: float) -> float | None:
    return end if math.isfinite(end) else None


def _places(largest: float) -> int:
    """The number of decimals with which a number of this size has three digits."""
    return _DIGITS - 1 if largest == 0 else max(0, _DIGITS - 1 - math.floor(math.log10(largest)))


def _rounded(x: float, places: int) -> str:
    if math.isinf(x):
        return "∞" if x > 0 else "−∞"
    digits = f"{x:z.{places}f}" if places <= _DECIMALS_AT_MOST else f"{x:.{_DIGITS - 1}e}"
    return digits.replace("-", "−")
