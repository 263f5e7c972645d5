"""The option `--json`: what a command prints, as JSON in a file or on standard output."""

from pathlib import Path
from typing import Any

import click

from purecheck.cli.paths import STANDARD_OUTPUT, OutputFile
from purecheck.io.files import as_json, write_whole

__all__ = ["STANDARD_OUTPUT", "json_option", "write_json", "write_text"]

json_option = click.option(
    "--json",
    "json_file",
    type=OutputFile(dash=True),
    metavar="FILE",
    help="Write the results as JSON to FILE; - is standard output.",
)


def write_json(path: Path, content: Any) -> None:
    """Write `content` to `path`, or to standard output for `-`."""
    write_text(path, as_json(content))


def write_text(path: Path, text: str) -> None:
    """Write `text` to `path`, or to standard output for `-`."""
    if path == STANDARD_OUTPUT:
        click.echo(text, nl=False)
    else:
        write_whole(path, text)
