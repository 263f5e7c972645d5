"""The contents of the pickles of CIFAR-10, read without executing anything.

A pickle is a program for a machine with a stack. This machine knows only the operations that dictionaries of numbers,
text, lists and arrays need; keys are text. Every function that a program may call is replaced by a placeholder that
keeps its arguments, so no function of NumPy, nor any other, is called by the file; arrays of integers are built from
what was kept. Nothing here is recursive, and the memory of every operation is proportional to its own length, so no
file takes more than a few times its size.
"""

import math
import pickletools
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

Integers = npt.NDArray[np.integer[Any]]

MOST_OPERATIONS = 2**20
"""Largest number of operations.

An official batch has 60 thousand: one for each label, and two for the name of each image.
"""

_ADMITTED = frozenset(
    {
        ("numpy.core.multiarray", "_reconstruct"),
        ("numpy._core.multiarray", "_reconstruct"),
        ("numpy.core.numeric", "_frombuffer"),
        ("numpy._core.numeric", "_frombuffer"),
        ("numpy.core.multiarray", "scalar"),
        ("numpy._core.multiarray", "scalar"),
        ("numpy", "ndarray"),
        ("numpy", "dtype"),
        ("_codecs", "encode"),
    }
)
"""The functions that pickles of dictionaries of arrays call, by Python 2 (as in the official files) or Python 3."""


class _Refused(Exception):  # noqa: N818 - carries the name alone
    """A function or an operation that is not admitted."""


class _NotIntegersError(Exception):
    """What was kept does not describe an array of integers."""


_BROKEN = (_NotIntegersError, ValueError, TypeError, LookupError, OverflowError, MemoryError)
"""The errors that reading raises for bytes that are not a pickle."""


def read_pickle(content: bytes, name: str) -> dict[str, Any]:
    """The dictionary in the pickle `content` of the file `name`: numbers, text, lists, and calls kept for `integers`.

    Raises
    ------
    ValueError
        If it is not a pickle of a dictionary with text for keys, calls anything that arrays of numbers do not need, or
        takes more than `MOST_OPERATIONS`.
    """
    try:
        found = _run(content)
    except _Refused as problem:
        raise ValueError(f"{name} calls {problem}; expected arrays and lists alone: nothing was executed") from problem
    except _BROKEN as problem:
        found = " ".join(str(problem).split())[:120]
        raise ValueError(f"{name} cannot be read ({found}); expected a whole pickled batch") from problem
    if not isinstance(found, dict):
        raise ValueError(f"{name} holds a {type(found).__name__}; expected a dictionary")
    return {text(key): value for key, value in found.items()}


def text(value: Any) -> str:
    """`value` as text: Python 2 wrote bytes where Python 3 writes text."""
    return value.decode("latin1") if isinstance(value, bytes) else str(value)


def integers(value: Any, name: str) -> Integers:
    """The array of integers that `value`, an entry of a dictionary from `read_pickle`, describes.

    Raises
    ------
    ValueError
        If it is neither a list nor an array of integers.
    """
    try:
        if isinstance(value, list):
            return np.array([_integer(one) for one in value], dtype=np.int64)
        return _array(value)
    except (_NotIntegersError, OverflowError) as problem:
        raise ValueError(f"{name} holds no whole numbers; expected a list or an array of them") from problem


@dataclass(slots=True, eq=False, repr=False)
class _Kept:
    """A function that a pickle called, with its arguments, and the state that the pickle gave to the result."""

    name: str
    arguments: tuple[Any, ...] = ()
    state: Any = None


