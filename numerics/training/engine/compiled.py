"""How loops are compiled: once for a machine, without the interpreter's lock."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import ParamSpec, TypeVar, cast

import numba

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


def compiled(function: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
    """Return `function` as machine code that other threads can run beside.

    Sums may be taken in any order and products fused with them, as the bounds of `numerics.rounding` allow;
    infinities and NaN keep their meaning. The code is kept beside the source or in the user's cache, and where
    neither can be written it is compiled anew by each process. A change in another file does not renew what was
    kept, so compiled functions call only those of their own file.
    """
    code = numba.njit(nogil=True, error_model="numpy", fastmath={"reassoc", "contract", "nsz"})(function)
    with suppress(RuntimeError):
        code.enable_caching()
    return cast("Callable[Arguments, Result]", code)
