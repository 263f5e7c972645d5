"""The compilation of loops: once on each machine, and without the interpreter's lock."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any, ParamSpec, TypeVar, cast

import numba
from numba.core.caching import FunctionCache

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


def compiled(function: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
    """Return `function` as machine code that runs in parallel with other threads.

    Sums may be taken in any order and products fused with them, as the bounds of `numerics.rounding` allow; infinities
    and NaN keep their meaning. The code is cached beside the source or in the user's cache directory; if neither can be
    written, each process compiles it anew. The cache is renewed after a change in the same file or in this package, but
    not after changes elsewhere, so compiled functions call only functions of their own file and of this package.
    """
    return _compiled(function, {"reassoc", "contract", "nsz"})


def compiled_as_written(function: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
    """Return `function` compiled without reordering of operations, for scale factors that would otherwise cancel."""
    return _compiled(function, set())


def _compiled(function: Callable[Arguments, Result], liberties: set[str]) -> Callable[Arguments, Result]:
    code = numba.njit(nogil=True, error_model="numpy", fastmath=liberties)(function)
    with suppress(RuntimeError):
        code._cache = _Cache(function)
    return cast("Callable[Arguments, Result]", code)


class _Cache(FunctionCache):  # type: ignore[misc]
    """Numba's cache, which is also renewed when a function that is called from another file has changed."""

    def _index_key(self, sig: Any, codegen: Any) -> Any:
        return (*super()._index_key(sig, codegen), _sources())


@cache
def _sources() -> str:
    """Return a digest of the sources of this package."""
    files = sorted(Path(__file__).parent.glob("*.py"))
    return hashlib.sha256(b"\0".join(file.read_bytes() for file in files)).hexdigest()
