"""The loops of one training step, compiled: matrix products by BLAS, and as few passes as possible between them.

A tile is as many observations of one replica as are computed together. Where few nodes fire, lists of nodes take the
place of matrices: ``columns[starts[i]:starts[i + 1]]`` are those of observation ``i``, and weights lie node by node in
slabs of coordinates, ``(slabs, H, width)``, each small enough for the cache.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from numerics.training.engine.bits import at_least, lowest
from numerics.training.engine.compiled import compiled
from numerics.training.engine.workspace import L1, L2, LINF, Floats, Lists, Rule, Space

_SAMPLED_ROWS = 8
"""Every so many rows of a tile are looked at to choose between lists and matrices."""


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
    if _share(V, bounds) > rule.quiet:
        return _dense_tile(rule, n, z, y, W, a, space, product)
    if rule.steps:
        _reach(rule, W, bounds)
    certified = _share(V, bounds) <= rule.quiet
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
    _into_slabs(W, space.slabs)
    _list_nodes(V, space.bounds, lists)
    for step in range(rule.steps):
        _weigh_listed(rows, rule.b, a, lists)
        _gather(lists, space.slabs, G)
        loss = _climb(rule, step, z, y, G, points, space.delta, moved)
        clean = clean if step else loss
        points = moved
        if certified:
            _probe(moved, space.slabs, lists)
        else:
            np.dot(moved, W, V)
            _list_nodes(V, space.bounds, lists)
    attacked = _miss_listed(rule.b, 2 / n, a, y, lists)
    _scatter(lists, points, space.sums)
    _from_slabs(space.sums, product)
    return clean if rule.steps else attacked, attacked


@compiled
def _share(V: Floats, bounds: Floats) -> float:
    """Return the share of nodes at or above their bounds, among every so many rows."""
    count, rows = 0, 0
    for i in range(0, V.shape[0], _SAMPLED_ROWS):
        rows += 1
        for h in range(V.shape[1]):
            count += abs(V[i, h]) >= bounds[h]
    share: float = count / (rows * V.shape[1])
    return share


@compiled
def _reach(rule: Rule, W: Floats, bounds: Floats) -> None:
    """Replace every bound by ``b - eps ||w_h||_*``, below which no attack moves a node across the threshold."""
    bounds[:] = 0
    for i in range(W.shape[0]):
        for h in range(W.shape[1]):
            w = abs(W[i, h])
            if rule.kind == LINF:
                bounds[h] += w
            elif rule.kind == L2:
                bounds[h] += w * w
            else:
                bounds[h] = max(bounds[h], w)
    for h in range(W.shape[1]):
        size = np.sqrt(bounds[h]) if rule.kind == L2 else bounds[h]
        bounds[h] = rule.b - rule.eps * size


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
        if rule.steps == 1 and rule.kind == L2 and _usual(squares, G[i]):
            factor = length / np.sqrt(squares)
            for j in range(G.shape[1]):
                moved[i, j] = z[i, j] + factor * G[i, j]
        else:
            if step == 0:
                delta[i] = 0
            _add_steepest(rule.kind, length, G[i], delta[i])
            if rule.steps > 1:
                _project(rule.kind, rule.eps, delta[i])
            for j in range(G.shape[1]):
                moved[i, j] = z[i, j] + delta[i, j]
    return loss


@compiled
def _add_steepest(kind: int, length: Any, g: Floats, row: Floats) -> None:
    """Add `length` times the steepest direction of `g`, as `numerics.norms.steepest` defines it."""
    zero = g.dtype.type(0)
    if kind == LINF:
        for j in range(g.size):
            row[j] += length if g[j] > 0 else (-length if g[j] < 0 else zero)
    elif kind == L1:
        largest = 0
        for j in range(1, g.size):
            largest = j if abs(g[j]) > abs(g[largest]) else largest
        top = g[largest]
        row[largest] += length if top > 0 else (-length if top < 0 else zero)
    else:
        _add_unit(length, g, row)


@compiled
def _usual(squares: Any, g: Floats) -> bool:
    """Return whether the sum of squares of `g` is its square norm, no matter which squares underflow.

    Each that does is short of less than the least normal number, all together of less than one rounding.
    """
    limits = np.finfo(g.dtype)
    usual: bool = g.size * limits.tiny < limits.eps * squares < np.inf
    return usual


@compiled
def _add_unit(length: Any, g: Floats, row: Floats) -> None:
    """Add ``length g/||g||_2``, nothing for ``g = 0``; safe where squares of `g` under- or overflow."""
    squares, size = g.dtype.type(0), g.dtype.type(1)
    for j in range(g.size):
        squares += g[j] * g[j]
    if not _usual(squares, g):
        size = np.max(np.abs(g))
        if size == 0:
            return
        squares = g.dtype.type(0)
        for j in range(g.size):
            squares += (g[j] / size) * (g[j] / size)
    factor = length / np.sqrt(squares)
    for j in range(g.size):
        row[j] += factor * (g[j] / size)


@compiled
def _project(kind: int, eps: Any, row: Floats) -> None:
    """Move `row` to the nearest point of the ball, as `numerics.norms.project` defines it."""
    zero = row.dtype.type(0)
    if kind == LINF:
        for j in range(row.size):
            row[j] = min(max(row[j], -eps), eps)
    elif kind == L2:
        total = zero
        for j in range(row.size):
            total += row[j] * row[j]
        if np.sqrt(total) > eps:
            factor = eps / np.sqrt(total)
            for j in range(row.size):
                row[j] *= factor
    else:
        level = _soft_threshold(eps, row)
        for j in range(row.size):
            rest = max(abs(row[j]) - level, zero)
            row[j] = rest if row[j] > 0 else -rest


@compiled
def _soft_threshold(eps: Any, row: Floats) -> Any:
    """Return the level that projects on the l1 ball: raised to that of the entries above it until none drops out.

    Michelot, A finite algorithm for finding the projection of a point onto the canonical simplex (1986).
    """
    zero = row.dtype.type(0)
    level, kept, above = zero, 0, row.size + 1
    while True:
        total, kept = zero, 0
        for j in range(row.size):
            size = abs(row[j])
            kept += size > level
            total += size if size > level else zero
        if kept == above or kept == 0 or total - kept * level <= eps:
            return level
        level, above = (total - eps) / row.dtype.type(kept), kept


@compiled
def _list_nodes(V: Floats, bounds: Floats, lists: Lists) -> None:
    """List the nodes at or above their bounds, with their preactivations."""
    columns, starts, values = lists.columns, lists.starts, lists.values
    rows, nodes = V.shape
    whole = nodes - nodes % 64
    k = 0
    for i in range(rows):
        starts[i] = k
        for h in range(0, whole, 64):
            bits = at_least(V[i], bounds, h)
            while bits:
                columns[k] = h + lowest(bits)
                values[k] = V[i, columns[k]]
                bits &= bits - np.uint64(1)
                k += 1
        for h in range(whole, nodes):
            columns[k], values[k] = h, V[i, h]
            k += abs(V[i, h]) >= bounds[h]
    starts[rows] = k


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
def _gather(lists: Lists, slabs: Floats, G: Floats) -> None:
    """Write the sum of listed columns of ``W`` by their weights; four at a time, to load and store the sum less."""
    columns, starts, weights = lists.columns, lists.starts, lists.weights
    d, width = G.shape[1], slabs.shape[2]
    for s in range(slabs.shape[0]):
        for i in range(G.shape[0]):
            g = G[i, s * width : min((s + 1) * width, d)]
            g[:] = 0
            k, end = starts[i], starts[i + 1]
            while k + 4 <= end:
                c0, c1, c2, c3 = weights[k], weights[k + 1], weights[k + 2], weights[k + 3]
                w0, w1 = slabs[s, columns[k]], slabs[s, columns[k + 1]]
                w2, w3 = slabs[s, columns[k + 2]], slabs[s, columns[k + 3]]
                for j in range(g.size):
                    g[j] += c0 * w0[j] + c1 * w1[j] + c2 * w2[j] + c3 * w3[j]
                k += 4
            while k < end:
                c, w = weights[k], slabs[s, columns[k]]
                for j in range(g.size):
                    g[j] += c * w[j]
                k += 1


@compiled
def _probe(points: Floats, slabs: Floats, lists: Lists) -> None:
    """Write the preactivations of the listed nodes at `points`."""
    columns, starts, values = lists.columns, lists.starts, lists.values
    d, width = points.shape[1], slabs.shape[2]
    for s in range(slabs.shape[0]):
        for i in range(points.shape[0]):
            z = points[i, s * width : min((s + 1) * width, d)]
            for k in range(starts[i], starts[i + 1]):
                w = slabs[s, columns[k]]
                v = z.dtype.type(0)
                for j in range(z.size):
                    v += w[j] * z[j]
                values[k] = v if s == 0 else values[k] + v


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
def _into_slabs(W: Floats, slabs: Floats) -> None:
    """Write ``W`` node by node."""
    d, nodes = W.shape
    width = slabs.shape[2]
    for i in range(d):
        slab = slabs[i // width]
        for h in range(nodes):
            slab[h, i % width] = W[i, h]


@compiled
def _from_slabs(sums: Floats, product: Floats) -> None:
    """Write what lies node by node as ``(d, H)``."""
    d, nodes = product.shape
    width = sums.shape[2]
    for i in range(d):
        slab = sums[i // width]
        for h in range(nodes):
            product[i, h] = slab[h, i % width]
