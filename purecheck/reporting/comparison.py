"""What changed between an older report and this run: what is claimed, where it stands, and on what it was computed."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from pydantic import TypeAdapter, ValidationError

from purecheck.io.strict_json import parse_json, read_text
from purecheck.records.schemas import first_problem
from purecheck.reporting.json_report import SCHEMA
from purecheck.runs.runner import Run
from purecheck.runtime.environment import Environment


@dataclass(frozen=True)
class PastStanding:
    """Where a clause or a claim stood."""

    outcome: str
    level: str | None


@dataclass(frozen=True)
class PastClause:
    """A clause of the older report."""

    name: str
    standing: PastStanding


@dataclass(frozen=True)
class PastClaim:
    """A claim of the older report."""

    id: str
    clauses: tuple[PastClause, ...]


@dataclass(frozen=True)
class Past:
    """What is read of an older `report.json`: fields that are not compared are passed over."""

    schema: Literal["purecheck-report/2"]
    environment: Environment
    claims: tuple[PastClaim, ...]


@dataclass(frozen=True)
class Change:
    """Something that differs: its name, and what it was and is; `absent` where there was or is no such thing."""

    what: str
    was: str
    now: str

    def __str__(self) -> str:
        """One line."""
        return f"{self.what}: was {self.was}; now {self.now}"


ABSENT = "absent"
_COMPARED = ("python", "platform", "backend", "device", "seed", "profile")
"""What of the environment is compared beside the packages; time and duration always differ."""


def read_past(path: Path) -> Past:
    """The report in the JSON file at `path`.

    Raises
    ------
    ValueError
        If it is no report of this version: which field, what it was and what was expected.
    OSError
        If it cannot be read.
    """
    text = read_text(path)
    facts = parse_json(text)
    try:
        return TypeAdapter(Past).validate_json(text)
    except ValidationError as problem:
        raise ValueError(first_problem(problem, facts, SCHEMA)) from problem


def changes(past: Past, run: Run) -> tuple[Change, ...]:
    """Everything that differs, the clauses first; claims that this run did not check are left out."""
    before = {
        f"{claim.id}/{clause.name}": _words(clause.standing.outcome, clause.standing.level)
        for claim in past.claims
        if claim.id in run.results
        for clause in claim.clauses
    }
    after = {
        f"{identifier}/{name}": _words(standing.outcome, standing.level)
        for identifier, result in run.results.items()
        for name, standing in result.clauses.items()
    }
    return (*_differing(before, after), *_differing(_conditions(past.environment), _conditions(run.environment)))


def _words(outcome: str, level: str | None) -> str:
    return f"{outcome} ({level})" if level else str(outcome)


def _conditions(environment: Environment) -> dict[str, str]:
    facts = asdict(environment)
    return {name: str(facts[name]) for name in _COMPARED} | dict(environment.packages)


def _differing(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[Change]:
    for name in dict.fromkeys((*after, *before)):
        was, now = before.get(name, ABSENT), after.get(name, ABSENT)
        if was != now:
            yield Change(name, was, now)
