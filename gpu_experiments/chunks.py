"""Work on many images, chunk by chunk: on every core at once, each chunk small enough to stay in its cache."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TypeVar

from array_api_compat import is_numpy_array
from threadpoolctl import ThreadpoolController

from numerics.backend import Array
from numerics.memory import cores

Result = TypeVar("Result")


def map_chunks(function: Callable[..., Result], chunk: int, *arrays: Array) -> list[Result]:
    """Return `function` of every part of at most `chunk` entries of `arrays`, in their order.

    On the host, parts are worked on by as many threads as there are cores, each with linear algebra on one core:
    results depend on `chunk`, but neither on the number of cores nor on their timing.

    Parameters
    ----------
    function : callable
        Takes one part of each array.
    chunk : int
        Entries along the first axis in a part, at least 1.
    *arrays : array, shape (n, ...)
        Cut alike. Where there are no entries, one part of none.
    """
    n = arrays[0].shape[0]
    parts = [tuple(x[start : min(n, start + chunk), ...] for x in arrays) for start in range(0, max(1, n), chunk)]
    if len(parts) == 1 or not is_numpy_array(arrays[0]):
        return [function(*part) for part in parts]
    with _libraries().limit(limits=1, user_api="blas"), ThreadPoolExecutor(cores()) as pool:
        return list(pool.map(lambda part: function(*part), parts))


@cache
def _libraries() -> ThreadpoolController:
    return ThreadpoolController()
