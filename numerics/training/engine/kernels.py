"""The loops of one training step, compiled: matrix products by BLAS, and as few passes as possible between them.

A tile is as many observations of one replica as are computed together. Where few nodes fire, lists of nodes take the
place of matrices (`numerics.compiled.lists`).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from numerics.compiled.ball import L2, add_steepest, dual_norms, project, usual
from numerics.compiled.decorator import compiled
from numerics.compiled.lists import Lists, gather, into_slabs, list_nodes, probe, share
from numerics.compiled.types import Floats
from numerics.training.engine.workspace import Rule, Space


@compiled
def run_lanes(
    first: int,
    last: int,
    tiles: int,
    lanes: int,
    rule: Rule,
    Z: Floats,
    y: Floats,
    W: Floats,
    a: Floats,
    space: Space,
    parts: Floats,
    losses: Floats,
) -> None:
    """Write ``sum_i (2/n) e_i 1{active} z_i`` and the sums of squared errors of the lanes from `first` to `last`.

    A lane is a share of the tiles of one replica. Sums run in the same order whatever thread takes a lane.
    """
    n = Z.shape[1]
    for task in range(first, last):
        r, lane = task // lanes, task % lanes
        begin = lane * tiles // lanes
        losses[task, 0] = losses[task, 1] = 0.0
        for tile in range(begin, (lane + 1) * tiles // lanes):
            low, high = tile * n // tiles, (tile + 1) * n // tiles
            product = parts[task] if tile == begin else space.product
            clean, attacked = _tile(rule, n, Z[r, low:high], y[r, low:high], W[r], a[r], space, product)
            losses[task, 0] += clean
            losses[task, 1] += attacked
            if tile > begin:
                parts[task] += product


@compiled
def _tile(
    rule: Rule, n: int, z: Floats, y: Floats, W: Floats, a: Floats, space: Space, product: Floats
) -> tuple[float, float]:
    V, bounds = space.V[: z.shape[0]], space.bounds
    np.dot(z, W, V)
    bounds[:] = rule.b
    if share(V, bounds) > rule.quiet:
        return _dense_tile(rule, n, z, y, W, a, space, product)
    if rule.steps:
        _reach(rule, W, bounds)
    certified = share(V, bounds) <= rule.quiet
    if not certified:
        bounds[:] = rule.b
    return _quiet_tile(rule, n, z, y, W, a, space, product, certified)


@compiled
def _dense_tile(
    rule: Rule, n: int, z: Floats, y: Floats, W: Floats, a: Floats, space: Space, product: Floats
) -> tuple[float, float]:
    rows = z.shape[0]
    V, G, moved = space.V[:rows], space.G[:rows], space.moved[:rows]
    points, clean = z, 0.0
    for step in range(rule.steps):
        if step:
            np.dot(points, W, V)
        _weigh_open(V, a, rule.b)
        np.dot(V, W.T, G)
        loss = _climb(rule, step, z, y, G, points, space.delta, moved)
        clean = clean if step else loss
        points = moved
    if rule.steps:
        np.dot(points, W, V)
    attacked = _open_and_miss(V, a, rule.b, y, 2 / n, points, moved)
    np.dot(moved.T, V, product)
    return clean if rule.steps else attacked, attacked


@compiled
def _quiet_tile(
    rule: Rule, n: int, z: Floats, y: Floats, W: Floats, a: Floats, space: Space, product: Floats, certified: bool
) -> tuple[float, float]:
    """Lists in place of all products but the first; of those, too, that find the gates after an attack, if `certified`.

    A node is listed where its preactivation reaches ``b``, or could under the attack: no attack within ``eps`` moves
    it by more than ``eps ||w_h||_*`` (claim G4), so a node that is not listed stays silent.
    """
    rows = z.shape[0]
    V, G, moved = space.V[:rows], space.G[:rows], space.moved[:rows]
    lists = space.lists
    points, clean = z, 0.0
    into_slabs(W, space.slabs)
    list_nodes(V, space.bounds, lists)
    for step in range(rule.steps):
        _weigh_listed(rows, rule.b, a, lists)
        gather(lists, space.slabs, G)
        loss = _climb(rule, step, z, y, G, points, space.delta, moved)
        clean = clean if step else loss
        points = moved
        if certified:
            probe(moved, space.slabs, lists)
        else:
            np.dot(moved, W, V)
            list_nodes(V, space.bounds, lists)
    attacked = _miss_listed(rule.b, 2 / n, a, y, lists)
    _scatter(lists, points, space.sums)
    _from_slabs(space.sums, product)
    return clean if rule.steps else attacked, attacked


@compiled
def _reach(rule: Rule, W: Floats, bounds: Floats) -> None:
    """Replace every bound by ``b - eps ||w_h||_*``, below which no attack moves a node across the threshold."""
    dual_norms(rule.kind, W, bounds)
    for h in range(W.shape[1]):
        bounds[h] = rule.b - rule.eps * bounds[h]


@compiled
def _weigh_open(V: Floats, a: Floats, b: Any) -> None:
    """Replace ``v_ih`` by ``a_h`` where the node is active and by 0 elsewhere."""
    zero = V.dtype.type(0)
    for i in range(V.shape[0]):
        for h in range(V.shape[1]):
            V[i, h] = a[h] if abs(V[i, h]) >= b else zero


@compiled
def _open_and_miss(V: Floats, a: Floats, b: Any, y: Floats, scale: float, points: Floats, out: Floats) -> float:
    """Replace ``v_ih`` by 1 where the node is active, else 0; write ``scale (f - y) z``; sum the ``(f - y)^2``."""
    zero, one = V.dtype.type(0), V.dtype.type(1)
    loss = 0.0
    for i in range(V.shape[0]):
        f = zero
        for h in range(V.shape[1]):
            v = V[i, h]
            fires = abs(v) >= b
            f += a[h] * v if fires else zero
            V[i, h] = one if fires else zero
        error = f - y[i]
        loss += error * np.float64(error)
        factor = V.dtype.type(scale) * error
        for j in range(points.shape[1]):
            out[i, j] = factor * points[i, j]
    return loss


@compiled
def _climb(
    rule: Rule, step: int, z: Floats, y: Floats, G: Floats, points: Floats, delta: Floats, moved: Floats
) -> float:
    """Write the points one step of the attack further; return the sum of squared errors where it set out.

    The prediction is ``grad f . z`` (claim P1).
    """
    loss, zero = 0.0, G.dtype.type(0)
    for i in range(G.shape[0]):
        f, squares = zero, zero
        for j in range(G.shape[1]):
            f += G[i, j] * points[i, j]
            squares += G[i, j] * G[i, j]
        error = f - y[i]
        loss += error * np.float64(error)
        length = rule.stride if error >= 0 else -rule.stride
        if rule.steps == 1 and rule.kind == L2 and usual(squares, G[i]):
            factor = length / np.sqrt(squares)
            for j in range(G.shape[1]):
                moved[i, j] = z[i, j] + factor * G[i, j]
        else:
            if step == 0:
                delta[i] = 0
            add_steepest(rule.kind, length, G[i], delta[i])
            if rule.steps > 1:
                project(rule.kind, rule.eps, delta[i])
            for j in range(G.shape[1]):
                moved[i, j] = z[i, j] + delta[i, j]
    return loss


@compiled
def _weigh_listed(rows: int, b: Any, a: Floats, lists: Lists) -> None:
    """Write ``a_h`` for listed nodes that are active, else 0."""
    for k in range(lists.starts[rows]):
        lists.weights[k] = a[lists.columns[k]] if abs(lists.values[k]) >= b else a.dtype.type(0)


@compiled
def _miss_listed(b: Any, scale: float, a: Floats, y: Floats, lists: Lists) -> float:
    """Write ``scale (f - y)`` for listed nodes that are active, else 0; return the sum of ``(f - y)^2``."""
    columns, starts, values = lists.columns, lists.starts, lists.values
    zero = a.dtype.type(0)
    loss = 0.0
    for i in range(y.size):
        f = zero
        for k in range(starts[i], starts[i + 1]):
            f += a[columns[k]] * values[k] if abs(values[k]) >= b else zero
        error = f - y[i]
        loss += error * np.float64(error)
        for k in range(starts[i], starts[i + 1]):
            lists.weights[k] = a.dtype.type(scale) * error if abs(values[k]) >= b else zero
    return loss


@compiled
def _scatter(lists: Lists, points: Floats, sums: Floats) -> None:
    """Write for each node the sum of the points that list it, by their weights."""
    columns, starts, weights = lists.columns, lists.starts, lists.weights
    d, width = points.shape[1], sums.shape[2]
    for s in range(sums.shape[0]):
        sums[s] = 0
        for i in range(points.shape[0]):
            z = points[i, s * width : min((s + 1) * width, d)]
            for k in range(starts[i], starts[i + 1]):
                c, p = weights[k], sums[s, columns[k]]
                for j in range(z.size):
                    p[j] += c * z[j]


@compiled
def _from_slabs(sums: Floats, product: Floats) -> None:
    """Write what lies node by node as ``(d, H)``."""
    d, nodes = product.shape
    width = sums.shape[2]
    for i in range(d):
        slab = sums[i // width]
        for h in range(nodes):
            product[i, h] = slab[h, i % width]
