"""The arrays beside a record: filters and atoms as small images, and nothing else."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from purecheck.records import run, sparse_coding

ARRAYS = {run.SCHEMA: ("filters",), sparse_coding.SCHEMA: ("dictionary", "clean", "adversarial")}
"""Schema of a record to the names of the arrays beside it, each `(n, channels, height, width)`."""

_CHANNELS = (1, 3)


def require_filters(schema: str, arrays: Mapping[str, NDArray[Any]]) -> None:
    """Nothing where `arrays` are what a record of this schema promises.

    Raises
    ------
    ValueError
        If one is missing, unknown, or not a stack of images of finite numbers.
    """
    if set(arrays) != set(ARRAYS[schema]):
        raise ValueError(f"the arrays are {sorted(arrays)}; expected {sorted(ARRAYS[schema])}")
    for name, array in arrays.items():
        are_images = array.ndim == 4 and array.size > 0 and array.shape[1] in _CHANNELS
        if not are_images or array.dtype.kind != "f" or not np.all(np.isfinite(array)):
            found = f"{name!r} is {array.dtype} of shape {array.shape}"
            raise ValueError(f"{found}; expected finite floats of shape (n, 1 or 3, height, width)")
