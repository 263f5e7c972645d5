"""The ledger: every claim with its checks, validated once."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from purecheck.checks import CHECKS
from purecheck.methods.agrees import Agrees
from purecheck.methods.derived import derivation_of
from purecheck.runtime.packages import PackageError, described, further, load
from purecheck.verdicts.check import Check
from purecheck.verdicts.standing import dependency_graph
from theory.claims import Claim
from theory.ledger import CLAIMS, GROUPS


@dataclass(frozen=True)
class Ledger:
    """Claims by id, in the order of the ledger, and the checks of each.

    Attributes
    ----------
    claims
        Id to claim.
    checks
        Id to the checks of the claim, derivations first.
    groups
        Id to the group of the claim; for a claim of another package the name of the package.
    """

    claims: Mapping[str, Claim]
    checks: Mapping[str, tuple[Check[Any], ...]]
    groups: Mapping[str, str] = field(default_factory=dict)


def bind(claims: Iterable[Claim], checks: Iterable[Check[Any]]) -> Ledger:
    """The ledger of `claims` and `checks`, with a derivation check for every clause that has a derivation.

    Raises
    ------
    ValueError
        If ids or dependencies are wrong, a check names an unknown claim or clause, or a name occurs twice.
    """
    listed = list(claims)
    dependency_graph(listed)
    by_id = {claim.id: claim for claim in listed}
    checks = [check.of(by_id[check.claim]) if check.claim in by_id else check for check in checks]
    models = {(check.claim, *check.clauses): check for check in checks if isinstance(check, Agrees)}
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


def with_further(claims: Iterable[Claim], checks: Iterable[Check[Any]]) -> Ledger:
    """The ledger of the suite and of further claims, which may depend on its claims; for tests of these claims.

    Raises
    ------
    ValueError
        As in `bind`.
    """
    return bind((*CLAIMS, *claims), (*CHECKS, *checks))


@cache
def ledger() -> Ledger:
    """The ledger of this suite and of the installed packages that add claims; every call returns the same object.

    Raises
    ------
    PackageError
        If the claims of an installed package cannot be used.
    """
    groups = {claim.id: name for name, group in GROUPS.items() for claim in group}
    claims, checks = list(CLAIMS), list(CHECKS)
    book = bind(claims, checks)
    for entry in further():
        module = load(entry)
        claims += module.CLAIMS
        checks += module.CHECKS
        groups |= {claim.id: entry.module.partition(".")[0] for claim in module.CLAIMS}
        try:
            book = bind(claims, checks)
        except (ValueError, KeyError) as problem:  # a KeyError if a check is of a clause that the claim lacks
            raise PackageError(f"{described(entry)}: {problem}") from problem
    return replace(book, groups=groups)
