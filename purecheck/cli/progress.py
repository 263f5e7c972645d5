"""Progress of a long computation: a bar on a terminal, nothing in a pipe."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bar

from purecheck.cli.output import console, obeys_codes, printable
from purecheck.runtime.progress import Progress


@contextmanager
def shown() -> Iterator[Progress]:
    """A callback for `run_checks` that draws on standard error where that is a terminal that can be drawn on."""
    if not sys.stderr.isatty() or not obeys_codes():
        yield lambda _done, _total, _what: None
        return
    columns = (BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TextColumn("{task.description}", markup=False))
    # What is printed meanwhile is drawn above the bar, unless it goes elsewhere than to the terminal.
    drawn = Bar(*columns, console=console(sys.stderr), transient=True, redirect_stdout=sys.stdout.isatty())
    with drawn as bar:
        task = bar.add_task("")
        yield lambda done, total, what: bar.update(task, completed=done, total=total, description=printable(what))
