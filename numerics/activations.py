"""Activations of a node: value, derivative, and leak, the derivative at zero (claims A1 and A2).

The pre-activation of an inactive pure node consists of noise and the attack alone, so the activation matters near zero.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from math import pi, sqrt
from typing import Literal, Protocol, TypeAlias, get_args

import array_api_compat
import numpy as np
from array_api_compat import array_namespace
from scipy.special import ndtr

from numerics.backend import Array, to_namespace_of, to_numpy


class Activation(Protocol):
    """The interface of an activation; each method returns an array of the shape of its argument."""

    def value(self, v: Array) -> Array:
        """Return ``act(v)``."""

    def derivative(self, v: Array) -> Array:
        """Return ``act'(v)``; at a jump or a kink the value of one side."""

    def both(self, v: Array) -> tuple[Array, Array]:
        """Return ``act(v)`` and ``act'(v)``, computed together where they share work."""

    @property
    def leak(self) -> float:
        """The share of an infinitesimal attack that passes through an inactive node, ``act'(0)``.

        At a kink it is the mean of both slopes, which is the mean slope under symmetric noise.
        """


class _ThroughOrigin:
    """Base of activations whose pieces are lines through the origin: ``act(v) = v act'(v)``."""

    def value(self: Activation, v: Array) -> Array:
        """Return ``v act'(v)``."""
        return v * self.derivative(v)

    def both(self: Activation, v: Array) -> tuple[Array, Array]:
        """Return value and derivative."""
        slope = self.derivative(v)
        return v * slope, slope


class _InTwoCalls:
    """Base of activations whose value and derivative share no costly computation."""

    def both(self: Activation, v: Array) -> tuple[Array, Array]:
        """Return value and derivative."""
        return self.value(v), self.derivative(v)


@dataclass(frozen=True)
class _Thresholded:
    """Base of activations that are constant up to a threshold.

    Attributes
    ----------
    b : float or array
        Threshold, above 0; or thresholds of at least 0 that broadcast to the pre-activations.
    """

    b: float | Array

    def __post_init__(self) -> None:
        if isinstance(self.b, int | float) and not self.b > 0:
            raise ValueError(f"b is {self.b}; expected a threshold above 0")

    @property
    def leak(self) -> float:
        """0, since the activation is constant up to the threshold."""
        return 0.0


def fires(v: Array, b: float | Array) -> Array:
    """Return where the gate is open, ``|v| >= b``: booleans of the shape of `v`."""
    return array_namespace(v).abs(v) >= b


@dataclass(frozen=True)
class Gate(_Thresholded, _ThroughOrigin):
    """``v 1{|v| >= b}``, the gate of the model: hard thresholding. Its derivative ignores the jumps."""

    def derivative(self, v: Array) -> Array:
        """Return ``1{|v| >= b}``."""
        return _indicator(fires(v, self.b), v)


@dataclass(frozen=True)
class SoftThreshold(_Thresholded, _InTwoCalls):
    """``sign(v) (|v| - b)_+``: the two-sided gate without jumps."""

    def value(self, v: Array) -> Array:
        """Return ``sign(v) (|v| - b)_+``."""
        xp = array_namespace(v)
        return xp.sign(v) * _positive_part(xp.abs(v) - self.b)

    def derivative(self, v: Array) -> Array:
        """Return ``1{|v| > b}``."""
        return _indicator(array_namespace(v).abs(v) > self.b, v)


@dataclass(frozen=True)
class BiasedReLU(_Thresholded, _InTwoCalls):
    """``(v - b)_+``: one side of the soft threshold."""

    def value(self, v: Array) -> Array:
        """Return ``(v - b)_+``."""
        return _positive_part(v - self.b)

    def derivative(self, v: Array) -> Array:
        """Return ``1{v > b}``."""
        return _indicator(v > self.b, v)


@dataclass(frozen=True)
class LeakyReLU(_ThroughOrigin):
    """``(v)_+ - slope (-v)_+``.

    Attributes
    ----------
    slope : float
        Slope for ``v < 0``; from 0 (the ReLU) to 1 (the identity).
    """

    slope: float

    def __post_init__(self) -> None:
        if not 0 <= self.slope <= 1:
            raise ValueError(f"slope is {self.slope}; expected a number from 0 to 1")

    def derivative(self, v: Array) -> Array:
        """Return 1 where ``v > 0``, else the slope."""
        return self.slope + (1 - self.slope) * _indicator(v > 0, v)

    @property
    def leak(self) -> float:
        """The mean of 1 and the slope: the mean derivative under symmetric noise."""
        return (1 + self.slope) / 2


@dataclass(frozen=True)
class ReLU(LeakyReLU):
    """``(v)_+``, without a bias, so that noise opens it half of the time."""

    slope: float = 0.0


@dataclass(frozen=True)
class Tanh(_InTwoCalls):
    """``tanh v``."""

    def value(self, v: Array) -> Array:
        """Return ``tanh v``."""
        return array_namespace(v).tanh(v)

    def derivative(self, v: Array) -> Array:
        """Return ``1 - tanh^2 v``, in the form ``4 sig(2v) sig(-2v)`` that keeps its accuracy in the tails."""
        return 4 * _sigmoid_slope(2 * v)

    @property
    def leak(self) -> float:
        """1."""
        return 1.0