@dataclass(slots=True)
class _Machine:
    """The stack, the positions of the marks on it, the remembered values by number, and the bytes still allowed.

    No more bytes are made from text than the file has; otherwise the same text could be turned into bytes repeatedly.
    """

    room: int
    stack: list[Any] = field(default_factory=list)
    marks: list[int] = field(default_factory=list)
    memo: dict[int, Any] = field(default_factory=dict)

    def push(self, value: Any) -> None:
        self.stack.append(value)

    def pop(self) -> Any:
        """The value on top, which lies above the last mark."""
        if len(self.stack) <= (self.marks[-1] if self.marks else 0):
            raise ValueError("it takes a value that is not there")
        return self.stack.pop()

    def to_mark(self) -> list[Any]:
        """The values above the last mark, which is removed."""
        start = self.marks.pop()
        values = self.stack[start:]
        del self.stack[start:]
        return values

    def top(self, kind: type) -> Any:
        """The value on top, which must be of that kind and stays there."""
        if not self.stack or type(self.stack[-1]) is not kind:
            raise ValueError(f"it fills a {kind.__name__} that is none")
        return self.stack[-1]

    def set_items(self, pairs: list[Any]) -> None:
        """Put keys and values, in turn, into the dictionary on top."""
        filled = self.top(dict)
        keys, values = pairs[::2], pairs[1::2]
        if len(keys) != len(values) or not all(isinstance(key, str | bytes) for key in keys):
            raise ValueError("a dictionary has keys that are no text")
        filled.update(zip(keys, values, strict=True))

    def call(self) -> None:
        arguments, called = self.pop(), self.pop()
        if type(called) is not _Kept or type(arguments) is not tuple:
            raise ValueError("it calls what is no name")
        kept = _Kept(called.name, arguments)
        # Python 3 writes bytes as such a call for readers of protocol 2.
        self.push(self.made(_bytes(kept)) if called.name == "encode" else kept)

    def made(self, content: bytes) -> bytes:
        """The bytes themselves, after counting them."""
        self.room -= len(content)
        if self.room < 0:
            raise ValueError("it makes more bytes than it has")
        return content

    def name(self, module: Any, name: Any) -> None:
        """Push a placeholder for a function that is admitted."""
        if (module, name) not in _ADMITTED:
            raise _Refused(repr(f"{module}.{name}"[:120]))
        self.push(_Kept(name))

    def build(self) -> None:
        state = self.pop()
        self.top(_Kept).state = state

    def remember(self, number: int) -> None:
        """Remember the value on top; writers number these one by one."""
        if number >= MOST_OPERATIONS:
            raise ValueError(f"it remembers a value at place {number}")
        self.memo[number] = self.stack[-1]

    def empty(self, kind: type) -> None:
        """Push a list or a dictionary that is filled at once with the values above the last mark."""
        values = self.to_mark()
        self.push(kind())
        self.set_items(values) if kind is dict else self.stack[-1].extend(values)


def _run(content: bytes) -> Any:
    """The value that the program leaves on the stack when it stops."""
    machine = _Machine(room=len(content))
    for done, (operation, argument, _) in enumerate(pickletools.genops(content)):
        if done >= MOST_OPERATIONS:
            raise ValueError(f"it takes more than {MOST_OPERATIONS} operations")
        if operation.name == "STOP":
            return machine.pop()
        if operation.name in _CONSTANTS:
            machine.push(_CONSTANTS[operation.name])
        elif operation.name in _LITERALS:
            machine.push(argument)
        elif operation.name in _OPERATIONS:
            _OPERATIONS[operation.name](machine, argument)
        else:
            raise _Refused(f"the operation {operation.name}")
    raise ValueError("it does not stop")


_CONSTANTS: Mapping[str, Any] = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False, "EMPTY_TUPLE": ()}

_LITERALS = frozenset(
    {"INT", "BININT", "BININT1", "BININT2", "LONG", "LONG1", "LONG4", "FLOAT", "BINFLOAT"}
    | {"UNICODE", "BINUNICODE", "SHORT_BINUNICODE", "BINUNICODE8", "BINBYTES", "SHORT_BINBYTES", "BINBYTES8"}
    | {"BYTEARRAY8"}
)


