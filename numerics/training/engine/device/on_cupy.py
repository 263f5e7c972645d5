"""A CUDA device through CuPy."""

from __future__ import annotations

import ctypes
import importlib
import os
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from numerics.backend import Array
from numerics.training.engine.device.cublas import WORKSPACE_BYTES, Cublas, Precision
from numerics.training.engine.device.source import kernel_names, kernel_options, kernel_source


def cupy_device(dtype: str, precision: Precision | None = None) -> CuPyDevice:
    """Return CuPy's current device at a precision of products; None follows ``CUPY_TF32``, as CuPy itself does."""
    asked: Precision = "tf32" if os.environ.get("CUPY_TF32") == "1" else "float32"
    return _device(dtype, precision or asked, importlib.import_module("cupy").cuda.Device().id)


@cache
def _device(dtype: str, precision: Precision, _device_id: int) -> CuPyDevice:
    return CuPyDevice(dtype, precision)


class CuPyDevice:
    """CuPy's current device; work is queued on CuPy's current stream.

    Parameters
    ----------
    dtype : {"float32", "float64"}
        Dtype of arrays and kernels, which NVRTC compiles here.
    precision : {"float32", "tf32"}
        Precision of products in float32.
    """

    def __init__(self, dtype: npt.DTypeLike, precision: Precision) -> None:
        self.dtype: np.dtype[Any] = np.dtype(dtype)
        self._cupy = importlib.import_module("cupy")
        source = kernel_source()
        module = self._cupy.RawModule(code=source, options=kernel_options(dtype))
        self._kernels = {name: module.get_function(name) for name in kernel_names(source)}
        self._workspace = self._cupy.empty(WORKSPACE_BYTES, np.uint8)
        self._cublas = Cublas(_load_cublas(self._cupy), dtype, precision, self._workspace.data.ptr)

    def empty(self, shape: tuple[int, ...], dtype: npt.DTypeLike | None = None) -> Array:
        """Return an uninitialised array of that `shape`, of the device's dtype unless another is given."""
        return self._cupy.empty(shape, dtype or self.dtype)

    def asarray(self, x: npt.NDArray[Any]) -> Array:
        """Return a copy of the host array `x`, contiguous."""
        return self._cupy.array(x, order="C")

    def contiguous(self, x: Array) -> Array:
        """Return `x` in C order, without a copy if it is already contiguous."""
        return self._cupy.ascontiguousarray(x)

    def launch(self, kernel: str, blocks: int, threads: int, *arguments: Array | np.generic) -> None:
        """Queue a kernel; numbers must be of exactly the types that it declares."""
        self._kernels[kernel]((blocks,), (threads,), arguments)

    def multiply(
        self, left: Array, right: Array, out: Array, *, left_transposed: bool = False, right_transposed: bool = False
    ) -> None:
        """Queue ``out = left right`` for each replica of arrays ``(replicas, rows, columns)``, either transposed."""
        stream = self._cupy.cuda.get_current_stream().ptr
        pointers = left.data.ptr, right.data.ptr, out.data.ptr
        self._cublas.multiply(stream, pointers, left.shape, right.shape, turned=(left_transposed, right_transposed))

    def record(self, body: Callable[[], None]) -> Callable[[], None]:
        """Return a CUDA graph of everything that `body` queues, to be launched on the current stream.

        During the recording, a call that waits for the device or copies to or from the host is an error.
        """
        stream = self._cupy.cuda.Stream(non_blocking=True)
        with stream:
            stream.begin_capture(self._cupy.cuda.runtime.streamCaptureModeThreadLocal)
            try:
                body()
            finally:
                graph = stream.end_capture()
        launch: Callable[[], None] = graph.launch
        return launch

    def free_bytes(self) -> int:
        """Return the number of bytes that are free on the device and in CuPy's pool."""
        free, _ = self._cupy.cuda.runtime.memGetInfo()
        return int(free) + int(self._cupy.get_default_memory_pool().free_bytes())


def _load_cublas(cupy: Any) -> ctypes.CDLL:
    """Return the cuBLAS that CuPy has loaded, found by the name under which CuPy loaded it."""
    version = cupy.cuda.cublas.getVersion(cupy.cuda.device.get_cublas_handle())
    major = version // 10_000
    name = f"cublas64_{major}.dll" if os.name == "nt" else f"libcublas.so.{major}"
    return ctypes.CDLL(name)
