"""A limit on the time of the processor that a computation takes, where no bound on its input bounds that."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from threading import current_thread, main_thread
from types import FrameType

from purecheck.enclosures.problems import NotEnclosedError


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Ends what is done inside with a NotEnclosedError when it takes longer; only the main thread can be interrupted.

    Raises
    ------
    NotEnclosedError
        If the time is over.
    """

    def over(_signal: int, _frame: FrameType | None) -> None:
        raise NotEnclosedError(
            f"no value within {seconds:g} s of the processor; expected numbers closer to each other in size"
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
