"""Runs the checks of some claims and of all that they depend on."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import networkx as nx

from purecheck.context import Context
from purecheck.environment import Environment, describe, now
from purecheck.evidence import Evidence, Outcome
from purecheck.ledger import Ledger
from purecheck.standing import Standing, dependency_graph, standings
from theory.claims import Claim

Progress = Callable[[int, int, str], None]
"""`progress(done, total, what)` is called before each check, and once at the end."""


@dataclass(frozen=True)
class Result:
    """What a run found about one claim."""

    claim: Claim
    evidence: tuple[Evidence, ...]
    standing: Standing

    @property
    def is_as_claimed(self) -> bool:
        """Whether the claim is upheld; an open question or conjecture may come out either way."""
        if self.claim.kind in ("open question", "conjecture"):
            return self.standing.outcome in (Outcome.UPHELD, Outcome.REFUTED)
        return self.standing.outcome is Outcome.UPHELD


@dataclass(frozen=True)
class Run:
    """What a run found.

    Attributes
    ----------
    asked
        Ids of the claims that were asked for.
    results
        Id to result, for these claims and all that they depend on, in the order of the ledger.
    environment
        What it was computed with.
    """

    asked: tuple[str, ...]
    results: Mapping[str, Result]
    environment: Environment

    @property
    def is_as_claimed(self) -> bool:
        """Whether every claim that was asked for is as claimed."""
        return all(self.results[identifier].is_as_claimed for identifier in self.asked)


def selection(ledger: Ledger, ids: Iterable[str]) -> tuple[str, ...]:
    """The ids asked for, without repetition and in the order of the ledger; all of them where none is given.

    Raises
    ------
    ValueError
        If an id is not in the ledger.
    """
    asked = set(ids)
    for identifier in sorted(asked - set(ledger.claims)):
        raise ValueError(f"CLAIM was {identifier!r}; expected some of {', '.join(ledger.claims)}")
    return tuple(identifier for identifier in ledger.claims if identifier in asked or not asked)


def run_checks(
    ledger: Ledger, asked: tuple[str, ...], context: Context, progress: Progress = lambda _done, _total, _what: None
) -> Run:
    """What all checks of the claims `asked`, and of the claims that these depend on, find.

    Parameters
    ----------
    ledger
        Claims with their checks.
    asked
        Ids, as `selection` gives them.
    context
        Backend, random streams and effort.
    progress
        Told before each check how many are done, how many there are, and which comes next.
    """
    started = now()
    claims = list(ledger.claims.values())
    graph = dependency_graph(claims)
    needed = set(asked).union(*(nx.descendants(graph, identifier) for identifier in asked))
    checks = [(claim.id, check) for claim in claims if claim.id in needed for check in ledger.checks[claim.id]]
    evidence: dict[str, list[Evidence]] = {claim.id: [] for claim in claims if claim.id in needed}
    for done, (identifier, check) in enumerate(checks):
        progress(done, len(checks), f"{identifier}: {check.name}")
        evidence[identifier].append(check.run(context))
    progress(len(checks), len(checks), "done")
    standing = standings(claims, evidence)
    results = {
        identifier: Result(ledger.claims[identifier], tuple(found), standing[identifier])
        for identifier, found in evidence.items()
    }
    return Run(asked, results, describe(context, started))
