"""State dicts of linear layers: which tensor is which layer, in which order, in which orientation.

A `weight` is kept as `(outputs, inputs)`, as PyTorch does, a `kernel` as `(inputs, outputs)`, as Keras and Flax do. The
order is that of the numbers in the names; where names are not numbered, the only order in which the shapes fit. What
fits in no way or in several is refused, and so is a file with a tensor that is neither weight nor bias.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise, permutations

from numerics.arrays import Floats
from purecheck.networks.description import Layer, Network, linear, network_of, with_unit
from purecheck.networks.tensors import Tensors
from purecheck.networks.units import UnitName, has_threshold

_MOST_UNNUMBERED = 6
"""Layers whose order may follow from shapes alone: 720 orders are tried."""
_UNDERSTOOD = (
    "weights (weight or kernel) and biases of linear layers, thresholds named by --threshold, and a dictionary M"
)


@dataclass(frozen=True)
class Names:
    """Names of tensors; None where they follow from names and shapes, or for no thresholds.

    Attributes
    ----------
    layer, head
        Weights of the hidden layer that is audited, and of the last one.
    threshold
        Thresholds `(H,)` of the hidden layer.
    """

    layer: str | None = None
    head: str | None = None
    threshold: str | None = None


def from_state_dict(tensors: Tensors, names: Names, activation: UnitName, b: float | None = None) -> Network:
    """The network of linear layers in `tensors`, each but the last followed by `activation`.

    Parameters
    ----------
    tensors
        Every one of which must be understood.
    names
        Of some of them.
    activation
        Of every hidden layer.
    b
        Threshold of every hidden node where the file names none; None for 0.

    Raises
    ------
    ValueError
        If the tensors are not those of one such network; the message names those that are in question.
    """
    if b is not None and not has_threshold(activation):
        raise ValueError(f"b is {b}; expected none: {activation} has no thresholds")
    dictionary = tensors.take("M") if "M" in tensors else None
    layers = [_layer(tensors, name) for name in _order(tensors, names)]
    hidden = [with_unit(layer, activation, 0.0 if b is None else b) for layer in layers[:-1]]
    if names.threshold:
        if len(hidden) != 1 or not has_threshold(activation):
            raise ValueError(
                f"--threshold is {names.threshold!r}; expected none: the file holds {len(hidden)} hidden layers of "
                f"{activation}"
            )
        hidden = [_thresholded(hidden[0], tensors, names.threshold)]
    tensors.require_all_taken(_UNDERSTOOD)
    return network_of([*hidden, layers[-1]], dictionary)


def _thresholded(layer: Layer, tensors: Tensors, name: str) -> Layer:
    """The layer with the thresholds called `name`, which may have been stored as its bias."""
    if name not in tensors and name == bias_name(layer.name):
        return with_unit(linear(layer.name, layer.W), layer.activation, layer.bias)
    return with_unit(layer, layer.activation, tensors.take(name, len(layer.bias)))


def bias_name(weight: str) -> str:
    """The name of the bias beside the weights called `weight`."""
    return re.sub(r"(weight|kernel)$", "bias", weight)


def _layer(tensors: Tensors, name: str) -> Layer:
    """The affine map with the weights called `name`."""
    W = _oriented(name, tensors.take(name))
    bias = bias_name(name)
    return linear(name, W, tensors.take(bias, W.shape[1]) if bias != name and bias in tensors else None)


def _is_kernel(name: str) -> bool:
    return name.endswith("kernel")


def _oriented(name: str, found: Floats) -> Floats:
    return found if _is_kernel(name) else found.T


def _order(tensors: Tensors, names: Names) -> tuple[str, ...]:
    """The names of all weights from the input to the outputs."""
    matrices = _matrices(tensors, names)
    if names.layer and names.head and len(matrices) == 2:
        orders: Iterable[Sequence[str]] = [(names.layer, names.head)]
    else:
        numbered = _by_number(matrices)
        if numbered is None and len(matrices) > _MOST_UNNUMBERED:
            raise ValueError(
                f"{tensors.file} holds {len(matrices)} weights without numbers; expected numbered names, such as "
                f"0.weight: {', '.join(matrices[:12])}"
            )
        orders = permutations(matrices) if numbered is None else [numbered]
    fitting = [tuple(order) for order in orders if _fits(tensors, order, names)]
    if len(fitting) != 1:
        shown = matrices or [name for name in tensors.names() if len(tensors.shape(name)) == 2]
        told = ", ".join(f"{name!r} {tensors.shape(name)}" for name in shown[:12]) or "a file without matrices"
        why = "several orders fit" if fitting else "no order fits" if matrices else "none is called weight or kernel"
        raise ValueError(
            f"layer and head do not follow from {told}: {why}; expected weights (outputs, inputs) or kernels (inputs, "
            "outputs) that fit together, --layer and --head to name the first and the last"
        )
    return fitting[0]


def _matrices(tensors: Tensors, names: Names) -> list[str]:
    """The names of all weights; those that the user gave may have any name."""
    given = [name for name in (names.layer, names.head) if name]
    for name in given:
        if len(tensors.shape(name)) != 2:
            raise ValueError(f"{name!r} has shape {tensors.shape(name)}; expected (outputs, inputs)")
    found = [
        name
        for name in tensors.names()
        if len(tensors.shape(name)) == 2 and re.search(r"(^|[./])(weight|kernel)$", name)
    ]
    return sorted({*found, *given})


def _fits(tensors: Tensors, order: Sequence[str], names: Names) -> bool:
    """Whether each layer has as many inputs as the one before it outputs, and the names given are in their places."""
    if len(order) < 2 or (names.head and order[-1] != names.head) or names.layer == order[-1]:
        return False
    sides = [_sides(tensors, name) for name in order]
    return all(before[1] == after[0] for before, after in pairwise(sides))


def _sides(tensors: Tensors, name: str) -> tuple[int, ...]:
    """Numbers of inputs and outputs of a linear map."""
    shape = tensors.shape(name)
    return shape if _is_kernel(name) else shape[::-1]


def _by_number(names: Sequence[str]) -> list[str] | None:
    """The names in the order of their numbers, none (Keras) first; None where the names differ by more than numbers."""
    if len({re.sub(r"_?\d+", "", name) for name in names}) > 1:
        return None
    return sorted(names, key=lambda name: [int(digits) for digits in re.findall(r"\d+", name)])
