"""The loops of an ascent, compiled: all steps on one tile of observations before the next, products by BLAS.

Where few nodes could fire under any attack of the ball, lists of these take the place of the products.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from numerics.compiled.ball import dual_norms, step
from numerics.compiled.decorator import compiled
from numerics.compiled.lists import Lists, gather, into_slabs, list_nodes, probe, share
from numerics.compiled.smoothing import Smoothing, weigh_smoothed
from numerics.compiled.types import Floats


class Rule(NamedTuple):
    """The attack, in the dtype of the data; `strides` and `widths` have one entry for each step, `signs` for each run.

    Gates are smoothed to the `widths` if `smooth`. Lists serve up to the share `list_share` of nodes.
    """

    norm: int
    eps: Any
    strides: Floats
    widths: Floats
    smooth: bool
    signs: Floats
    random: NDArray[np.bool_]
    list_share: float
    smoothing: Smoothing


class Data(NamedTuple):
    """Stacks of networks, of observations and of targets, and the places ``(replicas, 3)`` of each replica's in them.

    Random starts have shape ``(random runs, replicas, n, d)``.
    """

    W: Floats
    a: Floats
    b: Floats
    Z: Floats
    y: Floats
    starts: Floats
    places: NDArray[np.intp]


class Space(NamedTuple):
    """What one thread writes to: arrays of a tile ``(rows, ...)``, of the nodes, lists and slabs."""

    V: Floats
    G: Floats
    points: Floats
    delta: Floats
    outputs: Floats
    losses: Floats
    reach: Floats
    bounds: Floats
    lists: Lists
    slabs: Floats


@compiled
def attack_tiles(first: int, last: int, tiles: int, rule: Rule, data: Data, space: Space, worst: Floats) -> None:
    """Write the worst perturbations of the tiles from `first` to `last`; each replica has this number of `tiles`."""
    n, held = worst.shape[1], -1
    for task in range(first, last):
        r, tile = task // tiles, task % tiles
        low, high = tile * n // tiles, (tile + 1) * n // tiles
        k = data.places[r, 0]
        W, a, b = data.W[k], data.a[k], data.b[k]
        z, y = data.Z[data.places[r, 1], low:high], data.y[data.places[r, 2], low:high]
        np.dot(z, W, space.V[: y.size])
        if k != held:
            dual_norms(rule.norm, W, space.reach)
            space.reach[:] *= rule.eps
        space.bounds[:] = b - space.reach
        listed = not rule.smooth and share(space.V[: y.size], space.bounds) <= rule.list_share
        if listed:
            if k != held:
                into_slabs(W, space.slabs)
            list_nodes(space.V[: y.size], space.bounds, space.lists)
        held = k if listed else -1  # the network whose reach and slabs are there
        _attack(
            rule, W, a, b, z, y, data.starts[:, r % data.starts.shape[1], low:high], listed, space, worst[r, low:high]
        )


@compiled
def _attack(
    rule: Rule,
    W: Floats,
    a: Floats,
    b: Floats,
    z: Floats,
    y: Floats,
    starts: Floats,
    listed: bool,
    space: Space,
    worst: Floats,
) -> None:
    """Carry out all runs on a tile; `space` holds preactivations at `z` and, if `listed`, the nodes that could fire.

    No attack within ``eps`` moves a node by more than ``eps ||w_h||_*`` (claim G4): one not listed stays silent.
    """
    V, G, points = space.V[: y.size], space.G[: y.size], space.points[: y.size]
    delta, outputs = space.delta[: y.size], space.outputs[: y.size]
    losses, lists = space.losses, space.lists
    losses[:] = -1
    drawn = 0
    for run in range(rule.signs.size):
        delta[:] = 0
        if rule.random[run]:
            delta[:] = starts[drawn]
            drawn += 1
        _move(z, delta, points)
        for k in range(rule.strides.size + 1):
            if listed:
                probe(points, space.slabs, lists)
                _weigh_listed(a, b, lists, outputs)
            else:
                if run + k > 0:
                    np.dot(points, W, V)
                _outputs(V, a, b, outputs)
            _keep_worst(outputs, y, delta, losses, worst)
            if k == rule.strides.size:
                break
            if listed:
                gather(lists, space.slabs, G)
            else:
                _weigh(rule, k, V, a, b, space)
                np.dot(V, W.T, G)
            _aim(rule.strides[k], rule.signs[run], y, outputs)
            step(rule.norm, outputs, rule.eps, G, delta)
            _move(z, delta, points)


@compiled
def _outputs(V: Floats, a: Floats, b: Floats, outputs: Floats) -> None:
    """Write ``f = sum_h a_h gate(v_ih)``."""
    zero = V.dtype.type(0)
    for i in range(V.shape[0]):
        f = zero
        for h in range(V.shape[1]):
            f += a[h] * V[i, h] if abs(V[i, h]) >= b[h] else zero
        outputs[i] = f


@compiled
def _weigh(rule: Rule, k: int, V: Floats, a: Floats, b: Floats, space: Space) -> None:
    """Replace ``v_ih`` by ``a_h`` times the slope of the gate at step `k`, smoothed or held fixed."""
    if rule.smooth:
        _sharpen(rule.widths[k], space.reach, space.bounds)
        weigh_smoothed(V, a, b, space.bounds, rule.smoothing)
    else:
        _weigh_open(V, a, b)


@compiled
def _weigh_open(V: Floats, a: Floats, b: Floats) -> None:
    """Replace ``v_ih`` by ``a_h`` where the node is active and by 0 elsewhere."""
    zero = V.dtype.type(0)
    for i in range(V.shape[0]):
        for h in range(V.shape[1]):
            V[i, h] = a[h] if abs(V[i, h]) >= b[h] else zero


@compiled
def _sharpen(width: Any, reach: Floats, sharpness: Floats) -> None:
    """Write one over the widths of the gates.

    No attack moves the gate of a zero column, nor of one so small that the number would overflow: any will do.
    """
    one = reach.dtype.type(1)
    for h in range(reach.size):
        inverse = one / (width * reach[h])
        sharpness[h] = inverse if inverse < np.inf else one / width


@compiled
def _weigh_listed(a: Floats, b: Floats, lists: Lists, outputs: Floats) -> None:
    """Write ``a_h`` for listed nodes that are active, else 0, and ``f``."""
    columns, zero = lists.columns, a.dtype.type(0)
    for i in range(outputs.size):
        f = zero
        for k in range(lists.starts[i], lists.starts[i + 1]):
            weight = a[columns[k]] if abs(lists.values[k]) >= b[columns[k]] else zero
            f += weight * lists.values[k]
            lists.coefficients[k] = weight
        outputs[i] = f


@compiled
def _keep_worst(outputs: Floats, y: Floats, delta: Floats, losses: Floats, worst: Floats) -> None:
    """Write the perturbations whose loss exceeds the largest so far."""
    for i in range(y.size):
        error = outputs[i] - y[i]
        loss = error * error
        if loss > losses[i]:
            losses[i] = loss
            for j in range(delta.shape[1]):
                worst[i, j] = delta[i, j]


@compiled
def _aim(stride: Any, sign: Any, y: Floats, lengths: Floats) -> None:
    """Replace outputs by the next step along the gradient: up or down by the `sign`, off the target where it is 0."""
    for i in range(y.size):
        upwards = lengths[i] >= y[i] if sign == 0 else sign > 0
        lengths[i] = stride if upwards else -stride


@compiled
def _move(z: Floats, delta: Floats, points: Floats) -> None:
    """Write ``z + delta``."""
    for i in range(z.shape[0]):
        for j in range(z.shape[1]):
            points[i, j] = z[i, j] + delta[i, j]
