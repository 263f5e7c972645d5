"""Output to a terminal: tables of a readable width, and no control codes except those of the suite."""

import os
import sys
from typing import TextIO

from rich.console import Console

_LEAST_WIDTH = 40
_TERMINALS_WITHOUT_CODES = ("dumb", "unknown")


def console(stream: TextIO | None = None, least_width: int = _LEAST_WIDTH) -> Console:
    """A console on standard output, or on `stream`, that prints text as it is: brackets are not mark-up."""
    made = Console(file=stream, markup=False, emoji=False, highlight=False)
    made.width = max(made.width, least_width)
    return made


def obeys_codes() -> bool:
    """Whether the terminal understands colours and cursor movements, and its user wants them."""
    return os.environ.get("TERM") not in _TERMINALS_WITHOUT_CODES and not os.environ.get("NO_COLOR")


def printable(text: str) -> str:
    """`text` in one line, with every character escaped that a terminal would interpret or cannot show."""
    return "".join(one if one.isprintable() else one.encode("unicode_escape").decode("ascii") for one in text)


def close_output() -> None:
    """Let the interpreter flush both streams at exit, even if the disk is full or the pipe is closed."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            os.dup2(nowhere, stream.fileno())
    os.close(nowhere)
