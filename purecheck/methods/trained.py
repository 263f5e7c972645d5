"""Trained: a statement about training, decided by confidence intervals over many seeds."""

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
    """Trains many replicas and compares intervals over them with what a statement predicts.

    Attributes
    ----------
    observe
        Trains and measures. The result is kept for the run, so that checks share it and controls need no training.
    compare
        The comparisons that a statement makes, of intervals over seeds or of numbers.
    """

    trains: ClassVar[bool] = True

    observe: Callable[[Context], Any]
    compare: Callable[[S, Any], Iterable[IntervalComparison | Comparison]]

    def examine(self, statement: S, context: Context) -> Finding:
        """Upheld if every comparison holds; undecided if an interval contains the value that it is compared with."""
        observed = context.once(f"{self.claim}/{self.name}", lambda: self.observe(context))
        return judge_intervals(self.compare(statement, observed), Level.TRAINED, context.profile.seeds)
