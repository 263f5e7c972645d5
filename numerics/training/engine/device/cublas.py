"""Batched products by cuBLAS, called directly: CuPy refuses its own calls while a graph is recorded."""

from __future__ import annotations

import ctypes
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

Precision = Literal["float32", "tf32"]

WORKSPACE_BYTES = 32 * 2**20
"""What cuBLAS recommends on the largest devices."""

_PLAIN, _TRANSPOSED = 0, 1  # cublasOperation_t
_MATH_MODES = {"float32": 0, "tf32": 3}  # cublasMath_t: CUBLAS_DEFAULT_MATH, CUBLAS_TF32_TENSOR_OP_MATH

_POINTER, _INT, _LONG = ctypes.c_void_p, ctypes.c_int, ctypes.c_longlong


class CublasError(RuntimeError):
    """A call to cuBLAS failed."""


class Cublas:
    """A handle of cuBLAS with its precision and workspace.

    Parameters
    ----------
    library : ctypes.CDLL
        cuBLAS 11 or later.
    dtype : {"float32", "float64"}
        Dtype of all operands.
    precision : {"float32", "tf32"}
        Precision of products in float32: TF32 rounds the factors to 11 bits first. It does not apply to float64.
    workspace : int
        Address of `WORKSPACE_BYTES` bytes on the device, aligned to 256.
    """

    def __init__(self, library: ctypes.CDLL, dtype: npt.DTypeLike, precision: Precision, workspace: int) -> None:
        self._library = library
        self._workspace = workspace
        number = ctypes.c_float if np.dtype(dtype) == np.float32 else ctypes.c_double
        self._one, self._zero = number(1), number(0)
        self._multiply = library[
            "cublasSgemmStridedBatched" if number is ctypes.c_float else "cublasDgemmStridedBatched"
        ]
        scalar = ctypes.POINTER(number)
        sizes, operand = (_INT,) * 5, (_POINTER, _INT, _LONG)
        self._multiply.argtypes = (_POINTER, *sizes, scalar, *operand, *operand, scalar, *operand, _INT)
        self._handle = _POINTER()
        self._stream: int | None = None
        self._call("cublasCreate_v2", ctypes.byref(self._handle))
        self._call("cublasSetMathMode", self._handle, _INT(_MATH_MODES[precision]))

    def multiply(
        self, stream: int, pointers: tuple[int, int, int], left: tuple[int, ...], right: tuple[int, ...], *, turned: Any
    ) -> None:
        """Queue ``out = left right`` on the `stream`, for each of the replicas.

        Parameters
        ----------
        stream : int
            Address of the stream.
        pointers : tuple of int
            Addresses of `left`, `right` and `out`, each contiguous.
        left, right : tuple of int
            Shapes ``(replicas, rows, columns)`` as they are stored.
        turned : pair of bool
            Whether `left` and `right` are multiplied transposed.
        """
        self._enter(stream)
        rows, inner = left[-2:] if not turned[0] else left[:-3:-1]
        columns = right[-2] if turned[1] else right[-1]
        # cuBLAS reads columns first, where each stored matrix is its transpose: out^T = right^T left^T.
        status = self._multiply(
            self._handle,
            *(_TRANSPOSED if t else _PLAIN for t in (turned[1], turned[0])),
            *(columns, rows, inner, self._one),
            *(pointers[1], right[-1], right[-2] * right[-1]),
            *(pointers[0], left[-1], left[-2] * left[-1], self._zero),
            *(pointers[2], columns, rows * columns, left[0]),
        )
        _expect_success("gemmStridedBatched", status)

    def _enter(self, stream: int) -> None:
        """Switch to the `stream`. A change of stream removes the workspace, and its allocation cannot be recorded."""
        if stream == self._stream:
            return
        self._call("cublasSetStream_v2", self._handle, _POINTER(stream))
        self._call("cublasSetWorkspace_v2", self._handle, _POINTER(self._workspace), ctypes.c_size_t(WORKSPACE_BYTES))
        self._stream = stream

    def _call(self, name: str, *arguments: Any) -> None:
        _expect_success(name, self._library[name](*arguments))


def _expect_success(name: str, status: int) -> None:
    if status:
        raise CublasError(f"{name} answers status {status}; expected 0")
