"""Certified: relations between closed forms, decided at exact points by ball arithmetic."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

from sympy import Basic

from purecheck.enclosures.certify import Values, decide
from purecheck.runtime.context import Context
from purecheck.verdicts.check import Check, enough
from purecheck.verdicts.evidence import Finding, Level, Outcome

S = TypeVar("S")


@dataclass(frozen=True, kw_only=True)
class Certified(Check[S]):
    """Decides SymPy relations at exact points by enclosures.

    Attributes
    ----------
    relations
        The content of a statement: pairs of a relation and the exact point at which it should hold.
    declared
        The least number of such pairs.
    """

    relations: Callable[[S], Iterable[tuple[Basic, Values]]]
    declared: int

    def examine(self, statement: S, context: Context) -> Finding:
        """Upheld if every relation is decided and holds."""
        cases = 0
        for relation, point in self.relations(statement):
            verdict = decide(relation, point)
            shown = ", ".join(f"{name} = {value}" for name, value in point.items())
            if verdict is False:
                return Finding(Outcome.REFUTED, Level.CERTIFIED, cases + 1, None, f"{relation} is false at {shown}")
            if verdict is None:
                return Finding(Outcome.UNDECIDED, Level.CERTIFIED, cases, None, f"{relation} not decided at {shown}")
            cases += 1
        return enough(Finding(Outcome.UPHELD, Level.CERTIFIED, cases), self.declared)
