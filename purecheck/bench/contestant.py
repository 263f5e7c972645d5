"""A contestant of a benchmark: a name, and a computation that returns when its result is there."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Computed = dict[str, Any]
"""Arrays on the host, by name."""


@dataclass(frozen=True)
class Contestant:
    """One way to do the work of a case.

    Attributes
    ----------
    name
        Its name in tables and files.
    run
        Does the work once and returns when it is done, on a device too.
    outcome
        Turns what `run` returned into arrays on the host; None if there is nothing to compare, e.g. for the floor.
    share
        The share of the work that one `run` does: times are divided by it.
    """

    name: str
    run: Callable[[], Any]
    outcome: Callable[[Any], Computed] | None = None
    share: float = 1.0
