"""A check: the clauses of a claim, a way to examine a statement, and a false variant that it must reject."""

import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Generic, Self, TypeVar

from sympy import And, Rational

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
        A description of the change for readers.
    statement
        The changed statement.
    """

    mutation: str
    statement: S


def near(clause: Clause, miss: Callable[[Clause], NearMiss] = near_miss) -> Control[Clause]:
    """The control of a check whose statement is `clause`: the variant of the clause that `miss` describes.

    Examples
    --------
    >>> from theory.purification.p5_firing_probability import SERIES
    >>> near(SERIES).mutation
    'right-hand side off by a factor of 101/100'
    """
    chosen = miss(clause)
    return Control(chosen.description, clause.varied(chosen))


def off_by(share: Rational) -> Callable[[Clause], NearMiss]:
    """The function that makes a near miss whose right-hand sides are off by `share`, which a simulation can resolve.

    Examples
    --------
    >>> from theory.purification.p5_firing_probability import SERIES
    >>> near(SERIES, off_by(Rational(1, 10))).mutation
    'right-hand side off by a factor of 11/10'
    """

    def miss(clause: Clause) -> NearMiss:
        wrong = [one.func(one.lhs, (1 + share) * one.rhs, evaluate=False) for one in clause.conjuncts]
        sides = "right-hand side" if len(wrong) == 1 else "right-hand sides"
        return NearMiss(f"{sides} off by a factor of {1 + share}", And(*wrong, evaluate=False))

    return miss


@dataclass(frozen=True, kw_only=True)
class Check(ABC, Generic[S]):
    """A check of some clauses of a claim.

    A subclass defines how a statement is examined, and the level of evidence that this earns.

    Attributes
    ----------
    claim
        Id of the claim.
    clauses
        Names of the clauses that it is evidence for.
    name
        A short name, unique within the claim.
    statement
        What is examined, usually a clause.
    control
        The false variant of the statement.
    miss
        For a check whose statement is a clause: the function that makes the near miss, the control, from the clause.
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
        """This check on the clause of `claim`, if its statement is a clause: that of the ledger is the only one.

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
        """The finding on `statement`; called for the statement and for its control."""

    def run(self, context: Context) -> Evidence:
        """The evidence: the finding on the statement, which is void if the control was not rejected."""
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
        """Whether the false variant is rejected, given the finding on the statement itself."""
        if finding.outcome is Outcome.NOT_RUN:
            return ControlResult(self.control.mutation, None)
        variant = self.examine(self.control.statement, context)
        rejected = variant.outcome is Outcome.REFUTED
        found = (variant.where or variant.counterexample) if rejected else None
        return ControlResult(self.control.mutation, rejected, found)


def enough(finding: Finding, declared: int) -> Finding:
    """`finding`, or an undecided finding if it was upheld on fewer cases than declared, or on none."""
    if finding.outcome is Outcome.UPHELD and finding.cases < max(declared, 1):
        reason = f"decided {finding.cases} cases, {declared} were declared"
        return Finding(Outcome.UNDECIDED, finding.level, finding.cases, finding.figure, reason)
    return finding
