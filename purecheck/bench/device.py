"""Where a benchmark runs: how many cores everyone may use, at which precision, and when a device is done."""

import os
from collections.abc import Callable
from importlib import import_module

from numerics.backend import Backend

_LIMITS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def hold_cores() -> int:
    """The number of cores that every contestant uses from here on, after holding this process to that many.

    Those that the process may run on, or fewer where the environment limits the threads of a library: then the
    others, which read the affinity of the process when they start, are limited alike.
    """
    cores = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else list(range(os.cpu_count() or 1))
    limits = [int(os.environ[name]) for name in _LIMITS if os.environ.get(name, "").isdecimal()]
    count = max(1, min([len(cores), *limits]))
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, cores[:count])
    return count


def load_before() -> float | None:
    """How many processes computed or waited for a core in the last minute; None where the system does not tell."""
    return os.getloadavg()[0] if hasattr(os, "getloadavg") else None


def precision(backend: Backend) -> str:
    """The precision of matrix products: `float32`, or `tf32` on a device where `CUPY_TF32` asks for it."""
    return "tf32" if backend.name == "cupy" and os.environ.get("CUPY_TF32") == "1" else "float32"


def synchronisation(backend: Backend) -> Callable[[], None]:
    """What waits until the device has done all that it was told; on the host nothing is left to wait for."""
    if backend.name != "cupy":
        return lambda: None
    wait: Callable[[], None] = import_module("cupy").cuda.get_current_stream().synchronize
    return wait
