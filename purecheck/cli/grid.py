"""Ranges of arguments, `p=0.01..0.5:50`, and what is written about the values on them: a table, CSV, a plot."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from itertools import product

from purecheck.closed_forms import Form, Value, parse_number
from theory.claims import Choice

_MOST = 10_000
"""Points of one command; most quantities take a few milliseconds each."""
_DOTS = ".."


def expanded(form: Form, assignments: Iterable[str]) -> list[list[str]]:
    """The assignments of every point of a grid, each `NAME=VALUE`; the last range varies fastest.

    `NAME=LO..HI:N` is `N` numbers with equal steps, both ends included; `NAME=LO..HI` is every integer.

    Raises
    ------
    ValueError
        If a range is written in another way, or there are more than 10,000 points.
    """
    choices = [list(_values(form, one)) for one in assignments]
    count = 1
    for values in choices:
        count *= len(values)
    if count > _MOST:
        raise ValueError(f"the ranges have {count} points together; expected at most {_MOST}")
    return [list(point) for point in product(*choices)]


def varied(assignments: Iterable[str]) -> list[str]:
    """The names of the arguments that are given as ranges."""
    return [one.partition("=")[0] for one in assignments if _DOTS in one]


def _values(form: Form, assignment: str) -> Iterator[str]:
    name, _, text = assignment.partition("=")
    low, dots, rest = text.partition(_DOTS)
    if not dots or isinstance(form.domain.get(name), Choice):
        yield assignment
        return
    high, colon, number = rest.partition(":")
    try:
        first, last = parse_number(low), parse_number(high)
        steps = (int(number) if colon else int(last - first) + 1) - 1
    except ValueError:
        raise ValueError(f"{name} was {text[:80]!r}; expected LO..HI:N, such as 0.01..0.5:50, or LO..HI") from None
    if not (first < last and 1 <= steps < _MOST) or not (colon or (first.is_Integer and last.is_Integer)):
        raise ValueError(
            f"{name} was {text[:80]!r}; expected LO < HI, and after a colon the number of values, from 2 to {_MOST} "
            "(it may be left out if both ends are integers)"
        )
    for i in range(steps + 1):
        yield f"{name}={first + (last - first) * i / steps}"


def as_csv(values: Sequence[Value]) -> str:
    """One line for each point: its arguments, the value, its bound, and the exact fraction where it is known."""
    text = io.StringIO()
    names = list(values[0].arguments)
    table = csv.writer(text, lineterminator="\n")
    table.writerow([*names, values[0].quantity, "error_bound", "exact"])
    for one in values:
        table.writerow(
            [*(one.arguments[name] for name in names), repr(one.value), repr(one.error_bound), one.exact or ""]
        )
    return text.getvalue()


def as_table(values: Sequence[Value], names: Sequence[str]) -> str:
    """The values in columns, with the arguments that vary."""
    rows = [(*names, values[0].quantity, "within")]
    rows += [(*(f"{_shown(one, name)}" for name in names), repr(one.value), f"{one.error_bound:.1e}") for one in values]
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = ("  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)
    return "\n".join(lines)


def _shown(value: Value, name: str) -> str:
    number = value.arguments[name]
    return number if isinstance(number, str) else f"{number:.10g}"


def as_plot(values: Sequence[Value], names: Sequence[str], words: str) -> str:
    """An SVG document: the value over the last argument that varies, one line for each value of the others.

    Raises
    ------
    ValueError
        If no argument varies.
    """
    if not names:
        raise ValueError("no argument is a range; expected one such as p=0.01..0.5:50 for --plot")
    from purecheck.reporting.figures.style import styled
    from purecheck.reporting.svg import svg_document

    *others, across = names
    lines: dict[str, list[tuple[float, float]]] = {}
    for one in values:
        label = ", ".join(f"{name} = {_shown(one, name)}" for name in others)
        lines.setdefault(label, []).append((float(one.arguments[across]), one.value))
    with styled() as (figure, axes):
        for label, points in lines.items():
            axes.plot(*zip(*points, strict=True), label=label, marker="." if len(points) <= 30 else "")
        axes.set(xlabel=across, ylabel=values[0].quantity)
        axes.set_title(words, fontsize=8, wrap=True)
        if others:
            axes.legend()
    return svg_document(figure)
