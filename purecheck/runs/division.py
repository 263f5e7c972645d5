"""How the checks of a run are divided between one or two processes, and how much memory each may use."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from numerics.memory import MemoryEstimate
from purecheck.experiments.memory_estimates import memory_estimates, warm_up
from purecheck.runs.ledger import Ledger
from purecheck.runs.training_process import apart
from purecheck.runtime.context import Context
from purecheck.runtime.memory import remaining_memory, require_memory
from purecheck.verdicts.check import Check

ALGEBRA = 384 * 2**20
"""Upper limit in bytes on the memory that checks without training add to a process.

They work on cases of fixed sizes, one check after the other, and SymPy's cache is bounded. In a quick run, all of them
together added 234 MiB at the peak; half as much again is allowed for other allocators and for the full profile.
"""


@dataclass(frozen=True)
class Division:
    """How the checks of a run are divided between two processes.

    Attributes
    ----------
    beside
        Checks that train networks, in a second process at the same time.
    memory
        Upper limit in bytes on the memory of the second process; None for half of what is free.
    """

    beside: tuple[Check[Any], ...]
    memory: int | None


def divide(book: Ledger, checks: Sequence[Check[Any]], context: Context) -> Division:
    """The division that keeps both processes together within `context.memory`.

    Checks that train run in a second process if there is enough memory for one, and otherwise after the other checks.

    Raises
    ------
    ValueError
        If even one seed at a time does not fit.
    """
    beside = apart(book, checks)
    if context.memory is None:
        return Division(beside, None)
    trains = any(check.trains for check in checks)
    left = remaining_memory(context.memory, context.backend, lambda: warm_up(context) if trains else None)
    held = context.memory - left
    algebra = 0 if all(check.trains for check in checks) else ALGEBRA
    sets, seeds = tuple(memory_estimates(context)) if trains else (MemoryEstimate(0, 0, 0),), context.profile.seeds
    require_memory(left - algebra, context.memory, seeds, *sets)
    # The results of training are sent to this process at the end; the other process loads the same program.
    left_over = seeds * sum(one.kept for one in sets)
    elsewhere = left - algebra - left_over
    fits = elsewhere - held >= max(one.least(0) for one in sets) + left_over
    return Division(beside, elsewhere) if fits else Division((), None)
