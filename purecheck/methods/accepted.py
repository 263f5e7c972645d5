"""Formal: the Rocq kernel accepted the statement of a clause in the last run of `make formal`."""

from dataclasses import dataclass, replace
from typing import Self

from purecheck.formal.result import FormalResult, Theorem
from purecheck.runtime.context import Context
from purecheck.verdicts.check import Check, Control
from purecheck.verdicts.evidence import ControlResult, Evidence, Finding, Level, Outcome
from theory.claims import Claim, Clause

_CONTROL = "the theorem with one side or its relation changed"


@dataclass(frozen=True, kw_only=True)
class Accepted(Check[Clause]):
    """Reads the result of Rocq for the theorem that states a clause; nothing is compiled here.

    If Rocq was not run, the evidence does not count. A theorem for finite laws only counts if it was refused.

    Attributes
    ----------
    theorem
        Name of the statement.
    """

    theorem: str

    def of(self, claim: Claim) -> Self:
        """This check on the clause of `claim`."""
        clause = claim.clause(self.statement.name)
        # This control is never examined: the false theorem was compiled by `make formal`, whose verdict `run` reads.
        return replace(self, statement=clause, control=Control(_CONTROL, clause))

    def examine(self, statement: Clause, context: Context) -> Finding:
        """Upheld if the kernel accepted the theorem, undecided if something was refused, and otherwise not run."""
        if not isinstance(context.formal, FormalResult):
            return Finding(Outcome.NOT_RUN, None, 0, None, context.formal)
        theorem = self._theorem(context.formal)
        if theorem is None:
            return Finding(Outcome.NOT_RUN, None, 0, None, f"`make formal` did not check theorem {self.theorem}")
        problems = (*theorem.problems, *context.formal.problems)
        if problems:
            return Finding(Outcome.UNDECIDED, Level.FORMAL, 0, None, "; ".join(problems))
        return Finding(Outcome.UPHELD, Level.FORMAL, 1, described(theorem))

    def run(self, context: Context) -> Evidence:
        """The evidence, with the axioms; the control is the false theorem that `make formal` compiles."""
        finding = self.examine(self.statement, context)
        evidence = Evidence(
            check=self.name,
            clauses=self.clauses,
            level=finding.level,
            outcome=finding.outcome,
            cases=finding.cases,
            figure=finding.figure,
            counterexample=finding.counterexample,
            seconds=0.0,
            control=ControlResult(_CONTROL, None),
            counts=False,
        )
        theorem = self._theorem(context.formal)
        if theorem is None:
            return evidence
        # No outcome is void here: a control that was not refused is already among the problems of the theorem
        # (`purecheck.formal.check`).
        return replace(
            evidence,
            control=ControlResult(theorem.mutation, bool(theorem.rejected)),
            # A refusal counts whatever the theorem covers: its narrow scope must not hide a failed proof.
            counts=theorem.law == "full" or not theorem.accepted,
            axioms=theorem.axioms,
        )

    def _theorem(self, formal: FormalResult | str) -> Theorem | None:
        """The result for the theorem; None if Rocq was not run or did not check it."""
        if not isinstance(formal, FormalResult):
            return None
        found = (theorem for theorem in formal.of(self.claim, self.statement.name) if theorem.name == self.theorem)
        return next(found, None)


def described(theorem: Theorem) -> str:
    """A short description of a theorem: its name, what it covers, and the number of its axioms."""
    covers = "" if theorem.law == "full" else "formal for finite laws; "
    return f"{covers}theorem {theorem.name}; {len(theorem.axioms)} axioms"


def accepted(claim: Claim, clause: Clause, theorem: str) -> Accepted:
    """The check that reads the result of Rocq for `theorem`, which states `clause`."""
    return Accepted(
        claim=claim.id,
        clauses=(clause.name,),
        name=f"kernel: {clause.name}",
        statement=clause,
        control=Control(_CONTROL, clause),
        theorem=theorem,
    )