@dataclass(frozen=True)
class Sigmoid(_InTwoCalls):
    """``sig(v) = 1/(1 + e^-v)``; its value 1/2 at zero is cancelled by a bias of the output."""

    def value(self, v: Array) -> Array:
        """Return ``sig(v)``."""
        return _sigmoid(v)

    def derivative(self, v: Array) -> Array:
        """Return ``sig(v) sig(-v)``."""
        return _sigmoid_slope(v)

    @property
    def leak(self) -> float:
        """1/4."""
        return 0.25


@dataclass(frozen=True)
class SiLU:
    """``v sig(v)``."""

    def value(self, v: Array) -> Array:
        """Return ``v sig(v)``."""
        return v * _sigmoid(v)

    def derivative(self, v: Array) -> Array:
        """Return ``sig(v) + v sig(v) sig(-v)``."""
        return self.both(v)[1]

    def both(self, v: Array) -> tuple[Array, Array]:
        """Return value and derivative, from one exponential."""
        xp = array_namespace(v)
        t = xp.exp(-xp.abs(v))
        share = xp.where(v >= 0, xp.ones_like(t), t) / (1 + t)
        return v * share, share + v * t / ((1 + t) * (1 + t))

    @property
    def leak(self) -> float:
        """1/2."""
        return 0.5


@dataclass(frozen=True)
class GELU:
    """``v Phi(v)``."""

    def value(self, v: Array) -> Array:
        """Return ``v Phi(v)``."""
        return v * _normal_cdf(v)

    def derivative(self, v: Array) -> Array:
        """Return ``Phi(v) + v phi(v)``."""
        return self.both(v)[1]

    def both(self, v: Array) -> tuple[Array, Array]:
        """Return value and derivative, from one distribution function."""
        share = _normal_cdf(v)
        return v * share, share + v * array_namespace(v).exp(-v * v / 2) / sqrt(2 * pi)

    @property
    def leak(self) -> float:
        """1/2."""
        return 0.5


THRESHOLDED: dict[str, Callable[[float | Array], Activation]] = {
    "gate": Gate,
    "soft_threshold": SoftThreshold,
    "biased_relu": BiasedReLU,
}
"""Names of the activations with a threshold on the command line; `gate` is hard thresholding."""

SMOOTH: dict[str, Activation] = {
    "relu": ReLU(),
    "leaky_relu": LeakyReLU(0.01),
    "tanh": Tanh(),
    "sigmoid": Sigmoid(),
    "silu": SiLU(),
    "gelu": GELU(),
}
"""Activations without a threshold, by name."""


ActivationName: TypeAlias = Literal[
    "gate", "soft_threshold", "biased_relu", "relu", "leaky_relu", "tanh", "sigmoid", "silu", "gelu"
]
ACTIVATIONS: tuple[ActivationName, ...] = get_args(ActivationName)

THROUGH_ORIGIN: frozenset[ActivationName] = frozenset({"gate", "relu", "leaky_relu"})
"""Activations of which every piece is a line through the origin: ``act(v) = v act'(v)``."""


def activation(name: str, b: float | Array = 0.0) -> Activation:
    """Return the activation called `name`, with threshold or thresholds `b` if it has one.

    Raises
    ------
    ValueError
        If the activation is unknown, or it needs a threshold above 0 and `b` is not one.
    """
    known = expect_activation(name, "name")
    return THRESHOLDED[known](b) if known in THRESHOLDED else SMOOTH[known]


def expect_activation(name: str, argument: str = "activation") -> ActivationName:
    """Return `name`, the value of `argument`.

    Raises
    ------
    ValueError
        If no activation has that name.
    """
    for known in ACTIVATIONS:
        if name == known:
            return known
    raise ValueError(f"{argument} is {name!r}; expected one of {', '.join(ACTIVATIONS)}")


def _indicator(condition: Array, like: Array) -> Array:
    return array_namespace(like).astype(condition, like.dtype)


def _positive_part(v: Array) -> Array:
    xp = array_namespace(v)
    return xp.maximum(v, xp.zeros_like(v))


def broadcast_thresholds(b: Array | float, shape: tuple[int, ...], *like: Array) -> Array:
    """Return the thresholds `b`, an array or one number, in this `shape`; a number in the dtype of the first `like`.

    Raises
    ------
    ValueError
        If `b` does not broadcast to `shape`.
    """
    xp = array_namespace(*like)
    thresholds = xp.asarray(b, dtype=like[0].dtype) if isinstance(b, int | float) else b
    try:
        return xp.broadcast_to(thresholds, shape)
    except ValueError:
        raise ValueError(f"b has shape {thresholds.shape}; expected one that broadcasts to {shape}") from None


def _sigmoid(v: Array) -> Array:
    """Return ``1/(1 + e^-v)`` from ``e^-|v|``, which does not overflow and is accurate in the lower tail."""
    xp = array_namespace(v)
    t = xp.exp(-xp.abs(v))
    return xp.where(v >= 0, xp.ones_like(t), t) / (1 + t)


def _sigmoid_slope(v: Array) -> Array:
    """Return ``sig(v) sig(-v)``, from one exponential."""
    xp = array_namespace(v)
    t = xp.exp(-xp.abs(v))
    return t / ((1 + t) * (1 + t))


def _normal_cdf(v: Array) -> Array:
    """Return ``Phi(v)``, on the host unless `v` is a CuPy array, since the array standard has no error function."""
    if array_api_compat.is_cupy_array(v):
        return importlib.import_module("cupyx.scipy.special").ndtr(v)
    return to_namespace_of(v, np.asarray(ndtr(to_numpy(v))))
