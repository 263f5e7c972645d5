"""Numbers on the command line: written in ASCII, finite, and within the range of the computations."""

import math
import re
from typing import Any

import click

LARGEST = 1e30
"""Squares of numbers up to this size stay finite in float64, even in long sums."""
_MANY = 10**9  # arrays of more would not fit into any memory
_SEED = 2**63 - 1  # other programs that read a report have integers of 64 bits with a sign
_DIGITS = 20  # a sign and the 19 digits of `_SEED`
_SHOWN = 40  # characters of a refused word, so that a message stays one readable line

_WHOLE = re.compile(r"[+-]?[0-9]+")
_DECIMAL = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")


class Whole(click.IntRange):
    """A whole number from `least` to `most`; by default at most 10**9."""

    def __init__(self, least: int | None = None, most: int = _MANY) -> None:
        super().__init__(least)
        self.most = most

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The number, after checking that it is written in digits and is not too long."""
        if isinstance(value, str) and (len(value) > _DIGITS or not _WHOLE.fullmatch(value)):
            self.fail(f"{value[:_SHOWN]!r} is not a valid integer range", param, ctx)
        number = super().convert(value, param, ctx)
        if number > self.most:
            self.fail(f"{number} is too large; expected an integer of at most {self.most}", param, ctx)
        return number


class Number(click.ParamType):  # type: ignore[type-arg]  # click 8.1 has no argument there
    """A finite number of at most `LARGEST` in size; above 0 if `positive`."""

    name = "float"

    def __init__(self, *, positive: bool = False) -> None:
        self.positive = positive

    @property
    def expected(self) -> str:
        """A description of the accepted numbers."""
        return f"a number above 0, at most {LARGEST:g}" if self.positive else f"a number up to {LARGEST:g} in size"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """The number that a text denotes; a default is taken as it is."""
        number = float(value) if not isinstance(value, str) or _DECIMAL.fullmatch(value) else math.nan
        if not abs(number) <= LARGEST or (self.positive and number <= 0):
            name = param.name if param is not None else "a number"
            found = str(value)[:_SHOWN] if math.isnan(number) else number
            self.fail(f"{name} is {found}; expected {self.expected}", param, ctx)
        return number


SEED = Whole(0, _SEED)
"""A root seed."""
