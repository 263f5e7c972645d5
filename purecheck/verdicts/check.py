"""A check: a claim's clauses, a way to examine a statement, and a mutated statement that it must reject."""

import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Generic, Self, TypeVar

from purecheck.runtime.context import Context
from purecheck.verdicts.evidence import ControlResult, Evidence, Finding, Outcome
from theory.claims import Claim, Clause, NearMiss
from theory.variants import near_miss

S = TypeVar("S")


@dataclass(frozen=True)
class Control(Generic[S]):
    """The false variant of a statement that a check must reject.

    Attributes
    ----------
    mutation
        What was changed, for a reader.
    statement
        The mutated statement.
    """

    mutation: str
    statement: S


def near(clause: Clause, miss: Callable[[Clause], NearMiss] = near_miss) -> Control[Clause]:
    """The control of a check whose statement is `clause`: the clause off by what `miss` makes of it."""
    chosen = miss(clause)
    return Control(chosen.description, clause.varied(chosen))


@dataclass(frozen=True, kw_only=True)
class Check(ABC, Generic[S]):
    """A check of some clauses of a claim.

    Subclasses say how a statement is examined, and the level that this way of examining earns.

    Attributes
    ----------
    claim
        Id of the claim.
    clauses
        Names of the clauses that it speaks for.
    name
        A few words, unique within the claim.
    statement
        What is examined: whatever the subclass works on, a clause as a rule.
    control
        Its false variant.
    miss
        For a check whose statement is a clause: makes the near miss that is the control out of the clause.
    """

    trains: ClassVar[bool] = False
    """Whether it trains networks."""

    claim: str
    clauses: tuple[str, ...]
    name: str
    statement: S
    control: Control[S]
    miss: Callable[[Clause], NearMiss] = near_miss

    def of(self, claim: Claim) -> Self:
        """This check on the clause of `claim`, if its statement is a clause: the ledger's is the only one.

        Raises
        ------
        KeyError
            If the claim has no clause of that name.
        """
        if not isinstance(self.statement, Clause):
            return self
        clause = claim.clause(self.statement.name)
        changed: dict[str, Any] = {"statement": clause, "control": near(clause, self.miss)}
        return replace(self, **changed)

    @abstractmethod
    def examine(self, statement: S, context: Context) -> Finding:
        """What examining `statement` finds; called for the statement and for its control."""

    def run(self, context: Context) -> Evidence:
        """Evidence for the claim: the finding on the statement, void if the control was not rejected."""
        started = time.perf_counter()
        finding = self.examine(self.statement, context)
        control, outcome = self.contrast(finding, context), finding.outcome
        if outcome is Outcome.UPHELD and not control.rejected:
            outcome = Outcome.VOID
        return Evidence(
            check=self.name,
            clauses=self.clauses,
            level=finding.level,
            outcome=outcome,
            cases=finding.cases,
            figure=finding.figure,
            counterexample=finding.counterexample,
            seconds=time.perf_counter() - started,
            control=control,
        )

    def contrast(self, finding: Finding, context: Context) -> ControlResult:
        """Whether the false variant is rejected, after the statement itself was examined with this finding."""
        if finding.outcome is Outcome.NOT_RUN:
            return ControlResult(self.control.mutation, None)
        variant = self.examine(self.control.statement, context)
        rejected = variant.outcome is Outcome.REFUTED
        found = (variant.where or variant.counterexample) if rejected else None
        return ControlResult(self.control.mutation, rejected, found)


def enough(finding: Finding, declared: int) -> Finding:
    """`finding`, or undecided if it was upheld on fewer cases than declared, or on none."""
    if finding.outcome is Outcome.UPHELD and finding.cases < max(declared, 1):
        reason = f"decided {finding.cases} cases, {declared} were declared"
        return Finding(Outcome.UNDECIDED, finding.level, finding.cases, finding.figure, reason)
    return finding
