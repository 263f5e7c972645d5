"""Trained: a statement about training, over many seeds, decided by confidence intervals."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, ClassVar, TypeVar

from purecheck.runtime.context import Context
from purecheck.verdicts.check import Check
from purecheck.verdicts.comparison import Comparison, IntervalComparison, judge_intervals
from purecheck.verdicts.evidence import Finding, Level

S = TypeVar("S")


@dataclass(frozen=True, kw_only=True)
class Trained(Check[S]):
    """Trains many replicas and holds intervals over them against what a statement says.

    Attributes
    ----------
    observe
        Trains and measures; the result is kept for the run, so that checks can share it and controls cost nothing.
    compare
        The comparisons that a statement makes on what was observed: of intervals over seeds, or of numbers.
    """

    trains: ClassVar[bool] = True

    observe: Callable[[Context], Any]
    compare: Callable[[S, Any], Iterable[IntervalComparison | Comparison]]

    def examine(self, statement: S, context: Context) -> Finding:
        """Upheld when every comparison holds; undecided when an interval straddles its value."""
        observed = context.once(f"{self.claim}/{self.name}", lambda: self.observe(context))
        return judge_intervals(self.compare(statement, observed), Level.TRAINED, context.profile.seeds)
