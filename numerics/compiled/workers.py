"""Threads that divide the replicas among themselves, each with BLAS restricted to one thread."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from functools import cache
from threading import Lock
from typing import TypeVar

import scipy.linalg.cython_blas  # noqa: F401 - what compiled products call: its threads are counted and limited
from threadpoolctl import ThreadpoolController

Item = TypeVar("Item")
Result = TypeVar("Result")

_BLAS = ThreadpoolController().select(user_api="blas")


class Workers:
    """Threads for the shares of a step; the caller's own thread takes the first share.

    Parameters
    ----------
    most : int
        Largest number of shares; there are no more threads than BLAS would have used.
    """

    def __init__(self, most: int) -> None:
        self.count = _count(most)
        self._others = ThreadPoolExecutor(self.count - 1) if self.count > 1 else None

    def share_out(self, tasks: int, work: Callable[[int, int, int], None]) -> None:
        """Call ``work(worker, first, last)`` for every worker, whose tasks are ``first <= task < last``."""
        cuts = [worker * tasks // self.count for worker in range(self.count + 1)]
        shares = [(worker, cuts[worker], cuts[worker + 1]) for worker in range(self.count)]
        with one_blas_thread():
            if self._others is None:
                return work(*shares[0])
            pending = [self._others.submit(work, *share) for share in shares[1:]]
            try:
                work(*shares[0])
            finally:
                wait(pending)  # if one share failed, the others still write to the caller's arrays
            for one in pending:
                one.result()

    def each(self, function: Callable[[Item], Result], items: Sequence[Item]) -> list[Result]:
        """Return `function` of each of the `items`, in their order."""
        results: dict[int, Result] = {}

        def work(_: int, first: int, last: int) -> None:
            for k in range(first, last):
                results[k] = function(items[k])

        self.share_out(len(items), work)
        return [results[k] for k in range(len(items))]


def lasting_workers(most: int) -> Workers:
    """Return `Workers` whose threads are kept, because to start one takes as long as a small attack.

    All callers with the same number of shares receive the same object. A caller inside a share receives a single
    worker, since BLAS is restricted to one thread there, so that its work runs in the calling thread.
    """
    return _kept(_count(most))


_kept = cache(Workers)


def _count(most: int) -> int:
    allowed = max((library.num_threads for library in _BLAS.lib_controllers), default=1)
    return max(1, min(most, allowed))


class _Shared:
    """The number of threads that BLAS had before the first of the runs that now restrict it to one."""

    lock = Lock()
    users = 0
    threads: list[int] = []  # noqa: RUF012


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """Restrict BLAS to one thread until the last caller that asked for it has finished."""
    libraries = _BLAS.lib_controllers
    with _Shared.lock:
        if _Shared.users == 0:
            _Shared.threads = [library.get_num_threads() for library in libraries]
            for library in libraries:
                library.set_num_threads(1)
        _Shared.users += 1
    try:
        yield
    finally:
        with _Shared.lock:
            _Shared.users -= 1
            if _Shared.users == 0:
                for library, threads in zip(libraries, _Shared.threads, strict=True):
                    library.set_num_threads(threads)


def _forget() -> None:
    """Forget the threads, and the runs that use them, which did not survive a fork."""
    _kept.cache_clear()
    _Shared.lock = Lock()
    if _Shared.users:
        _Shared.users = 0
        for library, threads in zip(_BLAS.lib_controllers, _Shared.threads, strict=True):
            library.set_num_threads(threads)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
