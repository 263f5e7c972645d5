"""The option that bounds what a command may take of the memory."""

import click

from purecheck.runtime.memory import parse_size


def _bytes(_ctx: click.Context, _param: click.Parameter, value: str | None) -> int | None:
    """The bytes that the option spells; a problem of usage if it is no size."""
    if value is None:
        return None
    try:
        return parse_size(value)
    except ValueError as problem:
        raise click.BadParameter(str(problem)) from problem


memory_option = click.option(
    "--memory",
    callback=_bytes,
    metavar="SIZE",
    help="Most memory of the whole command, or on a device of its arrays, such as 2GiB; half of what is free when left "
    "out. Replicas that do not fit together run in turn, with the same results.",
)
