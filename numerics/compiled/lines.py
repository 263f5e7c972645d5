"""The largest output along a segment and along an arc through the ball: exact, whatever pieces its nodes cross.

Between two crossings of breaks the output is linear along a segment, and ``C + (P + t Q)/sqrt(1 + t^2)`` along the
great circle ``(p + t q)/sqrt(1 + t^2)``; the crossings are sorted, and each piece is maximised on its own.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from numerics.compiled.decorator import compiled
from numerics.compiled.local import Local, piece, share
from numerics.compiled.types import Floats, Ints


class Crossings(NamedTuple):
    """Where nodes cross breaks, with the node, the break and the speed of each: more than any line can have."""

    at: Floats
    node: Ints
    edge: Ints
    speed: Floats


@compiled
def new_crossings(nodes: int) -> Crossings:
    """Return room for the crossings of this many nodes: an arc crosses each of two breaks at most twice."""
    most = 4 * nodes + 1
    return Crossings(np.empty(most), np.empty(most, np.int32), np.empty(most, np.int32), np.empty(most))


@compiled
def best_on_segment(
    local: Local, V: Floats, q: Floats, slope: float, low: float, high: float, margin: float, crossings: Crossings
) -> tuple[float, float]:
    """Return the `t` from `low` to `high` of the largest output at preactivations ``V + t q``, and that output.

    The plane of the other nodes grows by ``slope t``; what it is at ``t = 0`` is left out. Next to a break ``t`` keeps
    the distance `margin` in the preactivation, so that rounding does not undo the crossing.
    """
    level, count = slope * low, 0
    for h in range(V.size):
        start, end = V[h] + low * q[h], V[h] + high * q[h]
        k = piece(local.breaks, h, start)
        level += share(local, h, k, start)
        slope += local.slopes[h, k] * q[h]
        for edge in range(2):
            at = local.breaks[h, edge]
            if (start < at) != (end < at):
                count = _insert(crossings, count, (at - V[h]) / q[h], h, edge, q[h])
    best, where, last = level, low, low
    for k in range(count):
        t, h = crossings.at[k], crossings.node[k]
        level += slope * (t - last)
        last = t
        aside = margin / abs(crossings.speed[k])
        if level > best:
            best, where = level, max(low, t - aside)
        steeper, jump = _change(local, h, crossings.edge[k], crossings.speed[k])
        level += steeper * local.breaks[h, crossings.edge[k]] + jump
        slope += steeper * q[h]
        if level > best:
            best, where = level, min(high, t + aside)
    level += slope * (high - last)
    return (high, level) if level > best else (where, best)


@compiled
def best_on_arc(
    local: Local,
    p: Floats,
    q: Floats,
    along: float,
    across: float,
    most: float,
    margin: float,
    crossings: Crossings,
) -> tuple[float, float]:
    """Return the `t` of the largest output at ``v + (p + t q)/sqrt(1 + t^2)``, ``|t| <= most``, and that output.

    The plane of the other nodes grows by `along` with ``p`` and by `across` with ``q``.
    """
    level, count = 0.0, 0
    for h in range(p.size):
        start = local.v[h] + (p[h] - most * q[h]) / np.sqrt(1 + most * most)
        k = piece(local.breaks, h, start)
        level += share(local, h, k, local.v[h])
        along += local.slopes[h, k] * p[h]
        across += local.slopes[h, k] * q[h]
        size = p[h] * p[h] + q[h] * q[h]
        for edge in range(2):
            c = local.breaks[h, edge] - local.v[h]
            if c * c < size:
                # (p + t q)^2 = c^2 (1 + t^2), of whose two roots those with p + t q on the side of c are crossings.
                root, lead = abs(c) * np.sqrt(size - c * c), q[h] * q[h] - c * c
                first = -p[h] * q[h] + root if p[h] * q[h] <= 0 else -p[h] * q[h] - root
                for t in (first / lead, (p[h] * p[h] - c * c) / first):
                    speed = q[h] - t * p[h]
                    if abs(t) < most and (p[h] + t * q[h]) * c >= 0 and speed != 0:
                        count = _insert(crossings, count, t, h, edge, speed)
    best, where, last, after = -np.inf, -most, -most, 0.0
    for k in range(count + 1):
        t = crossings.at[k] if k < count else most
        before = margin / abs(crossings.speed[k]) * (1 + t * t) ** 1.5 if k < count else 0.0
        candidates = (last, t, across / along if along > 0 else last)
        for j in range(3):
            x = candidates[j]
            if last <= x <= t:
                value = level + (along + x * across) / np.sqrt(1 + x * x)
                if value > best:
                    best, where = value, min(max(x, last + after), max(t - before, last))
        if k < count:
            h = crossings.node[k]
            steeper, jump = _change(local, h, crossings.edge[k], crossings.speed[k])
            level += steeper * local.v[h] + jump
            along += steeper * p[h]
            across += steeper * q[h]
            last, after = t, before
    return where, best


@compiled
def _insert(crossings: Crossings, count: int, t: float, h: int, edge: int, speed: float) -> int:
    """Add a crossing in order, and return the number of crossings."""
    k = count
    while k > 0 and crossings.at[k - 1] > t:
        crossings.at[k], crossings.node[k] = crossings.at[k - 1], crossings.node[k - 1]
        crossings.edge[k], crossings.speed[k] = crossings.edge[k - 1], crossings.speed[k - 1]
        k -= 1
    crossings.at[k], crossings.node[k], crossings.edge[k], crossings.speed[k] = t, h, edge, speed
    return count + 1


@compiled
def _change(local: Local, h: int, edge: int, speed: float) -> tuple[float, float]:
    """Return by what slope and constant of node `h` grow where it crosses a break with this speed."""
    old, new = (edge, edge + 1) if speed > 0 else (edge + 1, edge)
    return local.slopes[h, new] - local.slopes[h, old], local.constants[h, new] - local.constants[h, old]
