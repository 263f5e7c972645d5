"""Processes that end with the process that started them; this module imports nothing that is slow to import."""

import ctypes
import multiprocessing
import os
import platform
import signal
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager

_SET_DEATH_SIGNAL = 1
"""`PR_SET_PDEATHSIG` of Linux's `prctl`."""
_EVERY = 0.5
"""Seconds between two checks of whether the parent lives, on systems without such a signal."""


@contextmanager
def one_process() -> Iterator[Executor]:
    """A pool of one new process, which is killed when the block ends and cannot outlive this process.

    The process is tied to this one before it imports what it is to call, so that it ends even while it starts.
    """
    others = set(multiprocessing.active_children())
    spawn = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(1, mp_context=spawn, initializer=_begin, initargs=(os.getpid(),))
    try:
        yield pool
    finally:
        for process in set(multiprocessing.active_children()) - others:
            process.kill()  # a pool waits for the call that runs; until Python 3.14 it has no other way to end it
        pool.shutdown(cancel_futures=True)


def _begin(parent: int) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the parent, which ends this process
    end_with(parent)


def end_with(parent: int) -> None:
    """End this process when its `parent` ends: by a signal of the kernel on Linux, elsewhere by polling."""
    if platform.system() == "Linux":
        ctypes.CDLL(None).prctl(_SET_DEATH_SIGNAL, signal.SIGKILL)
        if os.getppid() != parent:  # the parent ended before the signal was requested
            os._exit(1)
    else:
        threading.Thread(target=_watch, args=(parent,), daemon=True).start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_EVERY)
    os._exit(1)


def command(*arguments: str) -> list[str]:
    """The command line of `purecheck` with these arguments, as a process that ends with this one."""
    return [sys.executable, "-c", _TIED, str(os.getpid()), *arguments]


_TIED = """
import sys
from purecheck.runtime.processes import end_with
end_with(int(sys.argv.pop(1)))
from purecheck.cli import run
sys.exit(run())
"""
