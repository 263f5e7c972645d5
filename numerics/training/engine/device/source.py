"""The CUDA source of the kernels, one text for NVRTC, nvcc and, in tests, a compiler for the host."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import numpy.typing as npt

PARTS = ("reductions.cu", "passes.cu", "updates.cu", "sampling.cu")

_REAL = {"float32": "float", "float64": "double"}


def kernel_source() -> str:
    """Return the source of all kernels, without a definition of ``Real``; each line keeps its line number in its file.

    It is one text because CuPy caches compiled code by the text, and would not notice changes in included files.
    """
    folder = Path(__file__).parent
    return "\n".join(f'#line 1 "{name}"\n{(folder / name).read_text(encoding="utf-8")}' for name in PARTS)


def kernel_options(dtype: npt.DTypeLike) -> tuple[str, ...]:
    """Return the options with which a compiler builds kernels for the `dtype`."""
    return (f"-DReal={_REAL[np.dtype(dtype).name]}",)


def kernel_names(source: str) -> tuple[str, ...]:
    """Return the names of the kernels of a `source`."""
    return tuple(re.findall(r'extern "C" __global__ void (\w+)', source))
