"""The interface between a step on a device and the device: arrays, kernels, batched products, and recording."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from numerics.backend import Array

# A thread sums at most four numbers of a row, up to rows that take all warps of a block.
_NUMBERS_FOR_A_WARP = 128
_MOST_WARPS = 8
COLUMNS = 32
"""Number of nodes that a block takes if it runs along columns."""


class Device(Protocol):
    """One device at one precision. Work is queued in order, and no call waits for it to finish."""

    @property
    def dtype(self) -> np.dtype[Any]:
        """The dtype of the kernels."""

    def empty(self, shape: tuple[int, ...], dtype: npt.DTypeLike | None = None) -> Array:
        """Return an uninitialised array of that `shape`, of the device's dtype unless another is given."""

    def asarray(self, x: npt.NDArray[Any]) -> Array:
        """Return a copy of the host array `x`, contiguous."""

    def contiguous(self, x: Array) -> Array:
        """Return `x` in C order, without a copy if it is already contiguous."""

    def launch(self, kernel: str, blocks: int, threads: int, *arguments: Array | np.generic) -> None:
        """Queue a kernel; numbers must be of exactly the types that it declares."""

    def multiply(
        self, left: Array, right: Array, out: Array, *, left_transposed: bool = False, right_transposed: bool = False
    ) -> None:
        """Queue ``out = left right`` for each replica of arrays ``(replicas, rows, columns)``, either transposed."""

    def record(self, body: Callable[[], None]) -> Callable[[], None]:
        """Return a function that queues everything that `body` queues, with the same arguments; nothing runs yet."""

    def free_bytes(self) -> int:
        """Return the number of bytes that can be allocated."""


def row_threads(width: int) -> int:
    """Return the number of threads along a row of that `width`, a multiple of 32."""
    return 32 * min(_MOST_WARPS, -(-width // _NUMBERS_FOR_A_WARP))


def column_blocks(replicas: int, nodes: int) -> int:
    """Return the number of blocks along the columns of ``(replicas, d, nodes)``."""
    return replicas * -(-nodes // COLUMNS)


def column_threads(d: int) -> int:
    """Return the number of threads along `COLUMNS` columns of length `d`."""
    return COLUMNS * min(_MOST_WARPS, d)
