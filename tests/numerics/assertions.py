"""The one assertion on arrays."""

from types import ModuleType
from typing import Any

import numpy as np
import numpy.typing as npt
from array_api_compat import array_namespace

from numerics.backend import Array, to_numpy


def assert_array_equals(
    actual: Array, expected: npt.ArrayLike, *, bound: Any, xp: ModuleType, dtype: str = "float64"
) -> None:
    """Assert that `actual` lies in `xp`, has the `dtype` and the shape of `expected`, and is near to it.

    `bound` is the largest absolute error allowed, a number or an array that broadcasts: it is derived
    where it is passed, and 0 asks for equality. NaN agrees with NaN.
    """
    assert array_namespace(actual) is xp, f"namespace {array_namespace(actual).__name__}, not {xp.__name__}"
    assert actual.dtype == getattr(xp, dtype), f"dtype {actual.dtype}, not {dtype}"
    want = np.asarray(expected)
    assert actual.shape == want.shape, f"shape {actual.shape}, not {want.shape}"
    got = to_numpy(actual)
    missing = np.isnan(want)
    assert np.array_equal(np.isnan(got), missing), f"NaN at {np.argwhere(np.isnan(got))}"
    error = np.abs(np.where(missing, 0, got) - np.where(missing, 0, want))
    allowed = np.broadcast_to(to_numpy(bound), error.shape)
    worst = np.unravel_index(np.argmax(error - allowed), error.shape) if error.size else ()
    assert np.all(error <= allowed), (
        f"at {worst}: {got[worst]!r} is {error[worst]:.3g} from {want[worst]!r}; allowed {allowed[worst]:.3g}"
    )
