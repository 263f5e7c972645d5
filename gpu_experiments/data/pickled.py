"""What the pickles of CIFAR-10 say, read without executing anything.

Every name that a pickle may call is replaced by a stand-in that merely keeps its arguments, so that no function of
NumPy, nor any other, runs on what the file says; arrays of whole numbers are built from what was kept.
"""

import io
import math
import pickle
import pickletools
import re
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Integers = npt.NDArray[np.integer[Any]]

_ADMITTED = frozenset(
    {
        ("numpy.core.multiarray", "_reconstruct"),
        ("numpy._core.multiarray", "_reconstruct"),
        ("numpy.core.multiarray", "scalar"),
        ("numpy._core.multiarray", "scalar"),
        ("numpy", "ndarray"),
        ("numpy", "dtype"),
        ("_codecs", "encode"),
    }
)
"""What pickles of dictionaries of arrays call, written by Python 2 as the official files are, or by Python 3."""

_REMEMBERING = ("PUT", "BINPUT", "LONG_BINPUT")

_BROKEN = (
    pickle.UnpicklingError,
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    ImportError,
    EOFError,
    OverflowError,
    RecursionError,
    MemoryError,
)
"""What reading bytes that are no pickle raises."""


def read_pickle(content: bytes, name: str) -> dict[str, Any]:
    """The dictionary in the pickle `content` of the file `name`: numbers, text, lists, and calls kept for `integers`.

    Raises
    ------
    ValueError
        If it is no pickle of a dictionary, or names anything else than arrays of numbers need.
    """
    try:
        _require_small_memo(content)
        found = _Unpickler(io.BytesIO(content), encoding="bytes").load()
    except _Refused as problem:
        raise ValueError(f"{name} calls {problem}; expected arrays and lists alone: nothing was executed") from problem
    except _BROKEN as problem:
        told = " ".join(str(problem).split())[:120]
        raise ValueError(f"{name} cannot be read ({told}); expected a whole pickled batch") from problem
    if not isinstance(found, dict):
        raise ValueError(f"{name} holds a {type(found).__name__}; expected a dictionary")
    return {text(key): value for key, value in found.items()}


def text(value: Any) -> str:
    """`value` as text: Python 2 kept bytes where Python 3 keeps text."""
    return value.decode("latin1") if isinstance(value, bytes) else str(value)


def integers(value: Any, name: str) -> Integers:
    """The array of whole numbers that `value`, an entry of a dictionary read, describes.

    Raises
    ------
    ValueError
        If it is neither a list of whole numbers nor an array of them.
    """
    try:
        if isinstance(value, list):
            return np.array([_integer(one) for one in value], dtype=np.int64)
        return _array(value)
    except (_NotIntegersError, OverflowError) as problem:
        raise ValueError(f"{name} holds no whole numbers; expected a list or an array of them") from problem


class _Refused(Exception):  # noqa: N818 - carries the name alone
    """A name that is not admitted."""


class _NotIntegersError(Exception):
    """What was kept describes no array of whole numbers."""


@dataclass(slots=True, eq=False)
class _Kept:
    """A name that a pickle called, with the arguments, and the state that it gave to the result."""

    name: str
    arguments: tuple[Any, ...] = ()
    state: Any = None

    def __call__(self, *arguments: Any) -> "_Kept":
        return _Kept(self.name, arguments)

    def __setstate__(self, state: Any) -> None:
        self.state = state


class _Unpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        """A stand-in for the names admitted."""
        if (module, name) not in _ADMITTED:
            raise _Refused(repr(f"{module}.{name}"[:120]))
        return _Kept(name)


def _require_small_memo(content: bytes) -> None:
    """Refuses a pickle that ends early, or that remembers a value at a place far beyond those in use.

    Writers number the values that they remember one by one; memory is taken up to the highest place.
    """
    for done, (operation, place, _) in enumerate(pickletools.genops(content), start=1):
        if operation.name in _REMEMBERING and isinstance(place, int) and place > done:
            raise ValueError(f"operation {done} remembers a value at place {place}")


def _array(value: Any) -> Integers:
    match value:
        case _Kept("_reconstruct", state=(_, tuple() as shape, _Kept("dtype") as kind, bool() | int() as fortran, raw)):
            dtype, content = _dtype(kind), _bytes(raw)
        case _:
            raise _NotIntegersError
    if not all(isinstance(side, int) and side >= 0 for side in shape):
        raise _NotIntegersError
    if math.prod(shape) * dtype.itemsize != len(content):
        raise _NotIntegersError
    return np.ndarray(shape, dtype, content, order="F" if fortran else "C")


def _integer(value: Any) -> int:
    match value:
        case bool():
            raise _NotIntegersError
        case int():
            return value
        case _Kept("scalar", (_Kept("dtype") as kind, raw)):
            dtype, content = _dtype(kind), _bytes(raw)
            if len(content) == dtype.itemsize:
                return int(np.frombuffer(content, dtype)[0])
    raise _NotIntegersError


def _dtype(kept: _Kept) -> np.dtype[np.integer[Any]]:
    """The dtype of whole numbers that is described, in the order of bytes that its state names."""
    match kept:
        case _Kept(arguments=(code, *_), state=(_, order, *_)):
            name = text(order) + text(code)
            if re.fullmatch(r"[<>|=][iu][1248]", name):
                return np.dtype(name)
    raise _NotIntegersError


def _bytes(raw: Any) -> bytes:
    """The bytes themselves, or text in the encoding by which Python 3 writes bytes for Python 2."""
    match raw:
        case bytes():
            return raw
        case _Kept("encode", (str() as characters, str() | bytes() as codec)) if text(codec) == "latin1":
            try:
                return characters.encode("latin1")
            except UnicodeEncodeError as problem:
                raise _NotIntegersError from problem
    raise _NotIntegersError
