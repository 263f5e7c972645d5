"""The results of a benchmark as tables for readers."""

from collections.abc import Iterator

from rich.table import Table

from purecheck.bench.case import Row
from purecheck.bench.exponents import FALSE_ALARM, Exponent
from purecheck.bench.floor import FLOOR
from purecheck.bench.goals import Goal
from purecheck.bench.memory_use import Peak
from purecheck.bench.ours import OURS
from purecheck.bench.suite import Bench

_VERDICTS = {True: "met", False: "missed", None: "not measured"}


def times_table(bench: Bench) -> Table:
    """A table of medians with quartiles, and for every other contestant the suite's time relative to it."""
    peers = list(bench.settings.field.present)
    others = [FLOOR, *peers]
    title = "milliseconds, median and quartiles over rounds; x: time of purecheck relative to this one"
    table = Table(title=title, title_justify="left")
    for heading in ("case", "replicas x (d, H) x n", OURS, *others):
        table.add_column(heading, no_wrap=True)
    for row in bench.rows:
        cells = (_cell(row, name) for name in others)
        table.add_row(row.case.name, row.case.size.shown, _times(row), *cells)
    return table


def exponents_table(exponents: tuple[Exponent, ...]) -> Table:
    """A table of the power of each size with which the time of a dense step grows."""
    title = "cost of a dense step grows like a power of"
    table = Table("size", "from", "to", "power", f"{1 - FALSE_ALARM:.0%} interval", title=title, title_justify="left")
    for one in exponents:
        ends = "" if one.low is None else f"[{one.low:.3f}, {one.high:.3f}]"
        table.add_row(one.variable, str(one.sizes[0]), str(one.sizes[-1]), f"{one.exponent:.3f}", ends)
    return table


def memory_table(peaks: tuple[Peak, ...]) -> Table:
    """A table of the peak memory of a command and its budget."""
    title = "memory of simulate, MiB"
    table = Table("replicas", "--memory", "peak", title=title, title_justify="left")
    for one in peaks:
        table.add_row(str(one.replicas), *(f"{size / 2**20:.0f}" for size in (one.budget, one.bytes)))
    return table


def goals_table(goals: tuple[Goal, ...]) -> Table:
    """A table of every goal, what was measured, and whether the goal is met."""
    table = Table("goal", "range", "found", "", title="goals", title_justify="left")
    for one in goals:
        reach = f"<= {one.most:.2f}" if one.least is None else f"{one.least:.2f} to {one.most:.2f}"
        found = "" if one.found is None else f"{one.found:.3f}"
        table.add_row(one.what, reach, found, _VERDICTS[one.met])
    return table


def footnotes(bench: Bench) -> Iterator[str]:
    """Notes for readers: cores, precision, the meaning of the floors, and why some peers do not take part."""
    settings = bench.settings
    yield f"cores for everyone: {settings.cores}; {settings.precision}, backend {settings.backend.name} on " + (
        settings.backend.device
    )
    if settings.load is not None:
        yield f"load in the minute before: {settings.load:.2f}; others who compute spoil all times"
    for words in dict.fromkeys(row.case.floor for row in bench.rows if row.case.floor):
        cases = dict.fromkeys(row.case.name for row in bench.rows if row.case.floor == words)
        yield f"floor of {', '.join(cases)}: {words}"
    for name, reason in settings.field.absent.items():
        yield f"{name}: {reason}"
    if any(not row.checked for row in bench.rows):
        yield "results are not checked at this precision: it turns gates"


def _times(row: Row) -> str:
    low, high = row.ours.quartiles
    return f"{_milliseconds(row.ours.median)} [{_milliseconds(low)}, {_milliseconds(high)}]"


def _cell(row: Row, name: str) -> str:
    return f"{_milliseconds(row.times[name].median)}  x{row.ratios[name]:.2f}" if name in row.times else ""


def _milliseconds(seconds: float) -> str:
    return f"{1e3 * seconds:.3g}" if seconds < 1 else f"{1e3 * seconds:.0f}"
