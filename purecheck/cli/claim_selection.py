"""The claims that a command is given, and the exit status of what it found."""

from pathlib import Path

import click

from numerics.streams import Streams
from purecheck.cli.options import selected_backend
from purecheck.cli.problems import as_usage_error
from purecheck.formal.found import found
from purecheck.formal.result import NOT_RUN, FormalResult
from purecheck.records.reading import Stored, load_records
from purecheck.records.shipped import shipped_records
from purecheck.runs.division import Division, divide
from purecheck.runs.ledger import Ledger, ledger
from purecheck.runs.runner import Run, needed_checks, reads_records, selection
from purecheck.runtime.context import PROFILES, Context


def choose(ctx: click.Context, ids: tuple[str, ...]) -> tuple[Ledger, tuple[str, ...]]:
    """The ledger and the requested ids (default: all); a usage error if an id is not in the ledger."""
    chosen = ctx.find_object(Ledger) or ledger()
    with as_usage_error():
        return chosen, selection(chosen, ids)


def records_for(ledger: Ledger, requested: tuple[str, ...], folder: Path | None) -> tuple[Stored, ...]:
    """The records in `folder`, or those that come with purecheck if it is None.

    They are read only if a requested claim or one of its dependencies is measured on records. A broken file is a usage
    error.
    """
    place = shipped_records() if folder is None else folder
    if not reads_records(ledger, requested) or not place.is_dir():
        return ()
    try:
        with as_usage_error():
            return tuple(load_records(place))
    except OSError as problem:
        raise click.UsageError(f"--records was {str(place)!r}; expected files to read: {problem}") from problem


def make_context(
    profile: str,
    backend: str,
    seed: int,
    records: tuple[Stored, ...],
    memory: int | None,
    formal: FormalResult | str = NOT_RUN,
) -> Context:
    """The context of a run; a usage error if the backend cannot run here."""
    return Context(selected_backend(backend), Streams(seed), PROFILES[profile], records, memory, formal)


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
