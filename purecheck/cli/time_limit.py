"""A limit on the processor time of a computation whose cost is not bounded by the size of its input."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from threading import current_thread, main_thread
from types import FrameType

from purecheck.enclosures.problems import NotEnclosedError


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raise a NotEnclosedError inside the block when it takes longer; only the main thread can be interrupted.

    Raises
    ------
    NotEnclosedError
        When the time is over.
    """

    def over(_signal: int, _frame: FrameType | None) -> None:
        raise NotEnclosedError(
            f"no value within {seconds:g} s of processor time; expected numbers closer to each other in size"
        )

    if current_thread() is not main_thread():
        yield
        return
    before = signal.signal(signal.SIGVTALRM, over)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
