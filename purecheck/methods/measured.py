"""Measured: a statement about real data, decided by intervals on what earlier runs recorded; nothing is run."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from purecheck.check import Check
from purecheck.comparison import IntervalComparison, judge_intervals
from purecheck.context import Context
from purecheck.evidence import Finding, Level, Outcome
from purecheck.records.reading import Stored

S = TypeVar("S")
T = TypeVar("T")


@dataclass(frozen=True)
class Seen(Generic[T]):
    """What the records hold for one check.

    Attributes
    ----------
    groups
        Runs that are compared with each other, one group a setting; empty where nothing was recorded.
    records
        How many records these are.
    obstacles
        Why they cannot be trusted, one sentence each: an attack that failed its own test, a ladder without a rung.
    """

    groups: tuple[T, ...]
    records: int
    obstacles: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Measured(Check[S], Generic[S, T]):
    """Holds intervals over recorded runs against what a statement says.

    Each interval errs at the rate that it was made with. Upheld asks that every interval lies on its side, so the rate
    of a wrong pass is at most that of one interval; of k intervals one is wrong at most k times as often.

    Attributes
    ----------
    select
        Finds the runs that speak of the statement's subject; it must not look at the statement.
    wanted
        What would have to be recorded, to complete "no record of ...".
    compare
        The comparisons that a statement makes on one group.
    """

    select: Callable[[Sequence[Stored]], Seen[T]]
    wanted: str
    compare: Callable[[S, T], Iterable[IntervalComparison]]

    def examine(self, statement: S, context: Context) -> Finding:
        """Upheld when every interval lies on its side; undecided on untrusted records; not run where there are none."""
        seen = context.once(f"{self.claim}/{self.name}", lambda: self.select(context.records))
        if not seen.groups:
            return Finding(Outcome.NOT_RUN, None, 0, None, f"no record of {self.wanted}")
        if seen.obstacles:
            return Finding(Outcome.UNDECIDED, Level.MEASURED, seen.records, None, "; ".join(seen.obstacles))
        comparisons = [one for group in seen.groups for one in self.compare(statement, group)]
        return judge_intervals(comparisons, Level.MEASURED, seen.records)
