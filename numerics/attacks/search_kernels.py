"""A search over the pieces of the nodes at each of many observations, compiled."""

from __future__ import annotations

import numpy as np

from numerics.compiled.climbing import climb, kick
from numerics.compiled.decorator import compiled
from numerics.compiled.lines import new_crossings
from numerics.compiled.local import Network, flipped, local_at, output
from numerics.compiled.types import Floats

_FINE = 1e-9
"""Gain of a sweep, as a share of the error, at which the last climb ends; kicks climb to a thousandth only."""


@compiled
def search(
    norm: int,
    eps: float,
    margin: float,
    net: Network,
    norms: Floats,
    Z: Floats,
    y: Floats,
    starts: Floats,
    draws: Floats,
    patience: int,
    worst: Floats,
) -> None:
    """Write the worst perturbations ``(n, d)`` that a search from `starts` ``(2, n, d)`` finds.

    The first start is meant to raise the output, the second to lower it. Each is climbed from; then kicks follow, each
    from the best perturbation of its side, to the side that is ahead twice as often as to the other. The search at an
    observation ends when `patience` kicks in a row gained nothing, or `draws` ``(n, most)`` are used up.
    """
    n, d = Z.shape
    crossings = new_crossings(net.breaks.shape[0])
    reach = eps * norms
    best, heights, delta = np.empty((2, d)), np.empty(2), np.empty(d)
    for i in range(n):
        up = local_at(norm, eps, net, Z[i] @ net.W, reach)
        down = flipped(up)
        V = np.empty(up.v.size)
        for side in range(2):
            local, sign = (up, 1.0) if side == 0 else (down, -1.0)
            best[side] = starts[side, i]
            error = abs(output(local, best[side], V) - sign * y[i])
            heights[side] = climb(local, best[side], V, margin, 1e-3 * error, crossings) - sign * y[i]
        idle = 0
        for k in range(draws.shape[1]):
            if idle == patience or up.v.size == 0:
                break
            ahead = 0 if heights[0] >= heights[1] else 1
            side = ahead if k % 3 < 2 else 1 - ahead
            local, sign = (up, 1.0) if side == 0 else (down, -1.0)
            delta[:] = best[side]
            output(local, delta, V)
            kick(local, delta, V, margin, draws[i, k])
            height = climb(local, delta, V, margin, 1e-3 * abs(heights[side]), crossings) - sign * y[i]
            idle += 1
            if height > heights[side]:
                gained = height > max(heights[0], heights[1])
                best[side], heights[side] = delta, height
                idle = 0 if gained else idle
        side = 0 if heights[0] >= heights[1] else 1
        local = up if side == 0 else down
        climb(local, best[side], V, margin, _FINE * abs(heights[side]), crossings)
        worst[i] = best[side]
