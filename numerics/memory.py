"""How many replicas fit into memory at a time: what a computation needs, and what is free."""

from __future__ import annotations

import importlib
import os
import resource
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from numerics.backend import Backend

_CGROUPS = (
    (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory.current")),
    (Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"), Path("/sys/fs/cgroup/memory/memory.usage_in_bytes")),
)


@dataclass(frozen=True)
class MemoryEstimate:
    """The most bytes of arrays that a computation on replicas holds at a time.

    Attributes
    ----------
    shared : int
        Whatever the number of replicas that are computed at a time.
    each : int
        For each replica of a batch, while it is computed.
    kept : int
        For each replica of the whole run, throughout.
    """

    shared: int
    each: int
    kept: int

    def max_batch(self, replicas: int, budget: int) -> int:
        """Return how many of the `replicas` fit into `budget` bytes at a time; below 1 if not even one does."""
        return min(replicas, (budget - self.shared - replicas * self.kept) // self.each)

    def least(self, replicas: int) -> int:
        """Return the bytes that a run of all `replicas` needs, one after the other."""
        return self.shared + self.each + replicas * self.kept


def chunks(replicas: int, max_batch: int) -> Iterator[range]:
    """Return ranges of at most `max_batch` replicas, and of at least one, that follow one another."""
    stride = max(1, max_batch)
    return (range(start, min(start + stride, replicas)) for start in range(0, replicas, stride))


def share_of_free(backend: Backend) -> int:
    """Return half of the bytes that are free where the `backend` computes: the other half is left to others."""
    return free_bytes(backend) // 2


def free_bytes(backend: Backend) -> int:
    """Return the bytes that can be had now: on the device, or on the host within the limit of its control group."""
    if backend.name == "cupy":
        cupy = importlib.import_module("cupy")
        free, _ = cupy.cuda.runtime.memGetInfo()
        return int(free + cupy.get_default_memory_pool().free_bytes())
    return min(_host_free(), *_free_in_groups())


def resident_bytes(backend: Backend) -> int:
    """Return the bytes that this process holds where the `backend` computes."""
    if backend.name == "cupy":
        return int(importlib.import_module("cupy").get_default_memory_pool().used_bytes())
    try:
        pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    except FileNotFoundError:
        return peak_bytes()
    return pages * os.sysconf("SC_PAGESIZE")


def peak_bytes() -> int:
    """Return the most bytes of the host's memory that this process ever held.

    On Linux from the process's own status: the resource usage also counts what its parent held when it was started.
    """
    try:
        lines = Path("/proc/self/status").read_text("ascii").splitlines()
    except FileNotFoundError:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak if sys.platform == "darwin" else 1024 * peak
    (most,) = (line.split()[1] for line in lines if line.startswith("VmHWM:"))
    return 1024 * int(most)


def cores() -> int:
    """Return the number of cores that this process may run on."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _host_free() -> int:
    """Return what Linux calls available; elsewhere half of what is built in."""
    try:
        lines = Path("/proc/meminfo").read_text("ascii").splitlines()
    except FileNotFoundError:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGESIZE") // 2
    (available,) = (line.split()[1] for line in lines if line.startswith("MemAvailable:"))
    return 1024 * int(available)


def _free_in_groups() -> Iterator[int]:
    """Yield what control groups of either version leave, and no less than nothing."""
    for limit, used in _CGROUPS:
        if limit.is_file() and used.is_file() and (most := limit.read_text("ascii").strip()) != "max":
            yield max(0, int(most) - int(used.read_text("ascii")))
    yield sys.maxsize
