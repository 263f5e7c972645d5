"""The runner of the checks of some claims, and of all claims on which they depend."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

from purecheck.methods.holds import HoldsMeasured
from purecheck.runs.division import Division, divide
from purecheck.runs.ledger import Ledger
from purecheck.runs.training_process import Name, training
from purecheck.runtime.choices import unknown
from purecheck.runtime.context import Context
from purecheck.runtime.environment import Environment, describe, now
from purecheck.runtime.progress import Progress
from purecheck.verdicts.check import Check
from purecheck.verdicts.evidence import Evidence, Outcome
from purecheck.verdicts.standing import Standing, claims_below, clause_standings, is_as_claimed, reading, weakest
from theory.claims import Claim

Arrived = Callable[[str, Evidence], None]
"""`arrived(claim, evidence)` is called when a check of the claim with this id is finished."""


@dataclass(frozen=True)
class Result:
    """The result for one claim.

    Attributes
    ----------
    claim
        The claim.
    evidence
        The evidence of its checks, in order.
    clauses
        Standing of each clause, by its name.
    """

    claim: Claim
    evidence: tuple[Evidence, ...]
    clauses: Mapping[str, Standing]

    @property
    def standing(self) -> Standing:
        """The standing of the claim: that of its weakest clause."""
        return weakest(self.claim, self.clauses)

    @property
    def reading(self) -> str:
        """The outcome for readers: `answer: no` if the weakest clause is an open question with that answer."""
        standing = self.standing
        if standing.outcome is not Outcome.REFUTED or standing.limited_by is None:
            return standing.outcome
        return reading(self.claim.clause(standing.limited_by), standing)

    @property
    def is_as_claimed(self) -> bool:
        """Whether every theorem among the clauses is upheld and every open question answered."""
        return all(is_as_claimed(clause, self.clauses[clause.name]) for clause in self.claim.clauses)


@dataclass(frozen=True)
class Run:
    """The results of a run.

    Attributes
    ----------
    requested
        Ids of the requested claims.
    results
        Results by id, for these claims and all claims on which they depend, in the order of the ledger.
    environment
        The environment of the computation.
    """

    requested: tuple[str, ...]
    results: Mapping[str, Result]
    environment: Environment

    @property
    def is_as_claimed(self) -> bool:
        """Whether every requested claim is as claimed."""
        return all(self.results[identifier].is_as_claimed for identifier in self.requested)

    @property
    def is_as_claimed_where_run(self) -> bool:
        """Whether every requested claim that was run is as claimed."""
        requested = [self.results[identifier] for identifier in self.requested]
        return all(result.is_as_claimed for result in requested if result.standing.outcome is not Outcome.NOT_RUN)


def selection(ledger: Ledger, ids: Iterable[str]) -> tuple[str, ...]:
    """The requested ids, without repetition and in the order of the ledger; all ids if none is given.

    Raises
    ------
    ValueError
        If an id is not in the ledger.
    """
    requested = set(ids)
    for identifier in sorted(requested - set(ledger.claims)):
        raise ValueError(unknown("CLAIM", identifier, ledger.claims))
    return tuple(identifier for identifier in ledger.claims if identifier in requested or not requested)


def needed_claims(ledger: Ledger, requested: Iterable[str]) -> tuple[Claim, ...]:
    """The claims `requested` and all claims on which they depend, in the order of the ledger."""
    needed, coming = set[str](), list(requested)
    while coming:
        identifier = coming.pop()
        if identifier not in needed:
            needed.add(identifier)
            coming.extend(claims_below(ledger.claims[identifier]))
    return tuple(claim for claim in ledger.claims.values() if claim.id in needed)


def needed_checks(ledger: Ledger, requested: Iterable[str]) -> tuple[Check[Any], ...]:
    """The checks of the claims `requested` and of all claims on which they depend."""
    return tuple(check for claim in needed_claims(ledger, requested) for check in ledger.checks[claim.id])


def reads_records(ledger: Ledger, requested: Iterable[str]) -> bool:
    """Whether a requested claim, or one on which it depends, is measured on records or has no check at all."""
    bound = [ledger.checks[claim.id] for claim in needed_claims(ledger, requested)]
    return any(not checks or any(isinstance(one, HoldsMeasured) for one in checks) for checks in bound)


def run_checks(
    ledger: Ledger,
    requested: tuple[str, ...],
    context: Context,
    progress: Progress = lambda _done, _total, _what: None,
    division: Division | None = None,
    arrived: Arrived = lambda _claim, _evidence: None,
) -> Run:
    """The results of the checks of the claims `requested` and of all claims on which they depend.

    Parameters
    ----------
    ledger
        Claims with their checks.
    requested
        Ids, as `selection` gives them.
    context
        Backend, random streams and effort.
    progress
        Called before each check with the number of finished checks, their total, and the name of the next check.
    division
        From `divide` for the needed checks; computed here if None.
    arrived
        Called with the id of the claim and the evidence of each check, as soon as it is there.

    Raises
    ------
    ValueError
        If the memory of the context is too little, and no division was given.
    """
    started = now()
    claims, checks = needed_claims(ledger, requested), needed_checks(ledger, requested)
    found = _evidence(checks, division or divide(ledger, checks, context), context, progress, arrived)
    evidence = {claim.id: tuple(found[claim.id, check.name] for check in ledger.checks[claim.id]) for claim in claims}
    standings = clause_standings(list(ledger.claims.values()), evidence)
    results = {
        claim.id: Result(
            claim, evidence[claim.id], {clause.name: standings[claim.id, clause.name] for clause in claim.clauses}
        )
        for claim in claims
    }
    environment = describe(context.backend, context.streams.seed, context.profile.name, started)
    return Run(requested, results, environment)


def _evidence(
    checks: Sequence[Check[Any]], division: Division, context: Context, progress: Progress, arrived: Arrived
) -> dict[Name, Evidence]:
    """The evidence of every check; checks that train run in the second process, or after the others."""
    here = sorted((check for check in checks if check not in division.beside), key=lambda one: one.trains)
    found: dict[Name, Evidence] = {}

    def keep(name: Name, evidence: Evidence) -> None:
        found[name] = evidence
        arrived(name[0], evidence)

    with ExitStack() as stack:
        beside = stack.enter_context(training(division.beside, context, division.memory)) if division.beside else None
        for check in here:
            progress(len(found), len(checks), f"{check.claim}: {check.name}")
            keep((check.claim, check.name), check.run(context))
            for name, line in beside.arrived() if beside is not None else ():
                keep(name, line)
        if beside is not None:
            progress(len(found), len(checks), "training")
            for name, line in beside.rest():
                keep(name, line)
                progress(len(found), len(checks), f"{name[0]}: {name[1]}")
            context.keep(beside.kept())
    progress(len(checks), len(checks), "done")
    return found
