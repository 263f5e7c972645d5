"""Messages of failing commands: one line each, which says what was expected."""

import errno
import re
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import NamedTemporaryFile

import click

_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def one_line(problem: click.ClickException) -> str:
    """One line that says what was wrong and what was expected."""
    line = " ".join(problem.format_message().split())
    if isinstance(problem, click.NoSuchOption):  # click words it differently from version to version
        line = f"No such option {problem.option_name!r}"
    if not isinstance(problem, click.UsageError) or re.search(r"\bexpected\b", line):
        return line
    return f"{line.rstrip('.')}; expected {_expected(problem)}"


def of_the_system(problem: OSError | MemoryError) -> str:
    """One line that says what the system refused."""
    if isinstance(problem, MemoryError):
        return f"memory: not enough ({problem or 'an allocation failed'}); expected more memory, or a smaller --memory"
    place = f"{problem.filename}: " if problem.filename is not None else ""
    if problem.errno in _NO_ROOM:
        return f"{place}no space left on the disk; expected enough space for the output: no file is half-written"
    return f"{place}{problem.strerror or problem}"


def of_the_suite(problem: Exception) -> str:
    """One line about a bug in purecheck; the traceback goes into a file that the line names."""
    line = f"a bug in purecheck, {type(problem).__name__}: {str(problem)[:200]}"
    try:
        with NamedTemporaryFile(
            "w", prefix="purecheck-fault-", suffix=".txt", encoding="utf-8", errors="backslashreplace", delete=False
        ) as file:
            traceback.print_exception(problem, file=file)
    except OSError as nowhere:
        return f"{line}; its traceback could not be saved: {nowhere.strerror}"
    return f"{line}; please report it with the command and {file.name}"


def _expected(problem: click.UsageError) -> str:
    """The values that the wrong parameter can take, or else the usage of the command."""
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
    """Turn a ValueError of the validation inside into a usage error.

    Wrap only validation in it: a ValueError from elsewhere is a bug.
    """
    try:
        yield
    except ValueError as problem:
        raise click.UsageError(str(problem)) from problem
