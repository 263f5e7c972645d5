"""A device in the host's memory: the same CUDA source compiled by a C++ compiler, thread by thread."""

import ctypes
import math
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from numerics.training.engine.device.cublas import Cublas
from numerics.training.engine.device.source import kernel_names, kernel_options, kernel_source

HERE = Path(__file__).parent
COMPILER = shutil.which("g++") or shutil.which("c++")

OWN_KERNELS = """
// The numbers behind a counter.
extern "C" __global__ void raw_words(unsigned long long key, const unsigned* counter, unsigned* words) {
  if (threadIdx.x > 0) return;
  const Words drawn = philox({{counter[0], counter[1], counter[2], counter[3]}}, key);
  for (int k = 0; k < 4; ++k) words[k] = drawn.word[k];
}

// Two sums in a row.
extern "C" __global__ void two_sums(Real* sums) {
  const Real first = over_block(Real(threadIdx.x), Sum()), second = over_block(Real(1), Sum());
  sums[2 * threadIdx.x] = first;
  sums[2 * threadIdx.x + 1] = second;
}
"""


class DivergedError(AssertionError):
    """Some threads of a block wait at a barrier that others never reach."""


class OutOfBoundsError(AssertionError):
    """A kernel has written beside an array."""


MARGIN = 256
"""Numbers on either side of an array that no kernel may write, and that spoil whatever is computed from them."""


@cache
def compiled(dtype: str, source: str) -> ctypes.CDLL:
    """The library of emulated kernels of a `source`, and of cuBLAS by its definition."""
    if COMPILER is None:
        pytest.skip("no C++ compiler: the kernels are not emulated")
    names = kernel_names(source)
    folder = Path(tempfile.mkdtemp(prefix="emulated-"))
    text = [f'#include "{HERE / "emulation.hpp"}"', f'#include "{HERE / "cublas.hpp"}"', source]
    text += [f"EMULATED({name})" for name in names]
    (folder / "kernels.cpp").write_text("\n".join(text))
    # Kernels may have names that the C library knows as well.
    flags = ["-O1", "-shared", "-fPIC", "-Wl,-Bsymbolic", "-o", "kernels.so"]
    command = [COMPILER, *kernel_options(dtype), *flags, "kernels.cpp"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)  # noqa: S603
    assert done.returncode == 0, done.stderr
    library = ctypes.CDLL(str(folder / "kernels.so"))
    shutil.rmtree(folder)
    return library


class HostDevice:
    """What `numerics.training.engine.device.CuPyDevice` is, in NumPy arrays.

    `more_threads` multiplies the threads of each block: no result depends on their number but by rounding.
    """

    def __init__(
        self, dtype: str, *, source: str | None = None, descending: bool = False, more_threads: int = 1
    ) -> None:
        self.dtype = np.dtype(dtype)
        self.launched: list[str] = []
        self.allocated = 0
        self._library = compiled(dtype, (kernel_source() if source is None else source) + OWN_KERNELS)
        self._descending = descending
        self._more_threads = more_threads
        self._margins: list[np.ndarray] = []
        self._recording: list[Callable[[], None]] | None = None
        self._cublas = Cublas(self._library, dtype, "float32", 256)

    def empty(self, shape, dtype=None):
        """Numbers that nothing can be made of: what is read before it is written shows."""
        numbers = np.empty(math.prod(shape) + 2 * MARGIN, dtype or self.dtype)
        numbers.fill(np.nan if numbers.dtype.kind == "f" else 0)
        self.allocated += math.prod(shape) * numbers.itemsize
        self._margins += [numbers[:MARGIN], numbers[-MARGIN:]]
        return numbers[MARGIN:-MARGIN].reshape(shape)

    def asarray(self, x):
        copy = self.empty(x.shape, x.dtype)
        copy[...] = x
        return copy

    def contiguous(self, x):
        return np.ascontiguousarray(x)

    def free_bytes(self) -> int:
        return 2**30

    def launch(self, kernel: str, blocks: int, threads: int, *arguments: Any) -> None:
        held = [_value(x) for x in arguments]

        def run() -> None:
            self.launched.append(kernel)
            pointers = (ctypes.c_void_p * len(held))(*(ctypes.addressof(x) for x in held))
            self._library.set_descending(int(self._descending))
            if self._library[f"launch_{kernel}"](blocks, threads * self._more_threads, pointers):
                raise DivergedError(kernel)
            if not all(np.all(np.isnan(x) if x.dtype.kind == "f" else x == 0) for x in self._margins):
                raise OutOfBoundsError(kernel)

        self._queue(run)

    def multiply(self, left, right, out, *, left_transposed=False, right_transposed=False) -> None:
        assert all(x.flags.c_contiguous and x.dtype == self.dtype for x in (left, right, out))
        pointers = left.ctypes.data, right.ctypes.data, out.ctypes.data
        turned = left_transposed, right_transposed
        self._queue(lambda: self._cublas.multiply(1, pointers, left.shape, right.shape, turned=turned))

    def record(self, body: Callable[[], None]) -> Callable[[], None]:
        """Queued work is kept with the arguments that it had, as a CUDA graph keeps it."""
        queued: list[Callable[[], None]] = []
        self._recording = queued
        body()
        self._recording = None

        def replay() -> None:
            for run in queued:
                run()

        return replay

    def _queue(self, run: Callable[[], None]) -> None:
        if self._recording is None:
            run()
        else:
            self._recording.append(run)


NUMBERS = {
    "int32": ctypes.c_int32,
    "int64": ctypes.c_int64,
    "uint32": ctypes.c_uint32,
    "uint64": ctypes.c_uint64,
    "float32": ctypes.c_float,
    "float64": ctypes.c_double,
}


def _value(x: Any) -> Any:
    """What a kernel gets for the argument `x`: an address, or a number of the type of `x`."""
    if isinstance(x, np.ndarray):
        assert x.flags.c_contiguous
        return ctypes.c_void_p(x.ctypes.data)
    return NUMBERS[x.dtype.name](x.item())
