"""Enumerated: every case of a small model, in exact rational arithmetic."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

from purecheck.runtime.context import Context
from purecheck.verdicts.check import Check, enough
from purecheck.verdicts.comparison import Comparison, judge
from purecheck.verdicts.evidence import Finding, Level

S = TypeVar("S")


@dataclass(frozen=True, kw_only=True)
class Enumerated(Check[S]):
    """Compares exact numbers in every case.

    Attributes
    ----------
    cases
        The comparisons that a statement makes, in exact numbers: one for each case, smallest cases first.
    declared
        The least number of cases.
    """

    cases: Callable[[S], Iterable[Comparison]]
    declared: int

    def examine(self, statement: S, context: Context) -> Finding:
        """Upheld if every declared case holds exactly.

        Raises
        ------
        TypeError
            If a case compares floating-point numbers.
        """
        return enough(judge(map(_exact, self.cases(statement)), Level.ENUMERATED), self.declared)


def _exact(comparison: Comparison) -> Comparison:
    if not comparison.is_exact:
        raise TypeError(f"an enumerated check compares exact numbers, got {comparison.left!r} and {comparison.right!r}")
    return comparison
