"""Cells of a table: text, counts, numbers, numbers with an interval, and numbers known with their error."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

_NO_BREAK = "\N{NO-BREAK SPACE}"
_DIGITS = 3
_DECIMALS_AT_MOST = 6  # smaller numbers are written in scientific notation


@dataclass(frozen=True)
class Estimate:
    """A number with an interval around it; the table's note defines the interval.

    Attributes
    ----------
    value
        The estimate.
    low, high
        Ends of the interval; infinite where the data bound nothing.
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
        The same as `p/q` where it is rational, else None.
    error_bound
        At least `|value - true value|`.
    """

    value: float
    exact: str | None
    error_bound: float


Cell: TypeAlias = str | int | float | Estimate | Known | None
"""Text, with mathematics between dollar signs; a number of one of the kinds above; or None for nothing."""

CellJson: TypeAlias = str | int | float | Mapping[str, str | float | None] | None


def shown(cell: Cell) -> str:
    """The cell as a reader sees it: `1.08 [1.03, 1.15]` with an interval, a fraction where one is exact.

    An estimate has three digits, counted in the largest of its three numbers, so that all end at the same place; so
    has a closed form. Other numbers stand as they were given. A line breaks before an interval, never within it.
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
    """The cell ready for JSON, with all digits; an end of an interval that is infinite is None."""
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
    """Decimals with which a number of this size has three digits."""
    return _DIGITS - 1 if largest == 0 else max(0, _DIGITS - 1 - math.floor(math.log10(largest)))


def _rounded(x: float, places: int) -> str:
    if math.isinf(x):
        return "∞" if x > 0 else "−∞"
    digits = f"{x:z.{places}f}" if places <= _DECIMALS_AT_MOST else f"{x:.{_DIGITS - 1}e}"
    return digits.replace("-", "−")
