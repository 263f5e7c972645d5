"""Paths on the command line: inputs exist and are readable, and no output overwrites an input."""

import os
import stat
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, Literal

import click

from purecheck.io.files import destination

STANDARD_OUTPUT = Path("-")

_PATHS = "purecheck.paths"
_Use = Literal["input", "output", "folder"]


class InputFile(click.Path):
    """A regular file to read: a pipe or a device has no size that could be compared with a limit."""

    def __init__(self) -> None:
        super().__init__(exists=True, dir_okay=False, readable=True, path_type=Path)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The path, after checking that no output has the same path."""
        path: Any = super().convert(value, param, ctx)
        if not stat.S_ISREG(path.stat().st_mode):
            self.fail(f"{str(path)!r} is not a regular file; expected one", param, ctx)
        _keep_apart(self, path, "input", param, ctx)
        return path


class InputFolder(click.Path):
    """A folder to read."""

    def __init__(self) -> None:
        super().__init__(exists=True, file_okay=False, readable=True, path_type=Path)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The path, after checking that no output is a file in it."""
        path: Any = super().convert(value, param, ctx)
        _keep_apart(self, path, "folder", param, ctx)
        return path


class OutputFile(click.Path):
    """A file to write, in a folder that exists; `-` means standard output if `dash` is set.

    Its name has to end in `suffix` if there is one, because readers know the format by it.
    """

    def __init__(self, *, dash: bool = False, suffix: str = "") -> None:
        super().__init__(dir_okay=False, writable=True, allow_dash=dash, path_type=Path)
        self.suffix = suffix

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The path, after checking that a file can be written there and that no other option has the same path."""
        path: Any = super().convert(value, param, ctx)
        if path == STANDARD_OUTPUT:
            if self.allow_dash:
                return path
            self.fail("'-' is standard output; expected the name of a file", param, ctx)
        if self.suffix and path.suffix != self.suffix and (not path.exists() or path.is_file()):
            self.fail(f"{str(path)!r} has another ending; expected a name that ends in {self.suffix}", param, ctx)
        if not path.parent.is_dir():
            or_dash = ", or - for standard output" if self.allow_dash else ""
            self.fail(f"{str(path)!r} lies in no existing folder; expected a file in one{or_dash}", param, ctx)
        try:
            place = destination(path)
            TemporaryFile(dir=place.parent).close()
        except OSError as problem:
            self.fail(f"{str(path)!r}: {problem.strerror}; expected a file that can be written", param, ctx)
        _keep_apart(self, path, "output", param, ctx)
        return path


def make_folder(folder: Path, option: str) -> None:
    """Make the folder of outputs before the computation starts; a usage error if it cannot be written to."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        TemporaryFile(dir=folder).close()
    except OSError as problem:
        raise click.UsageError(
            f"{option} was {str(folder)!r}; expected a folder to write in: {problem.strerror}"
        ) from problem


def _keep_apart(
    kind: click.Path, path: Path, use: _Use, param: click.Parameter | None, ctx: click.Context | None
) -> None:
    """Remember a path of this command, and refuse an output that would overwrite another output or an input.

    Parameters are read in the order in which they were given, so each path is compared with all earlier ones.
    """
    if ctx is None:
        return
    name = param.get_error_hint(ctx) if param is not None else "a path"
    others: list[tuple[Path, _Use, str]] = ctx.meta.setdefault(_PATHS, [])
    here = Path(os.path.realpath(path))
    for there, other, words in others:
        if "output" in (use, other) and _collide((here, use), (there, other)):
            kind.fail(f"{str(path)!r} is used by {words} as well; expected another file", param, ctx)
    others.append((here, use, name))


def _collide(one: tuple[Path, _Use], other: tuple[Path, _Use]) -> bool:
    """Whether the paths are the same, or one is an existing file in the other, an input folder."""
    for (inner, _), (outer, use) in ((one, other), (other, one)):
        if inner == outer or (use == "folder" and inner.exists() and outer in inner.parents):
            return True
    return False
