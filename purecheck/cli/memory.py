"""The option `--memory`, an upper limit on what a command may allocate."""

import click

from purecheck.runtime.memory import parse_size


def _bytes(_ctx: click.Context, _param: click.Parameter, value: str | None) -> int | None:
    """The size in bytes; a usage error if the text is not a size."""
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
    help="Upper limit on memory for the whole command (on a GPU: for its arrays), e.g. 2GiB. Default: half of the free "
    "memory. Replicas that do not fit run in batches; results are identical.",
)
