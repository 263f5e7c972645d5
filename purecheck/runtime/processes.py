"""Processes that end with the process that started them; this module imports nothing that is slow to import."""

import ctypes
import multiprocessing
import os
import pickle
import platform
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable
from importlib import import_module
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any

_SET_DEATH_SIGNAL = 1
"""`PR_SET_PDEATHSIG` of Linux's `prctl`."""
_EVERY = 0.5
"""Seconds between two checks of whether the parent lives, on systems without such a signal."""


def start(connection: Connection, run: Callable[..., None], *arguments: Any) -> BaseProcess:
    """A new process that calls `run(connection, *arguments)`, where `run` is a top-level function of its module.

    The process imports that module only after it has been tied to this one, so it cannot outlive this one even while it
    starts. If an exception ends it, the exception is sent over the connection with its traceback as a note.
    """
    spawn = multiprocessing.get_context("spawn")
    place = run.__module__, run.__name__
    process = spawn.Process(target=_begin, args=(os.getpid(), connection, *place, pickle.dumps(arguments)), daemon=True)
    process.start()
    return process


def _begin(parent: int, connection: Connection, module: str, name: str, arguments: bytes) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the parent, which ends this process
    end_with(parent)
    try:
        getattr(import_module(module), name)(connection, *pickle.loads(arguments))  # noqa: S301 - written by `start`
    except Exception as error:
        error.add_note(traceback.format_exc())  # of which pickling leaves nothing
        connection.send(error)


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
