"""Mutation testing of the suite: false variants of every clause, which the checks of that clause must reject.

Run it as `python -m purecheck.runs.plants [CLAIM ...] [--seconds S]`. A variant is consistent, like an author's
mistake: everything that is computed from the clause is computed from the variant. A variant that no check rejects is
one of these:

* *equal*: the variant says the same as the clause on its whole range, as exact algebra shows;
* *open*: an assumption was dropped, and no instance without it violates the clause; the report says so;
* *failure*: the checks of this clause would not notice the mistake.
"""

import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import click
from sympy.core.relational import Relational

from numerics.backend import select_backend
from numerics.streams import Streams
from purecheck.methods.agrees import Agrees
from purecheck.runs.ledger import Ledger, ledger
from purecheck.runtime.context import PROFILES, Context
from purecheck.verdicts.evidence import Outcome
from theory.algebra import reduces_to_zero
from theory.claims import Clause
from theory.variants import Variant, variants

Fate = Literal["rejected", "equal", "open", "failure"]


@dataclass(frozen=True)
class Plant:
    """The fate of one false variant.

    Attributes
    ----------
    claim, clause
        The clause that was changed.
    variant
        The change.
    fate
        `rejected`, or one of the three fates in the description of this module.
    found
        The instance on which the variant is false, or why none was found.
    """

    claim: str
    clause: str
    variant: Variant
    fate: Fate
    found: str


def planted(checks: Iterable[Agrees], context: Context, until: float = float("inf")) -> Iterator[Plant]:
    """The fate of each variant of the clauses of `checks`; stops at the time `until` of `time.monotonic`."""
    for check in checks:
        for variant in variants(check.statement):
            if time.monotonic() > until:
                return
            yield _plant(check, variant, context)


def _plant(check: Agrees, variant: Variant, context: Context) -> Plant:
    changed = check.statement.varied(variant.miss)
    finding = check.examine(changed, context)
    fate: Fate = "failure"
    if finding.outcome is Outcome.REFUTED:
        fate = "rejected"
    elif variant.kind == "assumption":
        fate = "open"
    elif _equal(check.statement, changed):
        fate = "equal"
    return Plant(check.claim, check.statement.name, variant, fate, finding.counterexample or "it holds on every scene")


def _equal(clause: Clause, changed: Clause) -> bool:
    """Whether both formulas are equivalent, relation by relation, on the same ranges."""
    pairs = list(zip(clause.conjuncts, changed.conjuncts, strict=False))
    return clause.over == changed.over and all(
        one == other
        or (
            isinstance(one, Relational)
            and isinstance(other, Relational)
            and one.rel_op == other.rel_op
            and reduces_to_zero((one.lhs - one.rhs) - (other.lhs - other.rhs))
        )
        for one, other in pairs
    )


def model_checks(bound: Ledger, claims: Sequence[str] = ()) -> list[Agrees]:
    """The checks that compare clauses with the model, for the given claims or for all.

    Raises
    ------
    ValueError
        If a claim is not in the ledger.
    """
    for identifier in claims:
        if identifier not in bound.claims:
            raise ValueError(f"CLAIM was {identifier!r}; expected some of {', '.join(bound.claims)}")
    return [
        check
        for identifier, checks in bound.checks.items()
        if not claims or identifier in claims
        for check in checks
        if isinstance(check, Agrees)
    ]


@click.command()
@click.argument("claims", nargs=-1)
@click.option("--seed", default=0, show_default=True, help="Root seed of the instances.")
@click.option("--seconds", type=float, default=None, help="Stop planting after this time.")
@click.option("--all", "everything", is_flag=True, help="List rejected variants too.")
def main(claims: tuple[str, ...], seed: int, seconds: float | None, everything: bool) -> None:
    """Plant false variants in the clauses of CLAIMS, or of all claims, and list those that no check rejects."""
    context = Context(select_backend("numpy"), Streams(seed), PROFILES["quick"])
    until = float("inf") if seconds is None else time.monotonic() + seconds
    fates: Counter[str] = Counter()
    try:
        checks = model_checks(ledger(), claims)
    except ValueError as problem:
        raise click.UsageError(str(problem)) from None
    for plant in planted(checks, context, until):
        fates[plant.fate] += 1
        if everything or plant.fate != "rejected":
            where = f"{plant.claim} {plant.clause}"
            click.echo(f"{plant.fate:8}  {where}: {plant.variant.miss.description} ({plant.found})")
    click.echo(", ".join(f"{count} {fate}" for fate, count in sorted(fates.items())) or "nothing was planted")
    sys.exit(1 if fates["failure"] else 0)


if __name__ == "__main__":
    main()
