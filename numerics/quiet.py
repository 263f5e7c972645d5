"""Keeps compiled code from writing to standard output, where a command's JSON goes."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

_STANDARD_OUTPUT = 1


@contextmanager
def quiet() -> Iterator[None]:
    """Send what compiled code writes to standard output inside the block nowhere; Python's own output as well."""
    kept = os.dup(_STANDARD_OUTPUT)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, _STANDARD_OUTPUT)
        yield
    finally:
        os.dup2(kept, _STANDARD_OUTPUT)
        os.close(kept)
        os.close(nowhere)
