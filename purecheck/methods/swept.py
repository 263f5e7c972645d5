"""Swept: a grid of points within the assumptions, each computed in floating point with a derived error bound."""

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
    """Computes every point of a grid once and compares it with what a statement predicts.

    Attributes
    ----------
    observe
        Computes the grid without using the statement. The result is kept for the run.
    compare
        The comparisons that a statement makes on the grid.
    declared
        The least number of comparisons.
    summary
        A sentence about the grid, including points that are not compared.
    """

    observe: Callable[[Context], Any]
    compare: Callable[[S, Any], Iterable[Comparison]]
    declared: int
    summary: Callable[[Any], str]

    def examine(self, statement: S, context: Context) -> Finding:
        """Upheld if every comparison holds and none of the declared ones is missing."""
        seen = context.once(f"{self.claim}/{self.name}", lambda: self.observe(context))
        finding = enough(judge(self.compare(statement, seen), Level.SAMPLED), self.declared)
        if finding.outcome is not Outcome.UPHELD:
            return finding
        return replace(finding, figure=". ".join(filter(None, (finding.figure, self.summary(seen)))))
