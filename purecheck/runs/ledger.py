"""The ledger: every claim with its checks, validated once."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from purecheck.checks import CHECKS
from purecheck.methods.agrees import Agrees
from purecheck.methods.derived import derivation_of
from purecheck.verdicts.check import Check
from purecheck.verdicts.standing import dependency_graph
from theory.claims import Claim
from theory.ledger import CLAIMS


@dataclass(frozen=True)
class Ledger:
    """Claims by id, in the order of the ledger, and the checks of each.

    Attributes
    ----------
    claims
        Id to claim.
    checks
        Id to the checks of the claim, derivations first.
    """

    claims: Mapping[str, Claim]
    checks: Mapping[str, tuple[Check[Any], ...]]


def bind(claims: Iterable[Claim], checks: Iterable[Check[Any]]) -> Ledger:
    """The ledger of `claims` and `checks`, with a derivation check for every clause that has a derivation.

    Raises
    ------
    ValueError
        If ids or dependencies are wrong, a check names an unknown claim or clause, or a name occurs twice.
    """
    listed = list(claims)
    by_id = {claim.id: claim for claim in listed}
    checks = [check.of(by_id[check.claim]) if check.claim in by_id else check for check in checks]
    models = {(check.claim, *check.clauses): check for check in checks if isinstance(check, Agrees)}
    dependency_graph(listed)
    bound: dict[str, list[Check[Any]]] = {
        claim.id: [
            derivation_of(claim, clause, models.get((claim.id, clause.name)))
            for clause in claim.clauses
            if clause.derive is not None
        ]
        for claim in listed
    }
    for check in checks:
        if check.claim not in by_id:
            raise ValueError(f"check {check.name!r}: claim {check.claim!r} is not in the ledger")
        _validate(check, by_id[check.claim], bound[check.claim])
        bound[check.claim].append(check)
    return Ledger(by_id, {identifier: tuple(found) for identifier, found in bound.items()})


def _validate(check: Check[Any], claim: Claim, others: Iterable[Check[Any]]) -> None:
    names = {clause.name for clause in claim.clauses}
    unknown = set(check.clauses) - names
    if unknown or not check.clauses:
        raise ValueError(
            f"check {check.name!r} of {claim.id}: clauses {check.clauses}, expected some of {sorted(names)}"
        )
    if check.name in {other.name for other in others}:
        raise ValueError(f"check {check.name!r} of {claim.id}: the name occurs twice")


@cache
def ledger() -> Ledger:
    """The ledger of this suite; every call returns the same object."""
    return bind(CLAIMS, CHECKS)
