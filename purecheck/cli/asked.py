"""The claims that a command is asked about, and the exit status of what it found of them."""

import click

from purecheck.cli.problems import told_as_usage
from purecheck.context import Context
from purecheck.division import Division, divide
from purecheck.ledger import Ledger, ledger
from purecheck.runner import Run, needed_checks, selection


def choose(ctx: click.Context, ids: tuple[str, ...]) -> tuple[Ledger, tuple[str, ...]]:
    """The ledger and the ids asked for, all where none is; a problem of usage if one is not in the ledger."""
    chosen = ctx.find_object(Ledger) or ledger()
    with told_as_usage():
        return chosen, selection(chosen, ids)


def divided(ledger: Ledger, asked: tuple[str, ...], context: Context) -> Division:
    """Where the checks needed are carried out; a problem of usage if the memory given is too little for them."""
    with told_as_usage():
        return divide(ledger, needed_checks(ledger, asked), context)


def status(run: Run, *, by_name: bool) -> int:
    """The exit status of a run: claims that nothing was run for count against it where they were asked `by_name`."""
    return 0 if (run.is_as_claimed if by_name else run.is_as_claimed_where_run) else 1
