"""Problems of usage, told in one line that says what was expected."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import click


def one_line(problem: click.ClickException) -> str:
    """What was wrong and what was expected, in one line."""
    told = " ".join(problem.format_message().split())
    if not isinstance(problem, click.UsageError) or re.search(r"\bexpected\b", told):
        return told
    return f"{told.rstrip('.')}; expected {_expected(problem)}"


def _expected(problem: click.UsageError) -> str:
    """The values that the parameter at fault can take, else the way in which the command is used."""
    match problem.param.type if isinstance(problem, click.BadParameter) and problem.param else None:
        case click.Choice(choices=choices):
            return f"one of {', '.join(choices)}"
        case click.IntRange(min=least):
            return f"an integer of at least {least}"
    if problem.ctx is None:
        return "it as 'purecheck COMMAND --help' shows it"
    return " ".join(problem.ctx.get_usage().removeprefix("Usage:").split())


@contextmanager
def told_as_usage() -> Iterator[None]:
    """Turns a ValueError of the validation done inside into a problem of usage.

    Wrap validation alone in it: a ValueError from anywhere else is an error of the program.
    """
    try:
        yield
    except ValueError as problem:
        raise click.UsageError(str(problem)) from problem
