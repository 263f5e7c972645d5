"""The memory budget of a command: a limit on the whole process, and what it leaves for replicas."""

import re
from collections.abc import Callable

from numerics.backend import Backend
from numerics.memory import MemoryEstimate, resident_bytes, share_of_free

_ANOTHER_START = 16 * 2**20
"""Bytes by which the resident memory of a program may differ between two starts.

The resident pages of its libraries vary: by up to 5 MiB of 700 in sixteen starts, two at a time.
"""

_UNITS = {"": 1, "B": 1}
for _power, _letter in enumerate("kMGT", start=1):
    _UNITS |= {f"{_letter}B": 1000**_power, f"{_letter.upper()}iB": 1024**_power}


def parse_size(text: str) -> int:
    """The number of bytes that `text` denotes, such as `2GiB`, `500 MB` or `1.5GiB`.

    Raises
    ------
    ValueError
        If the text is not a size.
    """
    found = re.fullmatch(r"([0-9]{1,18}(?:\.[0-9]{1,18})?)\s*([kMGT]?B|[KMGT]iB|)", text.strip())
    if found is None:
        raise ValueError(f"memory was {text[:40]!r}; expected a size such as 2GiB")
    number, unit = found.groups()
    return int(float(number) * _UNITS[unit])


def remaining_memory(budget: int | None, backend: Backend, warm_up: Callable[[], object]) -> int:
    """The bytes that a command may still allocate.

    Parameters
    ----------
    budget
        Limit on the memory of the whole process; half of what is free if None.
    backend
        Where the command computes.
    warm_up
        Does the same work at the smallest size, so that libraries and their buffers are loaded before they are counted.
    """
    if budget is None:
        return share_of_free(backend)
    warm_up()
    return budget - resident_bytes(backend)


def require_memory(left: int, budget: int | None, replicas: int, *stages: MemoryEstimate) -> None:
    """Raise an error unless what is `left` of a `budget` is enough for each stage of a command, replica by replica.

    The message names a budget that is enough at the next start too: a little more than what this start needs.

    Raises
    ------
    ValueError
        If one of the stages does not fit.
    """
    kept = sum(stage.kept for stage in stages)
    needed = max(stage.least(0) for stage in stages) + replicas * kept
    if needed > left:
        held = 0 if budget is None else budget - left + _ANOTHER_START
        given = shown(left) if budget is None else limit_shown(budget)
        raise ValueError(
            f"memory was {given}; expected at least {shown(held + needed)}: {shown(held)} for the "
            f"program, {shown(replicas * kept)} for what {replicas} replicas leave, the rest for one replica at work"
        )


def shown(size: int) -> str:
    """A number of bytes for a reader, rounded up to MiB."""
    return f"{-(-size // 2**20)}MiB"


def limit_shown(size: int) -> str:
    """A limit for the reader who gave it: as `shown`, but below one MiB rounded up to KiB, to be recognised."""
    return f"{-(-size // 2**10)}KiB" if 0 < size <= 2**20 - 2**10 else shown(size)
