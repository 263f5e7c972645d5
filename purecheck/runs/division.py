"""Where the checks of a run are carried out, and with how much memory: in one process, or in two."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from numerics.memory import MemoryEstimate
from purecheck.experiments.memory_estimates import warm_up, working_sets
from purecheck.runs.ledger import Ledger
from purecheck.runs.training_process import apart
from purecheck.runtime.context import Context
from purecheck.runtime.memory import remaining_memory, require_memory
from purecheck.verdicts.check import Check

ALGEBRA = 384 * 2**20
"""Bytes that checks without training may add to a process, whichever they are.

They work on cases of fixed sizes, one check after the other, and SymPy's cache is bounded. A quick run of all of them
adds 234 MiB, held and in passing; half as much again is for other allocators and for the other profile.
"""


@dataclass(frozen=True)
class Division:
    """How the checks of a run are divided between two processes.

    Attributes
    ----------
    beside
        Trained checks that a process of their own runs meanwhile.
    memory
        Bytes that this process may hold; None where what is free decides.
    """

    beside: tuple[Check[Any], ...]
    memory: int | None


def divide(book: Ledger, checks: Sequence[Check[Any]], context: Context) -> Division:
    """The division that keeps both processes together within `context.memory`.

    What is trained runs beside the others where there is room for a second process, else after them.

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
    sets, seeds = tuple(working_sets(context)) if trains else (MemoryEstimate(0, 0, 0),), context.profile.seeds
    require_memory(left - algebra, context.memory, seeds, *sets)
    # What networks leave comes over to this process in the end; the other one loads the same program.
    left_over = seeds * sum(one.kept for one in sets)
    elsewhere = left - algebra - left_over
    fits = elsewhere - held >= max(one.least(0) for one in sets) + left_over
    return Division(beside, elsewhere) if fits else Division((), None)
