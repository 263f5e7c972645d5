"""Every way in which a command fails: the line that says what was expected, and the status it ends with."""

import errno
import re
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import NamedTemporaryFile

import click

_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def one_line(problem: click.ClickException) -> str:
    """What was wrong and what was expected, in one line."""
    line = " ".join(problem.format_message().split())
    if not isinstance(problem, click.UsageError) or re.search(r"\bexpected\b", line):
        return line
    return f"{line.rstrip('.')}; expected {_expected(problem)}"


def of_the_system(problem: OSError | MemoryError) -> str:
    """What the system refused, in one line."""
    if isinstance(problem, MemoryError):
        return f"memory: not enough ({problem or 'an allocation failed'}); expected more of it, or a smaller --memory"
    place = f"{problem.filename}: " if problem.filename is not None else ""
    if problem.errno in _NO_ROOM:
        return f"{place}no space left on the disk; expected room for what is written: nothing is half-written"
    return f"{place}{problem.strerror or problem}"


def of_the_suite(problem: Exception) -> str:
    """What to do about a fault of the suite itself, in one line; the traceback goes into a file that the line names."""
    line = f"a fault of purecheck itself, {type(problem).__name__}: {str(problem)[:200]}"
    try:
        with NamedTemporaryFile(
            "w", prefix="purecheck-fault-", suffix=".txt", encoding="utf-8", errors="backslashreplace", delete=False
        ) as file:
            traceback.print_exception(problem, file=file)
    except OSError as nowhere:
        return f"{line}; its traceback could not be kept: {nowhere.strerror}"
    return f"{line}; please report it with the command and {file.name}"


def _expected(problem: click.UsageError) -> str:
    """The values that the parameter at fault can take, else the way in which the command is used."""
    match problem.param.type if isinstance(problem, click.BadParameter) and problem.param else None:
        case click.Choice(choices=choices):
            return f"one of {', '.join(choices)}"
        case click.IntRange(min=None):
            return "an integer"
        case click.IntRange(min=least):
            return f"an integer of at least {least}"
    if problem.ctx is None:
        return "it as 'purecheck COMMAND --help' shows it"
    return " ".join(problem.ctx.get_usage().removeprefix("Usage:").split())


@contextmanager
def as_usage_error() -> Iterator[None]:
    """Turns a ValueError of the validation done inside into a problem of usage.

    Wrap validation alone in it: a ValueError from anywhere else is an error of the program.
    """
    try:
        yield
    except ValueError as problem:
        raise click.UsageError(str(problem)) from problem
