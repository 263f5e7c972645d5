"""The squared loss that attacks on a network raise."""

from __future__ import annotations

from array_api_compat import array_namespace, device

from numerics.backend import Array
from numerics.network import GatedNetwork, forward
from numerics.projected_ascent import Worst


def attacked_loss(net: GatedNetwork, Z: Array, y: Array, delta: Array) -> Array:
    """Return ``(y - f(z + delta))^2``, shape ``(..., n)``."""
    return (y - forward(net, Z + delta)) ** 2


def sign_or_one(error: Array) -> Array:
    """Return the sign of `error`, ``+1`` at 0, so that a perfect fit is attacked too (claim P2)."""
    xp = array_namespace(error)
    return xp.astype(error >= 0, error.dtype) * 2 - 1


def unperturbed(net: GatedNetwork, Z: Array, y: Array) -> Worst:
    """Return the record of ``delta = 0`` alone."""
    error = y - forward(net, Z)
    # `Z` may lack the replica axes of the network, so the shape is that of the error.
    delta = array_namespace(error).zeros((*error.shape, Z.shape[-1]), dtype=error.dtype, device=device(error))
    return Worst(delta, error**2)
