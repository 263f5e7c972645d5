"""Encoders ``g(z)`` with several outputs, linear and gated, with derivatives derived by hand (gates held fixed).

The gate may be replaced by any activation of `numerics.activations`, whose own derivative is then used.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from array_api_compat import array_namespace

from numerics.activations import ActivationName, activation, broadcast_thresholds, expect_activation
from numerics.backend import Array
from numerics.optimisers import Parameters


class Embedding(Protocol):
    """An encoder at given observations ``Z (..., n, d)``, with the results of its forward pass for derivatives."""

    @property
    def g(self) -> Array:
        """The embedded observations ``g(z)``, shape (..., n, q)."""

    def push(self, t: Array) -> Array:
        """Return ``J(z) t``, shape (..., n, q), for directions `t` of shape (..., n, d)."""

    def pull(self, c: Array) -> Array:
        """Return ``J(z)^T c``, shape (..., n, d), for `c` of shape (..., n, q)."""

    def parameter_gradients(self, c: Array) -> Parameters:
        """Return the gradients of ``sum_i c_i . g(z_i)`` in the parameters of the encoder."""


class Encoder(Protocol):
    """Parameters of one encoder, or of a stack of replicas."""

    @property
    def columns(self) -> Array:
        """The weights of the first layer, one column for each node, shape (..., d, nodes)."""

    def at(self, Z: Array) -> Embedding:
        """Return the encoder at observations `Z` of shape (..., n, d)."""


@dataclass(frozen=True)
class LinearEncoder:
    """The linear encoder ``g(z) = T z``; in feature coordinates ``U = T M``.

    Attributes
    ----------
    T : array, shape (..., q, d)
        Weights; a bottleneck where ``q < d``.
    """

    T: Array

    @property
    def columns(self) -> Array:
        """``T^T``: a node is a row of `T`, shape (..., d, q)."""
        return array_namespace(self.T).matrix_transpose(self.T)

    def gram(self) -> Array:
        """Return ``G = T^T T``, through which alone a score ``z^T G z'`` depends on `T`, shape (..., d, d)."""
        return array_namespace(self.T).matmul(self.columns, self.T)

    def at(self, Z: Array) -> LinearEmbedding:
        """Return the encoder at observations `Z` of shape (..., n, d)."""
        return LinearEmbedding(self, Z, Z @ self.columns)


@dataclass(frozen=True)
class LinearEmbedding:
    """A linear encoder at observations `Z`, with ``g = T z``."""

    encoder: LinearEncoder
    Z: Array
    g: Array

    def push(self, t: Array) -> Array:
        """Return ``T t``, shape (..., n, q)."""
        return array_namespace(t).matmul(t, self.encoder.columns)

    def pull(self, c: Array) -> Array:
        """Return ``T^T c``, shape (..., n, d)."""
        return array_namespace(c).matmul(c, self.encoder.T)

    def parameter_gradients(self, c: Array) -> Parameters:
        """Return the gradient of ``sum_i c_i . T z_i``: ``{"T": sum_i c_i z_i^T}``."""
        return {"T": array_namespace(c).matrix_transpose(c) @ self.Z}


@dataclass(frozen=True)
class ContrastiveNetwork:
    """The gated encoder ``g(z) = sum_h C_h gate_{b_h}(w_h^T z)``.

    Attributes
    ----------
    W : array, shape (..., d, H)
        Weights; node ``h`` is the column ``w_h``.
    C : array, shape (..., H, q)
        Output weights; node ``h`` contributes through the row ``C_h``.
    b : array, shape (..., H)
        Thresholds; a number or any array that broadcasts to this shape is stored in it. An activation without a
        threshold does not use them.
    activation : str
        Name of the activation of every node, in `numerics.activations`.

    Raises
    ------
    ValueError
        If the shapes do not agree, or the activation is unknown.
    """

    W: Array
    C: Array
    b: Array
    activation: ActivationName = "gate"

    def __post_init__(self) -> None:
        expect_activation(self.activation)
        expected = (*self.W.shape[:-2], self.W.shape[-1])
        if self.W.ndim < 2 or self.C.ndim != self.W.ndim or self.C.shape[:-1] != expected:
            raise ValueError(f"W, C have shapes {self.W.shape}, {self.C.shape}; expected (..., d, H) and (..., H, q)")
        object.__setattr__(self, "b", broadcast_thresholds(self.b, expected, self.C, self.W))

    @property
    def columns(self) -> Array:
        """The weights `W`, shape (..., d, H)."""
        return self.W

    def at(self, Z: Array) -> GatedEmbedding:
        """Return the encoder at observations `Z` of shape (..., n, d)."""
        values, slopes = activation(self.activation, self.b[..., None, :]).both(Z @ self.W)
        return GatedEmbedding(self, Z, slopes, values, values @ self.C)


@dataclass(frozen=True)
class GatedEmbedding:
    """A gated encoder at observations `Z`: slopes and outputs of its nodes (..., n, H), and ``g``.

    The slope of a gate is 1 where it is open, else 0.
    """

    encoder: ContrastiveNetwork
    Z: Array
    slopes: Array
    values: Array
    g: Array

    def push(self, t: Array) -> Array:
        """Return ``J(z) t = sum_h C_h act'(v_h) w_h^T t``, shape (..., n, q)."""
        return ((t @ self.encoder.W) * self.slopes) @ self.encoder.C

    def pull(self, c: Array) -> Array:
        """Return ``J(z)^T c = sum_h (C_h . c) act'(v_h) w_h``, shape (..., n, d)."""
        return self._back_to_nodes(c) @ array_namespace(c).matrix_transpose(self.encoder.W)

    def parameter_gradients(self, c: Array) -> Parameters:
        """Return the gradients of ``sum_i c_i . g(z_i)`` in ``W (..., d, H)`` and ``C (..., H, q)``."""
        xp = array_namespace(c)
        return {
            "W": xp.matrix_transpose(self.Z) @ self._back_to_nodes(c),
            "C": xp.matrix_transpose(self.values) @ c,
        }

    def _back_to_nodes(self, c: Array) -> Array:
        """Return ``(C_h . c) act'(v_h)``, shape (..., n, H)."""
        return (c @ array_namespace(c).matrix_transpose(self.encoder.C)) * self.slopes
