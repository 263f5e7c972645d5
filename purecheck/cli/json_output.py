"""The JSON that says the same as a command prints: to a file, or to standard output."""

from pathlib import Path
from typing import Any

import click

from purecheck.files import as_json, write_whole

STANDARD_OUTPUT = Path("-")


class OutputFile(click.Path):
    """A file to write, in a folder that exists; `-` is standard output."""

    def __init__(self) -> None:
        super().__init__(dir_okay=False, writable=True, allow_dash=True, path_type=Path)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The path, after checking that its folder exists."""
        path: Any = super().convert(value, param, ctx)
        if path != STANDARD_OUTPUT and not path.parent.is_dir():
            self.fail(f"{str(path)!r} lies in no existing folder; expected a file in one, or - for standard output")
        return path


json_option = click.option(
    "--json", "json_file", type=OutputFile(), metavar="FILE", help="Write the same facts as JSON; - is standard output."
)


def write_json(path: Path, facts: Any) -> None:
    """Write `facts` to `path`, or to standard output for `-`."""
    if path == STANDARD_OUTPUT:
        click.echo(as_json(facts), nl=False)
    else:
        write_whole(path, as_json(facts))
