"""The gated supervised network and its derivatives, derived by hand.

``f(z) = sum_h a_h gate_{b_h}(w_h^T z)`` with ``gate_b(v) = v 1{|v| >= b}``. All derivatives hold the gates fixed: off
the gate boundaries they are the true ones (claim P1). The gate may be replaced by another activation (claims A1 to A3),
whose own derivative is then used; at a kink it is that of one side.
"""

from __future__ import annotations

from dataclasses import dataclass

from array_api_compat import array_namespace

from numerics.activations import Activation, ActivationName, activation, broadcast_thresholds, expect_activation, fires
from numerics.backend import Array


@dataclass(frozen=True)
class GatedNetwork:
    """Parameters of one gated network, or of a stack of replicas.

    Attributes
    ----------
    W : array, shape (..., d, H)
        Weights; node ``h`` is the column ``w_h``.
    a : array, shape (..., H)
        Head.
    b : array, shape (..., H)
        Thresholds; a number or any array that broadcasts to the shape of `a` is stored in that shape. An activation
        without a threshold does not use them.
    activation : str
        Name of the activation of every node, in `numerics.activations`.

    Raises
    ------
    ValueError
        If the shapes do not agree, or the activation is unknown.
    """

    W: Array
    a: Array
    b: Array
    activation: ActivationName = "gate"

    def __post_init__(self) -> None:
        expect_activation(self.activation)
        expected = (*self.W.shape[:-2], self.W.shape[-1])
        if self.W.ndim < 2 or self.a.shape != expected:
            raise ValueError(f"W, a have shapes {self.W.shape}, {self.a.shape}; expected (..., d, H) and (..., H)")
        object.__setattr__(self, "b", broadcast_thresholds(self.b, expected, self.a, self.W))


@dataclass(frozen=True)
class LossGradients:
    """The mean squared error ``loss (...)`` and its gradients in ``W (..., d, H)`` and ``a (..., H)``."""

    loss: Array
    W: Array
    a: Array


def preactivations(net: GatedNetwork, Z: Array) -> Array:
    """Return ``V = Z W``, shape (..., n, H), for observations `Z` of shape (..., n, d)."""
    return array_namespace(Z).matmul(Z, net.W)


def active(V: Array, b: Array) -> Array:
    """Return which nodes fire, ``|V| >= b``: booleans (..., n, H) for `V` (..., n, H) and `b` (..., H)."""
    return fires(V, b[..., None, :])


def gated_outputs(net: GatedNetwork, Z: Array) -> Array:
    """Return the input of the head, ``gate_b(Z W)``, shape (..., n, H), for observations `Z` of shape (..., n, d)."""
    return nodes(net).value(preactivations(net, Z))


def nodes(net: GatedNetwork) -> Activation:
    """Return the activation of the nodes with their thresholds, for preactivations (..., n, H)."""
    return activation(net.activation, net.b[..., None, :])


def forward(net: GatedNetwork, Z: Array) -> Array:
    """Return ``f(z)``, shape (..., n), for observations `Z` of shape (..., n, d)."""
    return _output(gated_outputs(net, Z), net.a)


def input_gradient(net: GatedNetwork, Z: Array) -> Array:
    """Return ``grad f(z) = M beta(z)``, shape (..., n, d), with the gates held fixed (claim P1)."""
    return _gradient(net, nodes(net).derivative(preactivations(net, Z)))


def output_and_gradient(net: GatedNetwork, Z: Array) -> tuple[Array, Array]:
    """Return the results of `forward` and `input_gradient`, from one product of `Z` with the weights."""
    gated, slopes = nodes(net).both(preactivations(net, Z))
    return _output(gated, net.a), _gradient(net, slopes)


def effective_map(net: GatedNetwork, Z: Array, M: Array | None = None) -> Array:
    """Return ``beta(z) = sum_{h in Act(z)} a_h u_h``, shape (..., n, d), in feature coordinates.

    For an activation other than the gate it is ``sum_h a_h act'(w_h^T z) u_h``.

    Parameters
    ----------
    net : GatedNetwork
        The network.
    Z : array, shape (..., n, d)
        Observations.
    M : array, shape (..., d, d), optional
        Orthogonal dictionary, ``U = M^T W``; the identity if None.
    """
    gradient = input_gradient(net, Z)
    return gradient if M is None else array_namespace(Z).matmul(gradient, M)


def squared_loss_gradients(net: GatedNetwork, Z: Array, y: Array) -> LossGradients:
    """Return the mean of ``(f(z) - y)^2`` over the samples and its gradients, with the gates held fixed.

    Parameters
    ----------
    net : GatedNetwork
    Z : array, shape (..., n, d)
        Observations, attacked ones included.
    y : array, shape (..., n)
        Regression targets.
    """
    xp = array_namespace(Z)
    V = preactivations(net, Z)
    gated, slopes = nodes(net).both(V)
    residual = _output(gated, net.a) - y
    slope = (2 / Z.shape[-2]) * residual[..., None]
    return LossGradients(
        loss=xp.mean(residual * residual, axis=-1),
        W=xp.matmul(xp.matrix_transpose(Z), slope * slopes) * net.a[..., None, :],
        a=xp.matmul(xp.matrix_transpose(gated), slope)[..., 0],
    )


def _gradient(net: GatedNetwork, slopes: Array) -> Array:
    return array_namespace(slopes).matmul(net.a[..., None, :] * slopes, array_namespace(net.W).matrix_transpose(net.W))


def _output(gated: Array, a: Array) -> Array:
    return array_namespace(gated).matmul(gated, a[..., None])[..., 0]
