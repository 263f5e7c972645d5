"""The result of one run of `make formal`, as a file that later runs read if it belongs to the same sources."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from purecheck.io.files import as_json, write_whole
from purecheck.io.strict_json import read_json

SCHEMA = "purecheck-formal/1"
DEFAULT = Path("build/formal/formal.json")
NOT_RUN = "Rocq was not run; `make formal` runs it"


@dataclass(frozen=True)
class Theorem:
    """The result for one theorem.

    Attributes
    ----------
    claim, clause
        The clause that it states.
    name
        Name of the statement.
    law
        "full" or "finite laws".
    of_clause
        Whether it states the clause itself, rather than a case of it or that a near miss fails.
    accepted
        Whether there are no problems.
    problems
        The reasons why it does not count, one sentence each.
    statement
        The statement in Rocq's syntax, line by line, with the sides that come from the clause.
    says
        The statement in plain words.
    assumptions
        Hypotheses that correspond to assumptions of the clause, with their descriptions.
    axioms
        The axioms that the proof uses.
    computed
        Definitions in it that were computed over the rationals and agreed with the evaluators of the model.
    mutation, rejected
        The control: a description of the change, and whether the kernel refused the same proof for it.
    """

    claim: str
    clause: str
    name: str
    law: str
    of_clause: bool
    accepted: bool
    problems: tuple[str, ...]
    statement: tuple[str, ...]
    says: str
    assumptions: tuple[tuple[str, str], ...]
    axioms: tuple[str, ...]
    computed: tuple[str, ...]
    mutation: str
    rejected: bool | None

    @property
    def counts(self) -> bool:
        """Whether it raises the standing of its clause."""
        return self.accepted and self.of_clause and self.law == "full"


@dataclass(frozen=True)
class Links:
    """The result for the links of exact algebra.

    Attributes
    ----------
    total
        Number of algebra links of all derivations.
    rational
        The number of these that are rational in named atoms.
    confirmed
        The number of rational links that Rocq proved.
    lemmas
        The text of every lemma that was proved, with which a report compares its own links.
    open
        Descriptions of the rational links that were not proved.
    other
        The number of links that need a further law, by that law.
    """

    total: int = 0
    rational: int = 0
    confirmed: int = 0
    lemmas: tuple[str, ...] = ()
    open: tuple[str, ...] = ()
    other: Mapping[str, int] = field(default_factory=dict)

    @property
    def share(self) -> float:
        """The share of the rational links that were proved; 0 if there is none."""
        return self.confirmed / self.rational if self.rational else 0.0


@dataclass(frozen=True)
class FormalResult:
    """The result of one run of `make formal`.

    Attributes
    ----------
    digest
        Hash of the Rocq sources, of what was generated, and of the axioms that are allowed.
    rocq
        Version of Rocq.
    seconds
        Wall-clock time of the compilation, and of everything.
    problems
        Problems of the sources as a whole; if there are any, no theorem counts.
    theorems, links
        The results for theorems and for links.
    """

    digest: str
    rocq: str
    seconds: Mapping[str, float]
    problems: tuple[str, ...]
    theorems: tuple[Theorem, ...]
    links: Links

    @property
    def is_accepted(self) -> bool:
        """Whether every theorem was accepted and the sources have no problem."""
        return not self.problems and all(theorem.accepted for theorem in self.theorems)

    def of(self, claim: str, clause: str) -> tuple[Theorem, ...]:
        """The theorems on a clause."""
        return tuple(theorem for theorem in self.theorems if (theorem.claim, theorem.clause) == (claim, clause))


def write_result(result: FormalResult, path: Path) -> None:
    """Write a result as JSON.

    Raises
    ------
    OSError
        If the file cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, as_json({"schema": SCHEMA, **asdict(result)}))


def read_result(path: Path) -> FormalResult:
    """The result in a file.

    Raises
    ------
    ValueError
        If the file contains something else.
    OSError
        If it cannot be read.
    """
    facts = read_json(path)
    try:
        if facts.pop("schema") != SCHEMA:
            raise ValueError(f"{path} is no result of `make formal`; expected the schema {SCHEMA!r}")
        theorems = tuple(_theorem(one) for one in facts.pop("theorems"))
        links = Links(**{**facts.pop("links")})
        return FormalResult(**{**facts, "problems": tuple(facts["problems"])}, theorems=theorems, links=_frozen(links))
    except (KeyError, TypeError, AttributeError) as problem:
        raise ValueError(f"{path} is no result of `make formal`: {problem}") from problem


def _theorem(facts: Mapping[str, Any]) -> Theorem:
    pairs = tuple((str(a), str(b)) for a, b in facts["assumptions"])
    lists = {name: tuple(facts[name]) for name in ("problems", "statement", "axioms", "computed")}
    return Theorem(**{**facts, **lists, "assumptions": pairs})


def _frozen(links: Links) -> Links:
    return Links(
        links.total, links.rational, links.confirmed, tuple(links.lemmas), tuple(links.open), dict(links.other)
    )
