"""Swept: a grid of points within the assumptions, whole populations in floating-point numbers with derived slack."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from purecheck.runtime.context import Context
from purecheck.verdicts.check import Check, enough
from purecheck.verdicts.comparison import Comparison, judge
from purecheck.verdicts.evidence import Finding, Level, Outcome

S = TypeVar("S")


@dataclass(frozen=True, kw_only=True)
class Swept(Check[S]):
    """Computes every point of a grid once and compares it with what a statement says: sampled, at chosen points.

    Attributes
    ----------
    observe
        Computes the grid; it must not look at the statement. Kept for the run.
    compare
        The comparisons that a statement makes on what was computed.
    declared
        How many comparisons there are at least.
    told
        A sentence on what was computed, points that are not compared included.
    """

    observe: Callable[[Context], Any]
    compare: Callable[[S, Any], Iterable[Comparison]]
    declared: int
    summary: Callable[[Any], str]

    def examine(self, statement: S, context: Context) -> Finding:
        """Upheld when every comparison holds and none of the declared ones is missing."""
        seen = context.once(f"{self.claim}/{self.name}", lambda: self.observe(context))
        finding = enough(judge(self.compare(statement, seen), Level.SAMPLED), self.declared)
        if finding.outcome is not Outcome.UPHELD:
            return finding
        return replace(finding, figure=". ".join(filter(None, (finding.figure, self.summary(seen)))))
