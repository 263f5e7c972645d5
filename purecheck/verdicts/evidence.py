"""Outcomes, levels and evidence: what a check found, and how it found it."""

from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    """The outcome of a check. Undecided, void and not run are never a pass.

    No single check yields a contradiction: it is the standing of a clause that one check proves and another refutes.
    """

    UPHELD = "upheld"
    REFUTED = "refuted"
    UNDECIDED = "undecided"
    VOID = "void"
    NOT_RUN = "not run"
    CONTRADICTION = "contradiction"


class Level(StrEnum):
    """The kind of evidence that a check gives, strongest first."""

    FORMAL = "formal"
    PROVED = "proved"
    CERTIFIED = "certified"
    ENUMERATED = "enumerated"
    SAMPLED = "sampled"
    SIMULATED = "simulated"
    TRAINED = "trained"
    MEASURED = "measured"

    @property
    def rank(self) -> int:
        """Position in the order of strength, 0 for the strongest."""
        return list(Level).index(self)


@dataclass(frozen=True)
class Finding:
    """The result of examining one statement.

    Attributes
    ----------
    outcome
        Upheld, refuted, undecided or not run.
    level
        The kind of evidence; None if nothing was done.
    cases
        Number of cases that were decided.
    figure
        Figure of merit: how close the check came to failing, with its definition; None if there is none.
    counterexample
        The smallest counterexample found, if refuted; the reason, if undecided or not run.
    share
        The largest share of its error bound that a comparison used, if comparisons have bounds.
    where
        The instance on which the statement is false, if it is known separately.
    """

    outcome: Outcome
    level: Level | None
    cases: int
    figure: str | None = None
    counterexample: str | None = None
    share: float | None = None
    where: str | None = None


@dataclass(frozen=True)
class ControlResult:
    """The result of a check on its false variant.

    Attributes
    ----------
    mutation
        A description of the change.
    rejected
        Whether the check rejected the variant; None if there was nothing on which to examine it.
    found
        The instance on which the variant was found to be false.
    """

    mutation: str
    rejected: bool | None
    found: str | None = None


@dataclass(frozen=True)
class Need:
    """Whether a clause needs one of its assumptions.

    Attributes
    ----------
    assumption
        Name of the assumption.
    witness
        An instance of the model that violates the assumption and on which the clause is false. None if no such instance
        was found, in which case it is open whether the assumption is needed.
    """

    assumption: str
    witness: str | None


@dataclass(frozen=True)
class Evidence:
    """One line of evidence for clauses of a claim, as in the report.

    Attributes
    ----------
    check
        Name of the check.
    clauses
        Names of the clauses that it is evidence for.
    level
        The kind of evidence; None if nothing was done.
    outcome, cases, figure, counterexample
        As in `Finding`; the outcome is void if the control was not rejected.
    seconds
        Wall-clock time, including the control.
    control
        The result on the false variant.
    on_model
        Whether the formula of the clause was evaluated on instances of the model.
    needs
        For each assumption of the clause, whether the clause is false without it.
    counts
        Whether it affects the standing of the clause. Evidence that covers only a part of the clause's range or law, or
        that was not run because a tool is missing, is shown but does not count.
    axioms
        The axioms of the theorem in the proof assistant; None if there is none.
    """

    check: str
    clauses: tuple[str, ...]
    level: Level | None
    outcome: Outcome
    cases: int
    figure: str | None
    counterexample: str | None
    seconds: float
    control: ControlResult
    on_model: bool = False
    needs: tuple[Need, ...] = ()
    counts: bool = True
    axioms: tuple[str, ...] | None = None
