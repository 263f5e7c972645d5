"""Where a benchmark runs: the number of cores, the precision, and how to wait until a device is done."""

import os
from collections.abc import Callable
from importlib import import_module

from numerics.backend import Backend

_LIMITS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def hold_cores() -> int:
    """The number of cores that every contestant uses from here on; this process is restricted to that many.

    It is the number of cores on which the process may run, or fewer if the environment limits the threads of a library.
    The other libraries read the affinity of the process when they start, so they are limited alike.
    """
    cores = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else list(range(os.cpu_count() or 1))
    limits = [int(os.environ[name]) for name in _LIMITS if os.environ.get(name, "").isdecimal()]
    count = max(1, min([len(cores), *limits]))
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, cores[:count])
    return count


def load_before() -> float | None:
    """The mean number of processes that ran or waited for a core in the last minute; None if it is not known."""
    return os.getloadavg()[0] if hasattr(os, "getloadavg") else None


def precision(backend: Backend) -> str:
    """The precision of matrix products: `float32`, or `tf32` on a device if the environment sets `CUPY_TF32` to 1."""
    return "tf32" if backend.name == "cupy" and os.environ.get("CUPY_TF32") == "1" else "float32"


def synchronisation(backend: Backend) -> Callable[[], None]:
    """A function that waits until the device has finished all queued work; on the host it returns at once."""
    if backend.name != "cupy":
        return lambda: None
    wait: Callable[[], None] = import_module("cupy").cuda.get_current_stream().synchronize
    return wait
