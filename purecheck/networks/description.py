"""A network as it computes: affine maps with a unit behind each, from the input to the outputs."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numerics.activations import Activation
from numerics.arrays import Floats
from purecheck.networks.units import LEAKY_SLOPE, UnitName, has_threshold, unit


@dataclass(frozen=True, eq=False)
class Layer:
    """One layer: `unit(z W + bias)`.

    Attributes
    ----------
    name
        Of its weights in the file.
    W, bias
        Weights `(inputs, nodes)` and biases `(nodes,)`.
    activation
        Name of the unit.
    threshold
        Thresholds `(nodes,)`; 0 where the unit has none.
    slope
        Of a leaky ReLU for negative preactivations.
    """

    name: str
    W: Floats
    bias: Floats
    activation: UnitName
    threshold: Floats
    slope: float = LEAKY_SLOPE

    @property
    def unit(self) -> Activation:
        """What its nodes apply to their preactivations."""
        return unit(self.activation, self.threshold, self.slope)

    @property
    def opening(self) -> Floats | None:
        """The least `w^T z` at which a node opens, `(nodes,)`: its threshold less its bias; None for smooth units."""
        if has_threshold(self.activation) or self.activation in ("relu", "leaky_relu"):
            return np.asarray(self.threshold - self.bias)
        return None


@dataclass(frozen=True, eq=False)
class Network:
    """Layers from the input to the outputs; the last has no unit.

    Attributes
    ----------
    layers
        In the order in which they are applied, at least one.
    M
        Orthogonal dictionary `(d, d)` of the inputs; None where there is none.
    autoencoder
        Whether the outputs are meant to be the inputs.
    classes
        Labels of the outputs, in their order, where they are known; two for one output with a sign.
    """

    layers: tuple[Layer, ...]
    M: Floats | None = None
    autoencoder: bool = False
    classes: NDArray[Any] | None = None

    @property
    def inputs(self) -> int:
        """Number of coordinates of an input."""
        return int(self.layers[0].W.shape[0])

    @property
    def outputs(self) -> int:
        """Number of outputs."""
        return int(self.layers[-1].W.shape[1])

    @property
    def hidden(self) -> tuple[Layer, ...]:
        """Layers with units."""
        return self.layers[:-1]

    def place(self, layer: str | None) -> int:
        """The index of the hidden layer that is audited.

        Parameters
        ----------
        layer
            Its name; None for the only one.

        Raises
        ------
        ValueError
            If there is no hidden layer, no such one, or more than one and no name.
        """
        names = [one.name for one in self.hidden]
        if not names:
            raise ValueError("the network has no hidden layer; expected a layer with an activation before the outputs")
        if layer is None and len(names) > 1:
            raise ValueError(f"the network has {len(names)} hidden layers; expected --layer, one of {', '.join(names)}")
        if layer is not None and layer not in names:
            raise ValueError(f"layer is {layer!r}; expected one of the hidden layers, {', '.join(names)}")
        return 0 if layer is None else names.index(layer)


def linear(name: str, W: Floats, bias: Floats | None = None) -> Layer:
    """A layer without a unit; its bias is 0 where None."""
    nodes = W.shape[1]
    return Layer(name, W, np.zeros(nodes) if bias is None else bias, "identity", np.zeros(nodes))


def with_unit(layer: Layer, activation: UnitName, threshold: Floats | float = 0.0, slope: float = LEAKY_SLOPE) -> Layer:
    """The affine map of `layer` with a unit behind it."""
    return replace(
        layer, activation=activation, threshold=np.broadcast_to(threshold, layer.bias.shape).astype(float), slope=slope
    )


def network_of(layers: list[Layer], M: Floats | None = None, *, autoencoder: bool = False) -> Network:
    """The network of `layers`, where affine maps that follow one another are made one.

    Raises
    ------
    ValueError
        If there are none, two that follow one another do not fit, or the last one has a unit.
    """
    if not layers:
        raise ValueError("the network has no layers; expected at least one linear map")
    joined: list[Layer] = []
    for layer in layers:
        if joined and joined[-1].W.shape[1] != layer.W.shape[0]:
            raise ValueError(
                f"{joined[-1].name!r} has {joined[-1].W.shape[1]} outputs and {layer.name!r} {layer.W.shape[0]} inputs;"
                " expected the same number"
            )
        if joined and joined[-1].activation == "identity":
            before = joined.pop()
            joined.append(replace(layer, W=before.W @ layer.W, bias=before.bias @ layer.W + layer.bias))
        else:
            joined.append(layer)
    if joined[-1].activation != "identity":
        raise ValueError(
            f"{joined[-1].name!r} is the last layer and has the activation {joined[-1].activation}; expected outputs "
            "without one, such as logits"
        )
    return Network(tuple(joined), M, autoencoder)