def _latin(machine: _Machine, argument: Any) -> None:
    """Push text of Python 2, which the parser decodes as Latin-1, as the bytes that it was."""
    machine.push(argument.encode("latin1"))


_OPERATIONS: Mapping[str, Callable[[_Machine, Any], None]] = {
    "PROTO": lambda _machine, _: None,
    "FRAME": lambda _machine, _: None,
    "MARK": lambda machine, _: machine.marks.append(len(machine.stack)),
    "POP": lambda machine, _: machine.pop(),
    "STRING": _latin,
    "BINSTRING": _latin,
    "SHORT_BINSTRING": _latin,
    "EMPTY_LIST": lambda machine, _: machine.push([]),
    "EMPTY_DICT": lambda machine, _: machine.push({}),
    "LIST": lambda machine, _: machine.empty(list),
    "DICT": lambda machine, _: machine.empty(dict),
    "TUPLE": lambda machine, _: machine.push(tuple(machine.to_mark())),
    "TUPLE1": lambda machine, _: machine.push((machine.pop(),)),
    "TUPLE2": lambda machine, _: machine.push(tuple(reversed([machine.pop() for _ in range(2)]))),
    "TUPLE3": lambda machine, _: machine.push(tuple(reversed([machine.pop() for _ in range(3)]))),
    "APPEND": lambda machine, _: _append(machine, [machine.pop()]),
    "APPENDS": lambda machine, _: _append(machine, machine.to_mark()),
    "SETITEM": lambda machine, _: machine.set_items(list(reversed([machine.pop() for _ in range(2)]))),
    "SETITEMS": lambda machine, _: machine.set_items(machine.to_mark()),
    "PUT": lambda machine, number: machine.remember(number),
    "BINPUT": lambda machine, number: machine.remember(number),
    "LONG_BINPUT": lambda machine, number: machine.remember(number),
    "MEMOIZE": lambda machine, _: machine.remember(len(machine.memo)),
    "GET": lambda machine, number: machine.push(machine.memo[number]),
    "BINGET": lambda machine, number: machine.push(machine.memo[number]),
    "LONG_BINGET": lambda machine, number: machine.push(machine.memo[number]),
    "GLOBAL": lambda machine, names: machine.name(*names.split(" ", 1)),
    "STACK_GLOBAL": lambda machine, _: machine.name(*reversed([machine.pop() for _ in range(2)])),
    "REDUCE": lambda machine, _: machine.call(),
    "BUILD": lambda machine, _: machine.build(),
}
"""What the machine does for each operation, other than pushing the operation's own argument."""


def _append(machine: _Machine, values: list[Any]) -> None:
    machine.top(list).extend(values)


def _array(value: Any) -> Integers:
    match value:
        case _Kept("_reconstruct", state=(_, tuple() as shape, _Kept("dtype") as kind, bool() | int() as fortran, raw)):
            dtype, content = _dtype(kind), _bytes(raw)
        case _Kept("_frombuffer", (raw, _Kept("dtype") as kind, tuple() as shape, "C" | "F" as order)):
            dtype, content, fortran = _dtype(kind), _bytes(raw), order == "F"
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
    """The integer dtype that is described, in the byte order of its state."""
    match kept:
        case _Kept(arguments=(code, *_), state=(_, order, *_)):
            name = text(order) + text(code)
            if re.fullmatch(r"[<>|=][iu][1248]", name):
                return np.dtype(name)
    raise _NotIntegersError


def _bytes(raw: Any) -> bytes:
    """The bytes themselves, or text in the encoding in which Python 3 writes bytes for Python 2."""
    match raw:
        case bytes() | bytearray():
            return bytes(raw)
        case _Kept("encode", (str() as characters, str() | bytes() as codec)) if text(codec) == "latin1":
            try:
                return characters.encode("latin1")
            except UnicodeEncodeError as problem:
                raise _NotIntegersError from problem
    raise _NotIntegersError
