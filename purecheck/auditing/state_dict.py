"""A PyTorch `state_dict` with a hidden layer: which tensors are meant, and what biases mean.

A layer of PyTorch applies its activation to `w^T z + c`. The networks of the theory have thresholds in place of the
bias `c`, so a bias has a meaning only where it is one: if `c <= 0`, `(v + c)_+` is the biased ReLU of threshold `-c`.
The bias of the head adds a constant to the output, with every activation.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numerics.activations import THRESHOLDED, ActivationName
from purecheck.io.untrusted import Arrays


@dataclass(frozen=True)
class Names:
    """Names of tensors; None where they follow from the shapes, or for no thresholds.

    Attributes
    ----------
    layer, head
        Weights `(H, d)` and `(q, H)`.
    threshold
        Thresholds `(H,)`.
    """

    layer: str | None = None
    head: str | None = None
    threshold: str | None = None


def from_state_dict(tensors: Arrays, names: Names, activation: ActivationName) -> Arrays:
    """The tensors under the names of an `.npz`, and `offset`; PyTorch keeps a linear map as `(outputs, inputs)`.

    Raises
    ------
    ValueError
        If the tensors are not those of one network, or the layer has a bias that is no threshold.
    """
    layer, head = _linear_maps(tensors, names.layer, names.head)
    W, C = _matrix(tensors, layer), _matrix(tensors, head)
    named = {"W": W.T, "C": C.T} | {name: tensors[name] for name in ("M",) if name in tensors}
    if (bias := _bias_of(head)) in tensors:
        named["offset"] = _vector(tensors, bias, len(C))
    if names.threshold:
        named["b"] = _tensor(tensors, names.threshold)
    bias = _bias_of(layer)
    if bias == names.threshold or bias not in tensors or not np.any(c := _vector(tensors, bias, len(W))):
        return named | {"activation": np.asarray(activation)}
    if names.threshold:
        raise ValueError(f"{bias!r} is not zero; expected zero beside the thresholds {names.threshold!r}")
    return named | _thresholds_of(bias, c, activation)


def _thresholds_of(bias: str, c: NDArray[Any], activation: ActivationName) -> Arrays:
    """The thresholds that a bias which is not zero stands for."""
    if activation not in ("relu", "biased_relu"):
        thresholds = "but thresholds, see --threshold and --b" if activation in THRESHOLDED else "in the theory"
        raise ValueError(f"{bias!r} is not zero; expected zero: the {activation} has no bias {thresholds}")
    if not np.all(c <= 0):
        raise ValueError(
            f"{bias!r} has the entry {np.max(c)}; expected none above 0: a ReLU with a bias c is one of threshold -c"
        )
    return {"b": -c, "activation": np.asarray("biased_relu")}


def _linear_maps(tensors: Arrays, layer: str | None, head: str | None) -> tuple[str, str]:
    """The names of layer and head: as given, else the only two matrices `(H, d)` and `(q, H)` that fit together."""
    matrices = [name for name, value in tensors.items() if value.ndim == 2]
    fitting = [
        (first, last)
        for first in ([layer] if layer else matrices)
        for last in ([head] if head else matrices)
        if first != last and _tensor(tensors, last).shape[-1:] == _tensor(tensors, first).shape[:1]
    ]
    if len(fitting) != 1:
        names = ", ".join(f"{name!r} {tensors[name].shape}" for name in sorted(matrices)[:12])
        raise ValueError(f"layer and head do not follow from the shapes; expected --layer and --head out of {names}")
    return fitting[0]


def _bias_of(weight: str) -> str:
    return weight.removesuffix("weight") + "bias"


def _matrix(tensors: Arrays, name: str) -> NDArray[Any]:
    found = _tensor(tensors, name)
    if found.ndim != 2:
        raise ValueError(f"{name!r} has shape {found.shape}; expected (outputs, inputs)")
    return found


def _vector(tensors: Arrays, name: str, size: int) -> NDArray[Any]:
    found = tensors[name]
    if found.shape != (size,) or found.dtype.kind != "f":
        raise ValueError(f"{name!r} has shape {found.shape} and dtype {found.dtype}; expected ({size},), real numbers")
    return found


def _tensor(tensors: Arrays, name: str) -> NDArray[Any]:
    if name not in tensors:
        raise ValueError(f"there is no tensor {name!r}; expected one of {', '.join(sorted(tensors)[:12])}")
    return tensors[name]
