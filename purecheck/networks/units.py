"""What a node of a given network applies to its preactivation: a positive list of names."""

from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

from array_api_compat import array_namespace

from numerics.activations import THRESHOLDED, Activation, ActivationName, LeakyReLU, activation
from numerics.arrays import Floats
from numerics.attacks.smoothing import smoothed_gate_slope
from numerics.backend import Array

UnitName: TypeAlias = ActivationName | Literal["jump_relu", "identity"]
UNITS: tuple[UnitName, ...] = (*get_args(ActivationName), "jump_relu", "identity")
"""Activations of the theory, the one-sided gate of sparse autoencoders, and none at all."""

LEAKY_SLOPE = 0.01
"""Slope of a leaky ReLU for negative preactivations: the default of PyTorch, and that of `numerics.activations`."""
JUMPING: tuple[UnitName, ...] = ("gate", "jump_relu")
"""Units that jump at their threshold, which a gradient does not see."""


@dataclass(frozen=True)
class JumpReLU:
    """`v 1{v > b}`: the gate of this theory on one side.

    References
    ----------
    S. Rajamanoharan et al., "Jumping ahead: improving reconstruction fidelity with JumpReLU sparse
    autoencoders" (2024).
    """

    b: float | Array

    leak = 0.0

    def value(self, v: Array) -> Array:
        """`v 1{v > b}`."""
        return v * self.derivative(v)

    def derivative(self, v: Array) -> Array:
        """`1{v > b}`; it does not see the jump."""
        return array_namespace(v).astype(v > self.b, v.dtype)

    def both(self, v: Array) -> tuple[Array, Array]:
        """Value and derivative."""
        slope = self.derivative(v)
        return v * slope, slope


@dataclass(frozen=True)
class Identity:
    """`v`: a linear map without an activation."""

    leak = 1.0

    def value(self, v: Array) -> Array:
        """`v`."""
        return v

    def derivative(self, v: Array) -> Array:
        """1."""
        return array_namespace(v).ones_like(v)

    def both(self, v: Array) -> tuple[Array, Array]:
        """Value and derivative."""
        return v, self.derivative(v)


def unit(name: UnitName, threshold: Floats | float = 0.0, slope: float = LEAKY_SLOPE) -> Activation:
    """The unit called `name`.

    Parameters
    ----------
    name
        Out of `UNITS`.
    threshold
        Of units that have one.
    slope
        Of a leaky ReLU.
    """
    match name:
        case "identity":
            return Identity()
        case "jump_relu":
            return JumpReLU(threshold)
        case "leaky_relu":
            return LeakyReLU(slope)
        case _:
            return activation(name, threshold)


def has_threshold(name: UnitName) -> bool:
    """Whether the unit has a threshold."""
    return name in THRESHOLDED or name == "jump_relu"


def expect_unit(name: str, argument: str = "activation") -> UnitName:
    """`name`, given as `argument`.

    Raises
    ------
    ValueError
        If it is the name of no unit.
    """
    for known in UNITS:
        if name == known:
            return known
    raise ValueError(f"{argument} is {name[:40]!r}; expected one of {', '.join(UNITS)}")


def smoothed_slope(name: UnitName, v: Array, b: Array, width: Array) -> Array:
    """The derivative in `v` of a unit in `JUMPING` whose jump is spread over the preactivations within `width` of it.

    The gate is `v s((|v| - b)/width)` with the logistic function `s`, the one-sided gate `v s((v - b)/width)`.
    """
    if name == "gate":
        return smoothed_gate_slope(v, b, width)
    window = 0.5 + 0.5 * array_namespace(v).tanh((v - b) / (2 * width))
    return window + v * window * (1 - window) / width
