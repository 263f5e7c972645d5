"""What the claims state, and the quantities that can be evaluated, without importing either."""

from collections.abc import Collection
from typing import Any

import click
from click.shell_completion import CompletionItem

from purecheck.runtime.choices import unknown
from purecheck.runtime.compiled import compiled


def stated(ctx: click.Context) -> list[dict[str, Any]]:
    """The facts of each claim, in the order of the ledger: those of the ledger of the context, if it has one."""
    facts: list[dict[str, Any]] = compiled("ledger", _of_the_suite) if ctx.obj is None else _facts(ctx.obj)
    return facts


def expect_claims(ctx: click.Context, ids: Collection[str]) -> None:
    """A usage error if one of the `ids` is no claim, without importing the ledger."""
    if ids:
        known = [claim["id"] for claim in stated(ctx)]
        for identifier in sorted(set(ids) - set(known)):
            raise click.UsageError(unknown("CLAIM", identifier, known))


def complete_claims(ctx: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The ids that continue `incomplete`, with their titles; the case of letters does not matter."""
    return [
        CompletionItem(claim["id"], help=claim["title"])
        for claim in stated(ctx)
        if claim["id"].lower().startswith(incomplete.lower())
    ]


def complete_clauses(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The ids, and `ID/CLAUSE` for their clauses, that continue `incomplete`."""
    clauses = [
        CompletionItem(f"{claim['id']}/{clause['name']}")
        for claim in stated(ctx)
        for clause in claim["clauses"]
        if "/" in incomplete and f"{claim['id']}/{clause['name']}".startswith(incomplete)
    ]
    return complete_claims(ctx, parameter, incomplete) + clauses


def quantities() -> list[dict[str, str]]:
    """The quantities that can be evaluated: name, usage, words and description of each."""
    facts: list[dict[str, str]] = compiled("quantities", _closed_forms)
    return facts


def _closed_forms() -> list[dict[str, str]]:
    from purecheck.closed_forms import QUANTITIES

    return [
        {
            "name": form.name,
            "usage": f"{form.name} {' '.join(form.arguments)}",
            "words": form.words,
            "description": f"{form.words} ({form.claim}); " + ", ".join(f"{k}: {v}" for k, v in form.domain.items()),
        }
        for form in QUANTITIES.values()
    ]


def _of_the_suite() -> list[dict[str, Any]]:
    from purecheck.runs.ledger import ledger

    return _facts(ledger())


def _facts(ledger: Any) -> list[dict[str, Any]]:
    from purecheck.reporting.json_report import ledger_to_dict

    return ledger_to_dict(ledger)
