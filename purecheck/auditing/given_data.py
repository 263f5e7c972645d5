"""Inputs, labels and a dictionary of the user: from `.npy` files or arrays."""

from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from numerics.arrays import Floats
from purecheck.io.untrusted import LIMIT, read_npy
from purecheck.networks.tensors import finite_numbers


def read_array(path: Path, limit: int = LIMIT) -> NDArray[Any]:
    """The array in an `.npy` file.

    Raises
    ------
    ValueError
        If the file is broken, too large, or holds something else.
    """
    return read_npy(path, limit)


def inputs_of(found: NDArray[Any], d: int | None) -> Floats:
    """Inputs as rows `(n, d)`; images and other inputs of several sides become rows.

    Parameters
    ----------
    found
        `(n, ...)`.
    d
        Number of coordinates that the network takes; None for any.

    Raises
    ------
    ValueError
        If there are fewer than two, or they have another number of coordinates, or entries that are not finite.
    """
    values = finite_numbers("inputs", found, least=0.0)
    if values.ndim < 2 or len(values) < 2 or not values.size:
        raise ValueError(f"inputs have shape {values.shape}; expected (n, d) with n at least 2")
    rows = values.reshape(len(values), -1)
    if d is not None and rows.shape[1] != d:
        raise ValueError(f"inputs have shape {values.shape}; expected {d} coordinates each, as the network takes")
    return rows


def require_one_label_each(labels: NDArray[Any], n: int) -> None:
    """Refuse labels that are not one for each of `n` inputs.

    Raises
    ------
    ValueError
        With the shape of the labels.
    """
    if labels.ndim not in (1, 2) or len(labels) != n:
        raise ValueError(f"labels have shape {labels.shape} for {n} inputs; expected one label for each input")
