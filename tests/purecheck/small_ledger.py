"""A ledger of a few quick claims, so that a test need not run the whole suite."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from numerics.backend import select_backend
from numerics.streams import Streams
from purecheck.methods.enumerated import Enumerated
from purecheck.runs.ledger import Ledger, bind
from purecheck.runtime.context import PROFILES, Context
from purecheck.verdicts.check import Control
from purecheck.verdicts.comparison import Comparison
from purecheck.verdicts.evidence import Finding, Level
from theory.claims import Claim, ClaimKind, Clause, ClauseKind


def context(seed: int = 0) -> Context:
    """A quick run on NumPy."""
    return Context(select_backend("numpy"), Streams(seed), PROFILES["quick"])


def claim(
    identifier: str,
    *depends_on: str,
    kind: ClaimKind = "paper",
    clauses: Iterable[str] = ("sum",),
    of: ClauseKind = "theorem",
    each: Mapping[str, tuple[str, ...]] | None = None,
) -> Claim:
    """A claim in words alone: clauses of one kind, each with dependencies of its own where `each` gives them."""
    needed = each or {}
    return Claim(
        id=identifier,
        title=f"Sums, as {identifier} says",
        clauses=tuple(
            Clause(
                name,
                f"The {name} of $1 < 2$ & more is $\\frac{{1}}{{2}}$.",
                kind=of,
                depends_on=needed.get(name, ()),
            )
            for name in clauses
        ),
        setting=("$n \\ge 1$",),
        source="section 1",
        kind=kind,
        depends_on=depends_on,
    )


def sums_to(statement: int) -> Iterable[Comparison]:
    """Whether 1 + ... + n makes `statement` times n (n + 1)."""
    for n in (1, 2, 3):
        yield Comparison(2 * sum(range(n + 1)), "==", statement * n * (n + 1), f"n = {n}")


def check(
    identifier: str, *, says: int = 1, control: int = 2, declared: int = 3, clause: str = "sum"
) -> Enumerated[int]:
    """A check that is upheld as it stands, and refuted, void or undecided with other values."""
    return Enumerated(
        claim=identifier,
        clauses=(clause,),
        name=f"count the {clause}",
        statement=says,
        control=Control("a wrong factor", control),
        cases=sums_to,
        declared=declared,
    )


class _Proved(Enumerated[int]):
    """A count that passes for a proof."""

    def examine(self, statement: int, context: Context) -> Finding:
        """What the count finds, as if it were proved."""
        return replace(super().examine(statement, context), level=Level.PROVED)


def proved(identifier: str) -> Enumerated[int]:
    """A check that is upheld at the highest level."""
    return _Proved(**vars(check(identifier)))


def small() -> Ledger:
    """T3 rests on T2, and T2 on T1; Q1 is an open question that comes out as no."""
    claims = [claim("T1"), claim("T2", "T1"), claim("T3", "T2"), claim("Q1", kind="open question", of="open question")]
    return bind(claims, [check("T1"), check("T2"), check("T3"), check("Q1", says=2, control=3)])
