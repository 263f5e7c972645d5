"""Outputs of a described network, and their gradients in the inputs."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeAlias

import numpy as np

from numerics.arrays import Floats
from purecheck.networks.description import Layer, Network
from purecheck.networks.units import JUMPING, smoothed_slope

Pullback: TypeAlias = Callable[[Floats], Floats]
"""From a cotangent of the outputs `(n, q)` to the gradient in the inputs `(n, d)`."""


class Differentiable(Protocol):
    """What is attacked: outputs `(n, q)` at inputs `(n, d)`, and gradients."""

    @property
    def jumps(self) -> bool:
        """Whether it has jumps that gradients see only through a smoothed window."""
        ...

    def outputs(self, Z: Floats) -> Floats:
        """Outputs `(n, q)`."""
        ...

    def linearise(self, Z: Floats, smoothing: float | None = None) -> tuple[Floats, Pullback]:
        """Outputs `(n, q)` and what pulls their cotangents back to the inputs.

        `smoothing` is the width of the window at jumps, as a share of the thresholds; None holds gates fixed.
        """
        ...


@dataclass(frozen=True, eq=False)
class Described:
    """A described network as something to attack."""

    network: Network

    @property
    def jumps(self) -> bool:
        """Whether a unit jumps."""
        return any(layer.activation in JUMPING for layer in self.network.layers)

    def outputs(self, Z: Floats) -> Floats:
        """Outputs `(n, q)` at inputs `(n, d)`."""
        return values_below(self.network, len(self.network.layers), Z)

    def linearise(self, Z: Floats, smoothing: float | None = None) -> tuple[Floats, Pullback]:
        """Outputs, and their gradients; at jumps those of gates smoothed over that share of their thresholds."""
        slopes = []
        for layer in self.network.layers:
            V = preactivations(layer, Z)
            Z, slope = layer.unit.both(V)
            if smoothing is not None and layer.activation in JUMPING:
                # a node without a threshold never jumps by much: any width above 0 will do
                width = smoothing * np.where(layer.threshold > 0, layer.threshold, 1.0)
                slope = smoothed_slope(layer.activation, V, layer.threshold, width)
            slopes.append(slope)

        def pull(cotangent: Floats) -> Floats:
            for layer, slope in zip(reversed(self.network.layers), reversed(slopes), strict=True):
                cotangent = (cotangent * slope) @ layer.W.T
            return cotangent

        return Z, pull


def preactivations(layer: Layer, Z: Floats) -> Floats:
    """What the nodes of a layer see of its inputs `(n, inputs)`, `(n, nodes)`."""
    return np.asarray(Z @ layer.W + layer.bias)


def values_below(network: Network, place: int, Z: Floats) -> Floats:
    """What the first `place` layers make of inputs `(n, d)`: the inputs of layer `place`."""
    for layer in network.layers[:place]:
        Z = layer.unit.value(preactivations(layer, Z))
    return Z
