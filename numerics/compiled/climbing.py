"""Local search through the pieces of a network: exact steps along lines of the ball, and kicks that turn one node.

With the pieces held fixed the output is linear, but an attack gains as much by moving nodes across their breaks. A step
takes the best point of a whole line, whatever breaks lie on it:

- in l_inf one coordinate between its ends;
- in l1 one coordinate within what the others leave of ``eps``, or from one coordinate to another, which keeps the norm;
- in l2 a great circle through the perturbation towards one coordinate or towards the gradient, or its own ray.
"""

from __future__ import annotations

import numpy as np

from numerics.compiled.ball import L1, LINF, project
from numerics.compiled.decorator import compiled
from numerics.compiled.lines import Crossings, best_on_arc, best_on_segment
from numerics.compiled.local import Local, dot, output, piece
from numerics.compiled.types import Floats

_SWEEPS = 50
"""Most sweeps of one climb; few take more than five."""

_ARC = 16.0
"""Tangent of the angle up to which a great circle is searched; what lies beyond is near the direction itself."""

_PARALLEL = 1e-8
"""A part orthogonal to the perturbation that is smaller than this is made of rounding errors alone."""


@compiled
def climb(local: Local, delta: Floats, V: Floats, margin: float, least: float, crossings: Crossings) -> float:
    """Move `delta` uphill until a sweep over all lines gains no more than `least`, and return the output there.

    `V` becomes the preactivations at `delta`.
    """
    reached = output(local, delta, V)
    for _ in range(_SWEEPS):
        before = reached
        if local.norm == LINF:
            _sweep_box(local, delta, V, margin, crossings)
        elif local.norm == L1:
            _sweep_l1(local, delta, V, margin, crossings)
        else:
            _sweep_sphere(local, delta, V, margin, crossings)
        reached = output(local, delta, V)
        if reached <= before + least:
            break
    return reached


@compiled
def kick(local: Local, delta: Floats, V: Floats, margin: float, draw: float) -> None:
    """Turn one node by the shortest step that moves it across a break, drawn evenly from all that the ball allows.

    The step leads towards the point of the ball that moves the node farthest, so that `delta` stays inside. `V` holds
    the preactivations at `delta`; `draw` lies in [0, 1).
    """
    count = 0
    for h in range(V.size):
        k = piece(local.breaks, h, V[h])
        for side in (-1, 1):
            count += _can_turn(local, h, k, side, margin)
    chosen = int(draw * count)
    for h in range(V.size):
        k = piece(local.breaks, h, V[h])
        for side in (-1, 1):
            if _can_turn(local, h, k, side, margin):
                if chosen == 0:
                    _turn(local, delta, h, local.breaks[h, k if side > 0 else k - 1] + side * margin - V[h])
                    return
                chosen -= 1


@compiled
def _can_turn(local: Local, h: int, k: int, side: int, margin: float) -> bool:
    """Return whether the ball holds a point at which node `h` lies on the next piece on this side of `k`."""
    if side > 0:
        return k < 2 and local.breaks[h, k] + margin <= local.high[h]
    return k > 0 and local.breaks[h, k - 1] - margin >= local.low[h]


@compiled
def _turn(local: Local, delta: Floats, h: int, move: float) -> None:
    """Move `delta` towards a vertex or the pole along ``w_h`` until the preactivation of node `h` has moved so far."""
    d, sign = delta.size, 1.0 if move > 0 else -1.0
    far = np.zeros(d)
    if local.norm == LINF:
        for i in range(d):
            far[i] = local.eps * sign * np.sign(local.W[i, h])
    elif local.norm == L1:
        largest = 0
        for i in range(d):
            largest = i if abs(local.W[i, h]) > abs(local.W[largest, h]) else largest
        far[largest] = local.eps * sign * np.sign(local.W[largest, h])
    else:
        length = np.sqrt(dot(local.W[:, h], local.W[:, h]))
        for i in range(d):
            far[i] = local.eps * sign * local.W[i, h] / length
    way = 0.0
    for i in range(d):
        way += (far[i] - delta[i]) * local.W[i, h]
    if abs(way) > 0:
        t = min(move / way, 1.0) if move * way > 0 else 0.0
        for i in range(d):
            delta[i] += t * (far[i] - delta[i])


@compiled
def _shares(local: Local, V: Floats) -> float:
    total = 0.0
    for h in range(V.size):
        k = piece(local.breaks, h, V[h])
        total += local.slopes[h, k] * V[h] + local.constants[h, k]
    return total


@compiled
def _better(found: float, known: float) -> bool:
    """Return whether a step gains more than rounding can feign: a few hundred roundings of terms of this size."""
    return found > known + 1e-12 * (1 + abs(known))


