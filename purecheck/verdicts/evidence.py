"""Outcomes, levels and evidence: what a check found, and how it found it."""

from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    """What a check came to. Undecided, void and not run are never a pass.

    No check comes to a contradiction: it is where a clause stands that one check proves and another refutes.
    """

    UPHELD = "upheld"
    REFUTED = "refuted"
    UNDECIDED = "undecided"
    VOID = "void"
    NOT_RUN = "not run"
    CONTRADICTION = "contradiction"


class Level(StrEnum):
    """What a check did, strongest first."""

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
    """What one examination of one statement found.

    Attributes
    ----------
    outcome
        Upheld, refuted, undecided or not run.
    level
        What was done; None where nothing was.
    cases
        How many cases were decided.
    figure
        Figure of merit: how close the check came to failing, with its definition; None if there is none.
    counterexample
        The smallest counterexample found, where refuted; else the reason, where undecided or not run.
    share
        Largest share of its error bound that a comparison used, where comparisons have bounds.
    where
        The instance on which the statement is false, where that is known apart.
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
    """What the check made of its false variant.

    Attributes
    ----------
    mutation
        What was changed.
    rejected
        Whether the check rejected it; None where there was nothing to examine it on.
    found
        Where the variant was seen to be false.
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
        Its name.
    witness
        An instance of the model without it on which the clause is false; None where no such instance was found, so
        that it is open whether the assumption is needed.
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
        Names of the clauses that it speaks for.
    level
        What was done; None where nothing was.
    seconds
        Wall time, control included.
    on_model
        Whether the formula of the clause was evaluated on instances of the model.
    needs
        What became of the clause when each of its assumptions was dropped.
    counts
        Whether it has a say in where the clause stands: what covers a part of the clause's range or law, and what was
        not run because a tool is missing, is shown and has none.
    axioms
        What a proof assistant's proof rests on; None where there is none.
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
