"""Tensors of a file by their names without the wrappers of frameworks, with account of those that were not used."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numerics.arrays import Floats

LARGEST = 1e30
"""Weights, heads, observations and targets up to this size keep every squared loss finite in float64."""

LEAST = LARGEST**-2
"""What the largest of them must reach: products of a weight, a head and an amplitude keep their squares above 0."""

_WRAPPERS = ("module.", "_orig_mod.")
"""What `DataParallel` and `torch.compile` put before every name."""


def plain_name(name: str) -> str:
    """The name of a tensor without wrappers and without the `:0` of TensorFlow."""
    while name.startswith(_WRAPPERS):
        name = name.split(".", 1)[1]
    return name.removesuffix(":0")


class Tensors:
    """The tensors of a file; each is taken once, and none may be left.

    Parameters
    ----------
    found
        Arrays by name.
    file
        Name of the file, for messages.

    Raises
    ------
    ValueError
        If two names differ only by wrappers.
    """

    def __init__(self, found: Mapping[str, NDArray[Any]], file: str) -> None:
        self.file = file
        self._left: dict[str, NDArray[Any]] = {}
        for name, value in found.items():
            if plain_name(name) in self._left:
                raise ValueError(f"{file} holds two tensors called {plain_name(name)!r}; expected each once")
            self._left[plain_name(name)] = value

    def __contains__(self, name: str) -> bool:
        return name in self._left

    def names(self) -> tuple[str, ...]:
        """The names that were not taken yet."""
        return tuple(self._left)

    def shape(self, name: str) -> tuple[int, ...]:
        """The shape of a tensor that was not taken yet.

        Raises
        ------
        ValueError
            If there is none of that name.
        """
        if name not in self._left:
            raise ValueError(f"there is no tensor {name!r}; expected one of {', '.join(sorted(self._left)[:12])}")
        return tuple(self._left[name].shape)

    def raw(self, name: str) -> NDArray[Any]:
        """Take a tensor as it is stored."""
        self.shape(name)
        return self._left.pop(name)

    def take(self, name: str, *shape: int) -> Floats:
        """Take a tensor as finite numbers of 64 bits; its shape must be `shape` if that is given.

        Raises
        ------
        ValueError
            If there is none, or it has another shape, or entries that are not finite numbers.
        """
        if shape and self.shape(name) != shape:
            raise ValueError(f"{name!r} has shape {self.shape(name)}; expected {shape}, real numbers")
        return finite_numbers(repr(name), self.raw(name))

    def require_all_taken(self, understood: str) -> None:
        """Refuse the file where a tensor was not taken, for it may change what the network computes.

        Raises
        ------
        ValueError
            If tensors are left; the message names them.
        """
        if self._left:
            names = ", ".join(f"{name[:60]!r} {tuple(value.shape)}" for name, value in sorted(self._left.items())[:12])
            raise ValueError(f"{self.file} holds tensors that are not understood: {names}; expected only {understood}")


def finite_numbers(name: str, found: NDArray[Any], least: float = LEAST) -> Floats:
    """`found` in float64.

    Parameters
    ----------
    name
        For messages.
    found
        Any array.
    least
        Lower limit on the largest entry, if that is not 0.

    Raises
    ------
    ValueError
        If it is not an array of real numbers, all finite at most `LARGEST`, and not all of them below `least`.
    """
    if found.dtype.kind not in "biuf":
        raise ValueError(f"{name} has dtype {found.dtype}; expected real numbers")
    with np.errstate(over="ignore"):  # what overflows is refused just below
        values = found.astype(np.float64)
    largest = np.max(np.abs(values), initial=0.0)
    if not largest <= LARGEST:
        raise ValueError(f"{name} has entries that are not finite or above {LARGEST:g}; expected finite numbers")
    if 0 < largest < least:
        raise ValueError(
            f"{name} has no entry above {largest:.3g}; expected numbers of at least {least:g}, whose squares are "
            "not lost: scale it"
        )
    return values
