"""The network in a file, by the ending of its name."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from purecheck.io.untrusted import LIMIT, read_npz, read_safetensors
from purecheck.networks.autoencoder import from_autoencoder, is_autoencoder
from purecheck.networks.description import Network
from purecheck.networks.estimators import from_arrays_of_estimator, is_arrays_of_estimator, read_skops
from purecheck.networks.onnx_graph import read_onnx
from purecheck.networks.pytorch_file import read_pt
from purecheck.networks.state_dict import Names, from_state_dict
from purecheck.networks.tensors import Tensors
from purecheck.networks.units import UnitName, expect_unit

STATE_DICTS = (".safetensors", ".pt", ".pth")
WHOLE = (".onnx", ".skops")
"""Files that name their activations, and leave nothing open."""
SUFFIXES = (".npz", *STATE_DICTS, *WHOLE)


def read_described(
    path: Path, *, names: Names, activation: str | None = None, b: float | None = None, limit: int = LIMIT
) -> Network:
    """The network in a file of a framework.

    Parameters
    ----------
    path
        A state dict (`.safetensors`, `.pt`, `.pth`), a sparse autoencoder in one of these or in `.npz`, arrays of a
        scikit-learn perceptron (`.npz`), a skops file or an ONNX graph.
    names
        Of tensors in a state dict.
    activation
        Of every hidden layer where the file names none; None for the gate.
    b
        Threshold of every hidden node where the file holds none.
    limit
        Bytes of arrays that the file may declare.

    Raises
    ------
    ValueError
        If the file is broken, holds anything that is not understood, or an option is given that nothing reads.
    """
    if path.suffix in WHOLE:
        _require_none(path, activation=activation, b=b, **vars(names))
        return read_onnx(path, limit) if path.suffix == ".onnx" else read_skops(path, limit)
    tensors = Tensors(_arrays(path, limit), path.name)
    if is_autoencoder(tensors):
        _require_none(path, activation=activation, b=b, **vars(names))
        return from_autoencoder(tensors)
    if is_arrays_of_estimator(tensors):
        _require_none(path, b=b, **vars(names))
        return from_arrays_of_estimator(tensors, _activation(tensors, activation))
    return from_state_dict(tensors, names, expect_unit(activation or "gate"), b)


def is_theorys(path: Path, arrays: dict[str, NDArray[Any]]) -> bool:
    """Whether the arrays of an `.npz` are those of the theory, rather than those of a framework."""
    return path.suffix not in (*STATE_DICTS, *WHOLE) and not {"W_enc", "coefs_0"} & set(arrays)


def _arrays(path: Path, limit: int) -> dict[str, NDArray[Any]]:
    match path.suffix:
        case ".safetensors":
            return read_safetensors(path, limit)
        case ".pt" | ".pth":
            return read_pt(path, limit)
        case _:
            return read_npz(path, limit)


def _activation(tensors: Tensors, given: str | None) -> UnitName:
    """The activation that the file names, else the one that was given."""
    if "activation" not in tensors:
        if given is None:
            raise ValueError(f"{tensors.file} names no activation; expected --activation")
        return expect_unit(given)
    if given:
        raise ValueError(f"--activation is {given}; expected none, for {tensors.file} names its own")
    return expect_unit(str(np.asarray(tensors.raw("activation")).item()))


def _require_none(path: Path, **given: Any) -> None:
    """Refuse options that the file leaves no room for."""
    for name, value in given.items():
        if value is not None:
            raise ValueError(f"--{name} is {value}; expected none: {path.name} says itself what it computes")
