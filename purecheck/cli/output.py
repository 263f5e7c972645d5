"""What reaches a terminal: tables at a width that can be read, and no codes but those of the suite itself."""

import os
import sys
from typing import TextIO

from rich.console import Console

_LEAST_WIDTH = 40
_TERMINALS_WITHOUT_CODES = ("dumb", "unknown")


def console(stream: TextIO | None = None, least_width: int = _LEAST_WIDTH) -> Console:
    """A console on standard output, or on `stream`, that takes text as it is: brackets in a name are no mark-up."""
    made = Console(file=stream, markup=False, emoji=False, highlight=False)
    made.width = max(made.width, least_width)
    return made


def obeys_codes() -> bool:
    """Whether the terminal, if there is one, knows colours and movements, and its user wants them."""
    return os.environ.get("TERM") not in _TERMINALS_WITHOUT_CODES and not os.environ.get("NO_COLOR")


def printable(text: str) -> str:
    """`text` with everything spelled out that a terminal would obey or cannot show, so that it stays one line."""
    return "".join(one if one.isprintable() else one.encode("unicode_escape").decode("ascii") for one in text)


def close_output() -> None:
    """Let the interpreter flush standard output once more, though nobody reads it or there is no room for it."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            os.dup2(nowhere, stream.fileno())
    os.close(nowhere)
