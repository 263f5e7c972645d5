"""Gates without jumps, for attacks that follow them."""

from __future__ import annotations

from array_api_compat import array_namespace

from numerics.backend import Array


def smoothed_gate_slope(V: Array, b: Array, width: Array) -> Array:
    """Return the derivative in ``v`` of ``v s((|v| - b) / width)``, ``s`` the logistic function.

    A node with ``b = 0`` is always open and has slope 1.
    """
    xp = array_namespace(V)
    size = xp.abs(V)
    # Half-angle form of the logistic function: no overflow at any argument.
    window = 0.5 + 0.5 * xp.tanh((size - b) / (2 * width))
    slope = window + size * window * (1 - window) / width
    return xp.where(b > 0, slope, xp.ones_like(slope))
