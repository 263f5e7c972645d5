"""The claims that a command is asked about, and the exit status of what it found of them."""

from pathlib import Path

import click

from purecheck.cli.options import recorded
from purecheck.cli.problems import told_as_usage
from purecheck.context import Context
from purecheck.division import Division, divide
from purecheck.formal.found import found
from purecheck.formal.result import FormalResult
from purecheck.ledger import Ledger, ledger
from purecheck.methods.holds import HoldsMeasured
from purecheck.records.reading import Stored
from purecheck.runner import Run, needed_checks, needed_claims, selection


def choose(ctx: click.Context, ids: tuple[str, ...]) -> tuple[Ledger, tuple[str, ...]]:
    """The ledger and the ids asked for, all where none is; a problem of usage if one is not in the ledger."""
    chosen = ctx.find_object(Ledger) or ledger()
    with told_as_usage():
        return chosen, selection(chosen, ids)


def records_for(ledger: Ledger, asked: tuple[str, ...], folder: Path | None) -> tuple[Stored, ...]:
    """The records in `folder`, read where a claim is measured on them, or has no check that would say otherwise."""
    checks = [ledger.checks[claim.id] for claim in needed_claims(ledger, asked)]
    measured = any(not bound or any(isinstance(check, HoldsMeasured) for check in bound) for bound in checks)
    return recorded(folder) if measured else ()


def formal_result() -> FormalResult | str:
    """What Rocq accepted in the last `make formal`, or why that is not known; a broken file is a problem of usage."""
    with told_as_usage():
        return found()


def divided(ledger: Ledger, asked: tuple[str, ...], context: Context) -> Division:
    """Where the checks needed are carried out; a problem of usage if the memory given is too little for them."""
    with told_as_usage():
        return divide(ledger, needed_checks(ledger, asked), context)


def status(run: Run, *, by_name: bool) -> int:
    """The exit status of a run: claims that nothing was run for count against it where they were asked `by_name`."""
    return 0 if (run.is_as_claimed if by_name else run.is_as_claimed_where_run) else 1
