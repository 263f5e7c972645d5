"""The output of a network near one observation: a plane, and the nodes that an attack can move between their pieces."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from numerics.compiled.decorator import compiled
from numerics.compiled.types import Floats


class Network(NamedTuple):
    """Weights ``(d, H)`` and the pieces of every node, as in `numerics.pieces.Pieces`."""

    W: Floats
    breaks: Floats
    slopes: Floats
    constants: Floats


class Local(NamedTuple):
    """The output at ``z + delta``, ``||delta|| <= eps``: ``constant + slope . delta`` and the shares of movable nodes.

    Attributes
    ----------
    norm, eps
        The ball.
    constant, slope
        What the other nodes contribute, a number and an array ``(d,)``.
    W
        Weights of the `m` movable nodes ``(d, m)``.
    v, low, high
        Their preactivations at ``z``, and the intervals that these can reach ``(m,)``.
    breaks, slopes, constants
        Their pieces ``(m, 2)``, ``(m, 3)`` and ``(m, 3)``.
    """

    norm: int
    eps: float
    constant: float
    slope: Floats
    W: Floats
    v: Floats
    low: Floats
    high: Floats
    breaks: Floats
    slopes: Floats
    constants: Floats


@compiled
def local_at(norm: int, eps: float, net: Network, v: Floats, reach: Floats) -> Local:
    """Return the output near the observation that gives preactivations `v`, where each node moves by its `reach`."""
    d, H = net.W.shape
    movable = movable_nodes(net, v, reach)
    constant, slope = 0.0, np.zeros(d)
    for h in range(H):
        if not movable[h]:
            k = piece(net.breaks, h, v[h])
            constant += net.slopes[h, k] * v[h] + net.constants[h, k]
            for i in range(d):
                slope[i] += net.slopes[h, k] * net.W[i, h]
    rows = np.flatnonzero(movable)
    W = np.empty((d, rows.size))
    for i in range(d):
        for k in range(rows.size):
            W[i, k] = net.W[i, rows[k]]
    centre, span = v[rows], reach[rows]
    return Local(
        norm,
        eps,
        constant,
        slope,
        W,
        centre,
        centre - span,
        centre + span,
        net.breaks[rows],
        net.slopes[rows],
        net.constants[rows],
    )


@compiled
def movable_nodes(net: Network, v: Floats, reach: Floats) -> NDArray[np.bool_]:
    """Return which nodes have a break within reach."""
    movable = np.empty(v.size, np.bool_)
    for h in range(v.size):
        movable[h] = piece(net.breaks, h, v[h] - reach[h]) < piece(net.breaks, h, v[h] + reach[h])
    return movable


@compiled
def flipped(local: Local) -> Local:
    """Return the network with the opposite output."""
    return Local(
        local.norm,
        local.eps,
        -local.constant,
        -local.slope,
        local.W,
        local.v,
        local.low,
        local.high,
        local.breaks,
        -local.slopes,
        -local.constants,
    )


@compiled
def dot(x: Floats, y: Floats) -> float:
    """Return ``x . y``: no array is made, and short ones need no BLAS."""
    total = 0.0
    for i in range(x.size):
        total += x[i] * y[i]
    return total


@compiled
def piece(breaks: Floats, h: int, t: float) -> int:
    """Return the piece of node `h` at the preactivation `t`; at a break the one above it."""
    return int(breaks[h, 0] <= t) + int(breaks[h, 1] <= t)


@compiled
def share(local: Local, h: int, k: int, t: float) -> float:
    """Return what piece `k` of node `h` contributes at the preactivation `t`."""
    return float(local.slopes[h, k] * t + local.constants[h, k])


@compiled
def output(local: Local, delta: Floats, V: Floats) -> float:
    """Return the output, and write the preactivations at `delta`."""
    total = local.constant
    for h in range(V.size):
        V[h] = local.v[h]
    for i in range(delta.size):
        total += local.slope[i] * delta[i]
        for h in range(V.size):
            V[h] += delta[i] * local.W[i, h]
    for h in range(V.size):
        total += share(local, h, piece(local.breaks, h, V[h]), V[h])
    return float(total)
