"""What takes part in a comparison: a name, and a computation that returns when its result is there."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Computed = dict[str, Any]
"""Host arrays by name."""


@dataclass(frozen=True)
class Contestant:
    """One way to do the work of a case.

    Attributes
    ----------
    name
        As tables and files call it.
    run
        Does the work once and returns when it is done, on a device too.
    outcome
        Turns what `run` returned into host arrays; None where there is nothing to compare, as of the floor.
    share
        The part of the work that one `run` does: times are divided by it.
    """

    name: str
    run: Callable[[], Any]
    outcome: Callable[[Any], Computed] | None = None
    share: float = 1.0
