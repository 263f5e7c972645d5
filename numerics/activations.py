"""Activations of a node: value, derivative, and what is left of it at zero, the leak (claims A1 and A2).

An inactive pure node sees nothing but noise and the attack, so what counts is the activation near zero.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from math import pi, sqrt
from typing import Protocol

import array_api_compat
import numpy as np
from array_api_compat import array_namespace
from scipy.special import ndtr

from numerics.backend import Array, to_namespace_of, to_numpy


class Activation(Protocol):
    """What every activation has; arrays of any shape go in, and come out in that shape."""

    def value(self, v: Array) -> Array:
        """Return ``act(v)``."""

    def derivative(self, v: Array) -> Array:
        """Return ``act'(v)``; at a jump or a kink the value of one side."""

    @property
    def leak(self) -> float:
        """The share of an infinitesimal attack that passes through the node at rest, ``act'(0)``.

        At a kink the mean of both slopes: the mean slope under symmetric noise.
        """


@dataclass(frozen=True)
class Gate:
    """``v 1{|v| >= b}``, the gate of the model: hard thresholding. Its derivative does not see the jumps.

    Attributes
    ----------
    b : float
        Threshold, above 0.
    """

    b: float

    def __post_init__(self) -> None:
        _require_threshold(self.b)

    def value(self, v: Array) -> Array:
        """Return ``v 1{|v| >= b}``."""
        return v * self.derivative(v)

    def derivative(self, v: Array) -> Array:
        """Return ``1{|v| >= b}``."""
        return _indicator(array_namespace(v).abs(v) >= self.b, v)

    @property
    def leak(self) -> float:
        """0: constant up to the threshold."""
        return 0.0


@dataclass(frozen=True)
class SoftThreshold:
    """``sign(v) (|v| - b)_+``: the two-sided gate without jumps.

    Attributes
    ----------
    b : float
        Threshold, above 0.
    """

    b: float

    def __post_init__(self) -> None:
        _require_threshold(self.b)

    def value(self, v: Array) -> Array:
        """Return ``sign(v) (|v| - b)_+``."""
        xp = array_namespace(v)
        return xp.sign(v) * _positive_part(xp.abs(v) - self.b)

    def derivative(self, v: Array) -> Array:
        """Return ``1{|v| > b}``."""
        return _indicator(array_namespace(v).abs(v) > self.b, v)

    @property
    def leak(self) -> float:
        """0: constant up to the threshold."""
        return 0.0


@dataclass(frozen=True)
class BiasedReLU:
    """``(v - b)_+``: one side of the soft threshold.

    Attributes
    ----------
    b : float
        Threshold, above 0.
    """

    b: float

    def __post_init__(self) -> None:
        _require_threshold(self.b)

    def value(self, v: Array) -> Array:
        """Return ``(v - b)_+``."""
        return _positive_part(v - self.b)

    def derivative(self, v: Array) -> Array:
        """Return ``1{v > b}``."""
        return _indicator(v > self.b, v)

    @property
    def leak(self) -> float:
        """0: constant up to the threshold."""
        return 0.0


@dataclass(frozen=True)
class LeakyReLU:
    """``(v)_+ - slope (-v)_+``.

    Attributes
    ----------
    slope : float
        For ``v < 0``; from 0 (the ReLU) to 1 (the identity).
    """

    slope: float

    def __post_init__(self) -> None:
        if not 0 <= self.slope <= 1:
            raise ValueError(f"slope is {self.slope}; expected a number from 0 to 1")

    def value(self, v: Array) -> Array:
        """Return ``v`` where it is positive, else ``slope v``."""
        return v * self.derivative(v)

    def derivative(self, v: Array) -> Array:
        """Return 1 where ``v > 0``, else the slope."""
        return self.slope + (1 - self.slope) * _indicator(v > 0, v)

    @property
    def leak(self) -> float:
        """The mean of 1 and the slope: the mean derivative under symmetric noise."""
        return (1 + self.slope) / 2


@dataclass(frozen=True)
class ReLU(LeakyReLU):
    """``(v)_+``: unbiased, so that noise opens it half of the time."""

    slope: float = 0.0


@dataclass(frozen=True)
class Tanh:
    """``tanh v``."""

    def value(self, v: Array) -> Array:
        """Return ``tanh v``."""
        return array_namespace(v).tanh(v)

    def derivative(self, v: Array) -> Array:
        """Return ``1 - tanh^2 v``, as a product that keeps its accuracy in the tails."""
        return 4 * _sigmoid(2 * v) * _sigmoid(-2 * v)

    @property
    def leak(self) -> float:
        """1."""
        return 1.0


@dataclass(frozen=True)
class Sigmoid:
    """``sig(v) = 1/(1 + e^-v)``; at rest it is 1/2, which a bias of the output takes off."""

    def value(self, v: Array) -> Array:
        """Return ``sig(v)``."""
        return _sigmoid(v)

    def derivative(self, v: Array) -> Array:
        """Return ``sig(v) sig(-v)``."""
        return _sigmoid(v) * _sigmoid(-v)

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
        """Return ``sig(v) (1 + v sig(-v))``."""
        return _sigmoid(v) * (1 + v * _sigmoid(-v))

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
        return _normal_cdf(v) + v * array_namespace(v).exp(-v * v / 2) / sqrt(2 * pi)

    @property
    def leak(self) -> float:
        """1/2."""
        return 0.5


THRESHOLDED: dict[str, Callable[[float], Activation]] = {
    "gate": Gate,
    "soft_threshold": SoftThreshold,
    "biased_relu": BiasedReLU,
}
"""Activations with a threshold, by the name that the command line knows; the hard threshold is the gate."""

SMOOTH: dict[str, Activation] = {
    "relu": ReLU(),
    "leaky_relu": LeakyReLU(0.01),
    "tanh": Tanh(),
    "sigmoid": Sigmoid(),
    "silu": SiLU(),
    "gelu": GELU(),
}
"""Activations without a threshold, by name."""


def activation(name: str, b: float = 0.0) -> Activation:
    """Return the activation called `name`, with threshold `b` if it has one.

    Raises
    ------
    ValueError
        If there is no such activation, or it needs a threshold above 0 and `b` is another.
    """
    if name in THRESHOLDED:
        return THRESHOLDED[name](b)
    if name not in SMOOTH:
        raise ValueError(f"name is {name!r}; expected one of {', '.join((*THRESHOLDED, *SMOOTH))}")
    return SMOOTH[name]


def _require_threshold(b: float) -> None:
    if not b > 0:
        raise ValueError(f"b is {b}; expected a threshold above 0")


def _indicator(condition: Array, like: Array) -> Array:
    return array_namespace(like).astype(condition, like.dtype)


def _positive_part(v: Array) -> Array:
    xp = array_namespace(v)
    return xp.maximum(v, xp.zeros_like(v))


def _sigmoid(v: Array) -> Array:
    """``1/(1 + e^-v)`` through ``e^-|v|``, which does not overflow and keeps its accuracy in the lower tail."""
    xp = array_namespace(v)
    t = xp.exp(-xp.abs(v))
    return xp.where(v >= 0, xp.ones_like(t), t) / (1 + t)


def _normal_cdf(v: Array) -> Array:
    """``Phi(v)``: the array standard has no error function, so other namespaces than CuPy compute it on the host."""
    if array_api_compat.is_cupy_array(v):
        return importlib.import_module("cupyx.scipy.special").ndtr(v)
    return to_namespace_of(v, np.asarray(ndtr(to_numpy(v))))
