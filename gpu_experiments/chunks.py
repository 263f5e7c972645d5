"""Work on many images in chunks that fit into the cache of a core, on all cores at once."""

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

    On the host, there are as many threads as cores, each with linear algebra on one core: results depend on `chunk`,
    but neither on the number of cores nor on their timing.

    Parameters
    ----------
    function : callable
        Takes one part of each array.
    chunk : int
        Entries along the first axis in a part, at least 1.
    *arrays : array, shape (n, ...)
        Arrays that are divided alike; without entries there is a single empty part.
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