@compiled
def _sweep_box(local: Local, delta: Floats, V: Floats, margin: float, crossings: Crossings) -> None:
    known = _shares(local, V)
    for i in range(delta.size):
        q = local.W[i]
        low, high = -local.eps - delta[i], local.eps - delta[i]
        t, found = best_on_segment(local, V, q, local.slope[i], low, high, margin, crossings)
        if _better(found, known):
            delta[i] = min(max(delta[i] + t, -local.eps), local.eps)
            for h in range(V.size):
                V[h] += t * q[h]
            known = _shares(local, V)


@compiled
def _sweep_l1(local: Local, delta: Floats, V: Floats, margin: float, crossings: Crossings) -> None:
    d, q = delta.size, np.empty(V.size)
    known = _shares(local, V)
    for i in range(d):
        room = abs(delta[i]) + local.eps
        for j in range(d):
            room -= abs(delta[j])
        room = max(room, abs(delta[i]))
        t, found = best_on_segment(
            local, V, local.W[i], local.slope[i], -room - delta[i], room - delta[i], margin, crossings
        )
        if _better(found, known):
            delta[i] += t
            for h in range(V.size):
                V[h] += t * local.W[i, h]
            known = _shares(local, V)
    for j in range(d):
        for i in range(2 * d):
            to, sign, own = i // 2, 1.0 - 2.0 * (i % 2), np.sign(delta[j])
            if own == 0 or to == j or delta[to] * sign < 0:
                continue
            for h in range(V.size):
                q[h] = sign * local.W[to, h] - own * local.W[j, h]
            slope = sign * local.slope[to] - own * local.slope[j]
            t, found = best_on_segment(local, V, q, slope, 0.0, abs(delta[j]), margin, crossings)
            if _better(found, known):
                delta[to] += sign * t
                delta[j] -= own * t
                for h in range(V.size):
                    V[h] += t * q[h]
                known = _shares(local, V)


@compiled
def _sweep_sphere(local: Local, delta: Floats, V: Floats, margin: float, crossings: Crossings) -> None:
    """Try the ray of `delta`, or of the gradient from the centre, then the great circles.

    Those lead towards all coordinates and the gradient.
    """
    d, m = delta.size, V.size
    p, q, u = np.empty(m), np.empty(m), np.empty(d)
    _ray(local, delta, V, u, q, margin, crossings)
    for i in range(d + 1):
        size = np.sqrt(dot(delta, delta))
        if size == 0:
            return
        u[:] = 0
        if i < d:
            u[i] = 1
            q[:] = local.W[i]
        else:
            _gradient(local, V, u)
            _along(local, u, q)
        # The part of u orthogonal to delta, as long as delta.
        before, along = np.sqrt(dot(u, u)), dot(u, delta) / (size * size)
        for j in range(d):
            u[j] -= along * delta[j]
        length = np.sqrt(dot(u, u))
        if length <= _PARALLEL * before:
            continue
        for j in range(d):
            u[j] *= size / length
        for h in range(m):
            p[h] = V[h] - local.v[h]
            q[h] = (q[h] - along * p[h]) * (size / length)
        flat, rising = dot(local.slope, delta), dot(local.slope, u)
        t, found = best_on_arc(local, p, q, flat, rising, _ARC, margin, crossings)
        if _better(found, _shares(local, V) + flat):
            shrink = 1 / np.sqrt(1 + t * t)
            for j in range(d):
                delta[j] = (delta[j] + t * u[j]) * shrink
            for h in range(m):
                V[h] = local.v[h] + (p[h] + t * q[h]) * shrink
    project(local.norm, local.eps, delta)


@compiled
def _ray(local: Local, delta: Floats, V: Floats, u: Floats, q: Floats, margin: float, crossings: Crossings) -> None:
    """Take the best point of the diameter through `delta`, or along the gradient from the centre."""
    size = np.sqrt(dot(delta, delta))
    if size > 0:
        for i in range(u.size):
            u[i] = delta[i] / size
    else:
        _gradient(local, V, u)
        length = np.sqrt(dot(u, u))
        for i in range(u.size):
            u[i] = u[i] / length if length > 0 else 0.0
    _along(local, u, q)
    slope = dot(local.slope, u)
    t, found = best_on_segment(local, V, q, slope, -local.eps - size, local.eps - size, margin, crossings)
    if _better(found, _shares(local, V)):
        for i in range(u.size):
            delta[i] += t * u[i]
        for h in range(V.size):
            V[h] += t * q[h]


@compiled
def _along(local: Local, u: Floats, q: Floats) -> None:
    """Write ``W^T u``."""
    q[:] = 0
    for i in range(u.size):
        for h in range(q.size):
            q[h] += u[i] * local.W[i, h]


@compiled
def _gradient(local: Local, V: Floats, u: Floats) -> None:
    u[:] = local.slope
    for h in range(V.size):
        slope = local.slopes[h, piece(local.breaks, h, V[h])]
        if slope != 0:
            for i in range(u.size):
                u[i] += slope * local.W[i, h]
