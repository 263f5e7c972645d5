"""The memory that a command may take: a budget for the whole process, and what it leaves for replicas."""

import re
from collections.abc import Callable

from numerics.backend import Backend
from numerics.memory import MemoryEstimate, resident_bytes, share_of_free

_ANOTHER_START = 16 * 2**20
"""Bytes by which a program may hold more at its next start than at this one.

Which pages of its libraries are resident differs: by up to 5 MiB of 700 in sixteen starts, two at a time.
"""

_UNITS = {"": 1, "B": 1}
for _power, _letter in enumerate("kMGT", start=1):
    _UNITS |= {f"{_letter}B": 1000**_power, f"{_letter.upper()}iB": 1024**_power}


def parse_size(text: str) -> int:
    """The number of bytes that `text` spells, such as `2GiB`, `500 MB` or `1.5GiB`.

    Raises
    ------
    ValueError
        If it is no size.
    """
    found = re.fullmatch(r"([0-9]{1,18}(?:\.[0-9]{1,18})?)\s*([kMGT]?B|[KMGT]iB|)", text.strip())
    if found is None:
        raise ValueError(f"memory was {text[:40]!r}; expected a size such as 2GiB")
    number, unit = found.groups()
    return int(float(number) * _UNITS[unit])


def room(budget: int | None, backend: Backend, rehearse: Callable[[], object]) -> int:
    """The bytes that a command may still take.

    Parameters
    ----------
    budget
        For the whole process; half of what is free where None.
    backend
        Where it computes.
    rehearse
        Does the same at the smallest size, so that libraries and their buffers are loaded before they are counted.
    """
    if budget is None:
        return share_of_free(backend)
    rehearse()
    return budget - resident_bytes(backend)


def expect_room(left: int, budget: int | None, replicas: int, *stages: MemoryEstimate) -> None:
    """Hold what is `left` of a `budget` against what each of the stages of a command needs, replica by replica.

    The least that is told is enough at the next start too: it is a little more than the least that is taken.

    Raises
    ------
    ValueError
        If one of them does not fit.
    """
    kept = sum(stage.kept for stage in stages)
    needed = max(stage.least(0) for stage in stages) + replicas * kept
    if needed > left:
        held = 0 if budget is None else budget - left + _ANOTHER_START
        raise ValueError(
            f"memory was {shown(budget or left)}; expected at least {shown(held + needed)}: {shown(held)} for the "
            f"program, {shown(replicas * kept)} for what {replicas} replicas leave, the rest for one replica at work"
        )


def shown(size: int) -> str:
    """A number of bytes in words, rounded up."""
    return f"{-(-size // 2**20)}MiB"
