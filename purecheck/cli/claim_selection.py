"""The claims that a command is given, and the exit status of what it found."""

from pathlib import Path

import click

from purecheck.cli.options import recorded
from purecheck.cli.problems import as_usage_error
from purecheck.formal.found import found
from purecheck.formal.result import FormalResult
from purecheck.records.reading import Stored
from purecheck.runs.division import Division, divide
from purecheck.runs.ledger import Ledger, ledger
from purecheck.runs.runner import Run, needed_checks, reads_records, selection
from purecheck.runtime.context import Context


def choose(ctx: click.Context, ids: tuple[str, ...]) -> tuple[Ledger, tuple[str, ...]]:
    """The ledger and the requested ids (default: all); a usage error if an id is not in the ledger."""
    chosen = ctx.find_object(Ledger) or ledger()
    with as_usage_error():
        return chosen, selection(chosen, ids)


def records_for(ledger: Ledger, requested: tuple[str, ...], folder: Path | None) -> tuple[Stored, ...]:
    """The records in `folder`; read only if a requested claim or one of its dependencies is measured on records."""
    return recorded(folder) if reads_records(ledger, requested) else ()


def formal_result() -> FormalResult | str:
    """What Rocq accepted in the last `make formal`, or why that is not known; a broken file is a usage error."""
    with as_usage_error():
        return found()


def divided(ledger: Ledger, requested: tuple[str, ...], context: Context) -> Division:
    """The processes that run the checks; a usage error if they need more memory than the limit."""
    with as_usage_error():
        return divide(ledger, needed_checks(ledger, requested), context)


def status(run: Run, *, by_name: bool) -> int:
    """The exit status of a run; a claim that was not run counts as a failure only if it was requested `by_name`."""
    return 0 if (run.is_as_claimed if by_name else run.is_as_claimed_where_run) else 1
