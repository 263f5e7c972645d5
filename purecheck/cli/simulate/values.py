"""Values of options that are laws: a uniform law on an interval, and a target that is drawn or read."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import click
import numpy as np
from numpy.typing import NDArray

from purecheck.cli.numbers import LARGEST, Number
from purecheck.io.strict_json import read_json

Drawn: TypeAlias = Callable[[int, np.random.Generator], NDArray[np.float64] | None]
"""Makes a target `(d,)` from the number of features and random numbers; None for all ones."""

_INTERVAL = re.compile(r"uniform:(?P<low>[^:]+?)\.\.(?P<high>[^:]+)")


@dataclass(frozen=True)
class Interval:
    """The numbers from `low` to `high`."""

    low: float
    high: float

    def __str__(self) -> str:
        return f"uniform:{self.low:g}..{self.high:g}"


class Uniform(click.ParamType):  # type: ignore[type-arg]  # click 8.1 has no argument there
    """A uniform law, `uniform:LO..HI`, as an `Interval`."""

    name = "law"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Interval:
        """The interval that a text denotes."""
        if isinstance(value, Interval):
            return value
        found = _INTERVAL.fullmatch(value)
        if found is None:
            self.fail(f"{value[:40]!r} is no law; expected uniform:LO..HI", param, ctx)
        low, high = (Number().convert(found[end], param, ctx) for end in ("low", "high"))
        if not low < high:
            self.fail(f"{value!r} is empty; expected uniform:LO..HI with LO below HI", param, ctx)
        return Interval(low, high)


class Target(click.ParamType):  # type: ignore[type-arg]
    """The target of a simulation: `ones`, `normal`, `uniform:LO..HI`, or a JSON file with a list of numbers."""

    name = "target"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Drawn:
        """What makes the target."""
        if callable(value):
            return value  # type: ignore[no-any-return]
        if value == "ones":
            return lambda _d, _rng: None
        if value == "normal":
            return lambda d, rng: rng.standard_normal(d)
        if value.startswith("uniform:"):
            law = Uniform().convert(value, param, ctx)
            return lambda d, rng: rng.uniform(law.low, law.high, d)
        return self._read(Path(value), param, ctx)

    def _read(self, path: Path, param: click.Parameter | None, ctx: click.Context | None) -> Drawn:
        expected = "expected ones, normal, uniform:LO..HI, or a JSON file with a list of numbers"
        try:
            content = read_json(path)
        except (OSError, ValueError) as problem:
            self.fail(f"theta is {str(path)!r}: {problem}; {expected}", param, ctx)
        if not isinstance(content, list) or not all(_is_number(one) for one in content):
            self.fail(f"theta is {str(path)!r}, which holds something else; {expected}", param, ctx)
        theta = np.asarray(content, dtype=np.float64)
        return lambda _d, _rng: theta


def _is_number(x: object) -> bool:
    return isinstance(x, int | float) and not isinstance(x, bool) and abs(x) <= LARGEST
