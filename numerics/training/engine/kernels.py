"""The loops of one training step, compiled: matrix products by BLAS, and as few passes as possible between them.

A tile consists of the observations of one replica that are computed together. Where few nodes fire, lists of nodes
replace matrices (`numerics.compiled.lists`).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from numerics.compiled.ball import L2, add_steepest, dual_norms, project, usual
from numerics.compiled.decorator import compiled
from numerics.compiled.lists import Lists, gather, into_slabs, list_nodes, probe, share
from numerics.compiled.types import Floats
from numerics.training.engine.workspace import Rule, Space

MATRICES, LISTS, CERTIFIED = 0, 1, 2
"""Ways to compute a tile: products of matrices; lists of nodes, made anew after an attack; lists that outlast it."""


@compiled
def run_replicas(
    first: int,
    last: int,
    tiles: int,
    rule: Rule,
    Z: Floats,
    y: Floats,
    W: Floats,
    a: Floats,
    space: Space,
    products: Floats,
    losses: Floats,
) -> None:
    """Write ``sum_i (2/n) e_i 1{active} z_i`` and the sums of squared errors of the replicas from `first` to `last`."""
    n = Z.shape[1]
    for r in range(first, last):
        losses[r] = 0.0
        for tile in range(tiles):
            low, high = tile * n // tiles, (tile + 1) * n // tiles
            product = space.product if tile else products[r]
            _tile(rule, n, Z[r, low:high], y[r, low:high], W[r], a[r], space, product)
            losses[r, 0] += np.sum(space.clean[: high - low])
            losses[r, 1] += np.sum(space.attacked[: high - low])
            if tile:
                products[r] += product


@compiled
def _tile(rule: Rule, n: int, z: Floats, y: Floats, W: Floats, a: Floats, space: Space, product: Floats) -> None:
    V, moved = space.V[: z.shape[0]], space.moved[: z.shape[0]]
    np.dot(z, W, V)
    way = choose_way(rule, W, V, space.bounds)
    if way == MATRICES:
        attack_by_matrices(rule, n, z, y, W, a, space)
        np.dot(moved.T, V, product)
    else:
        into_slabs(W, space.slabs)
        attack_by_lists(rule, n, z, y, W, a, space, way == CERTIFIED)
        space.sums[:] = 0
        scatter(0, space.lists, moved, space.sums)
        from_slabs(space.sums, product)


@compiled
def choose_way(rule: Rule, W: Floats, V: Floats, bounds: Floats) -> int:
    """Return how to continue from preactivations `V`, and write the bounds from which nodes are listed.

    With a certificate a node is listed where its preactivation could reach ``b`` under the attack: none within ``eps``
    moves it by more than ``eps ||w_h||_*`` (claim G4), so a node that is not listed stays silent.
    """
    bounds[:] = rule.b
    if share(V, bounds) > rule.list_share:
        return MATRICES
    if rule.steps:
        dual_norms(rule.norm, W, bounds)
        for h in range(bounds.size):
            bounds[h] = rule.b - rule.eps * bounds[h]
    if share(V, bounds) <= rule.list_share:
        return CERTIFIED
    bounds[:] = rule.b
    return LISTS


@compiled
def attack_by_matrices(rule: Rule, n: int, z: Floats, y: Floats, W: Floats, a: Floats, space: Space) -> None:
    """Attack rows `z` with known preactivations; leave the gates in ``V`` and ``(2/n) e z`` in ``moved``."""
    rows = z.shape[0]
    V, G, moved = space.V[:rows], space.G[:rows], space.moved[:rows]
    points = z
    for step in range(rule.steps):
        if step:
            np.dot(points, W, V)
        _weigh_open(V, a, rule.b)
        np.dot(V, W.T, G)
        _attack_step(rule, step, z, y, G, points, space)
        points = moved
    if rule.steps:
        np.dot(points, W, V)
    _open_and_miss(V, a, rule.b, y, 2 / n, points, space)
    if not rule.steps:
        space.clean[:rows] = space.attacked[:rows]


@compiled
def attack_by_lists(
    rule: Rule, n: int, z: Floats, y: Floats, W: Floats, a: Floats, space: Space, certified: bool
) -> None:
    """Do the same with lists of nodes; leave ``(2/n) e`` of nodes that fire as weights, and the points in ``moved``.

    Lists replace all products but the first, and if `certified` also those that compute the gates after an attack.
    """
    rows = z.shape[0]
    V, G, moved = space.V[:rows], space.G[:rows], space.moved[:rows]
    lists = space.lists
    points = z
    list_nodes(V, space.bounds, lists)
    for step in range(rule.steps):
        _weigh_listed(rows, rule.b, a, lists)
        gather(lists, space.slabs, G)
        _attack_step(rule, step, z, y, G, points, space)
        points = moved
        if certified:
            probe(moved, space.slabs, lists)
        else:
            np.dot(moved, W, V)
            list_nodes(V, space.bounds, lists)
    _miss_listed(rule, 2 / n, a, y, space)
    if not rule.steps:
        moved[:] = z
        space.clean[:rows] = space.attacked[:rows]


@compiled
def _weigh_open(V: Floats, a: Floats, b: Any) -> None:
    """Replace ``v_ih`` by ``a_h`` where the node is active and by 0 elsewhere."""
    zero = V.dtype.type(0)
    for i in range(V.shape[0]):
        for h in range(V.shape[1]):
            V[i, h] = a[h] if abs(V[i, h]) >= b else zero


@compiled
def _open_and_miss(V: Floats, a: Floats, b: Any, y: Floats, scale: float, points: Floats, space: Space) -> None:
    """Replace ``v_ih`` by 1 where the node is active, else 0; write ``scale (f - y) z`` and ``(f - y)^2``."""
    zero, one = V.dtype.type(0), V.dtype.type(1)
    for i in range(V.shape[0]):
        f = zero
        for h in range(V.shape[1]):
            v = V[i, h]
            fires = abs(v) >= b
            f += a[h] * v if fires else zero
            V[i, h] = one if fires else zero
        error = f - y[i]
        space.attacked[i] = error * np.float64(error)
        factor = V.dtype.type(scale) * error
        for j in range(points.shape[1]):
            space.moved[i, j] = factor * points[i, j]


@compiled
def _attack_step(rule: Rule, step: int, z: Floats, y: Floats, G: Floats, points: Floats, space: Space) -> None:
    """Write the points after one more step of the attack, and at its first step the squared errors.

    The prediction is ``grad f . z`` (claim P1).
    """
    delta, moved, zero = space.delta, space.moved, G.dtype.type(0)
    for i in range(G.shape[0]):
        f, squares = zero, zero
        for j in range(G.shape[1]):
            f += G[i, j] * points[i, j]
            squares += G[i, j] * G[i, j]
        error = f - y[i]
        if step == 0:
            space.clean[i] = error * np.float64(error)
        length = rule.stride if error >= 0 else -rule.stride
        if rule.steps == 1 and rule.norm == L2 and usual(squares, G[i]):
            factor = length / np.sqrt(squares)
            for j in range(G.shape[1]):
                moved[i, j] = z[i, j] + factor * G[i, j]
        else:
            if step == 0:
                delta[i] = 0
            add_steepest(rule.norm, length, G[i], delta[i])
            if rule.steps > 1:
                project(rule.norm, rule.eps, delta[i])
            for j in range(G.shape[1]):
                moved[i, j] = z[i, j] + delta[i, j]


@compiled
def _weigh_listed(rows: int, b: Any, a: Floats, lists: Lists) -> None:
    """Write ``a_h`` for listed nodes that are active, else 0."""
    for k in range(lists.starts[rows]):
        lists.coefficients[k] = a[lists.columns[k]] if abs(lists.values[k]) >= b else a.dtype.type(0)


@compiled
def _miss_listed(rule: Rule, scale: float, a: Floats, y: Floats, space: Space) -> None:
    """Write ``scale (f - y)`` for listed nodes that are active, else 0, and ``(f - y)^2``."""
    lists, b = space.lists, rule.b
    columns, starts, values = lists.columns, lists.starts, lists.values
    zero = a.dtype.type(0)
    for i in range(y.size):
        f = zero
        for k in range(starts[i], starts[i + 1]):
            f += a[columns[k]] * values[k] if abs(values[k]) >= b else zero
        error = f - y[i]
        space.attacked[i] = error * np.float64(error)
        for k in range(starts[i], starts[i + 1]):
            lists.coefficients[k] = a.dtype.type(scale) * error if abs(values[k]) >= b else zero


@compiled
def scatter(first: int, lists: Lists, points: Floats, sums: Floats) -> None:
    """Add to the slabs of each node, from the slab `first` on, the points that list it, by their weights."""
    columns, starts, weights = lists.columns, lists.starts, lists.coefficients
    d, width = points.shape[1], sums.shape[2]
    for s in range(sums.shape[0]):
        for i in range(points.shape[0]):
            z = points[i, (first + s) * width : min((first + s + 1) * width, d)]
            for k in range(starts[i], starts[i + 1]):
                c, p = weights[k], sums[s, columns[k]]
                for j in range(z.size):
                    p[j] += c * z[j]


@compiled
def from_slabs(sums: Floats, product: Floats) -> None:
    """Write the slabs, which are stored node by node, as an array ``(d, H)``."""
    d, nodes = product.shape
    width = sums.shape[2]
    for i in range(d):
        slab = sums[i // width]
        for h in range(nodes):
            product[i, h] = slab[h, i % width]
