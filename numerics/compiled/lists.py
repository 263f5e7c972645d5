"""Lists of the nodes that fire, used in place of matrix products where few nodes fire.

``columns[starts[i]:starts[i + 1]]`` are the nodes of observation ``i``. Weights are stored node by node in slabs of
coordinates, ``(slabs, H, width)``, each small enough for the cache. `engine.kernels.choose_way` and
`attacks.kernels.attack_tiles` decide between lists and products; nothing here opens a gate.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from numerics.compiled.bits import LANES, at_least, lowest
from numerics.compiled.decorator import compiled
from numerics.compiled.types import Floats, Ints

CACHED_BYTES = 2**20
"""Half of a common second-level cache of 2 MiB; the other half is for the rows that are read and written."""

_FEWEST_COORDINATES = 32
"""Least number of coordinates in a slab: with fewer, its loops are too short to be fast. Chosen, not tuned."""

_SAMPLED_ROWS, _SAMPLED_EVERY = 64, 8
"""About that many rows of a tile, or every eighth row of a small one, are counted to choose between lists and matrices.
Chosen, not tuned: counting them costs at most an eighth of a pass over the preactivations."""


class Lists(NamedTuple):
    """For each observation: the nodes that fire, their preactivations, and their coefficients in `gather`."""

    columns: Ints
    starts: Ints
    values: Floats
    coefficients: Floats


def new_lists(rows: int, nodes: int, dtype: np.dtype[Any]) -> Lists:
    """Return lists for a number of observations, long enough for all `nodes` of each."""
    most = rows * nodes
    return Lists(
        columns=np.empty(most, np.int32),
        starts=np.empty(rows + 1, np.int32),
        values=np.empty(most, dtype),
        coefficients=np.empty(most, dtype),
    )


def new_slabs(d: int, nodes: int, dtype: np.dtype[Any], least: int = 1) -> Floats:
    """Return slabs for weights ``(d, nodes)``: at least the given number of slabs, unless they would be too narrow."""
    width = min(d, max(_FEWEST_COORDINATES, min(math.ceil(d / least), CACHED_BYTES // (nodes * dtype.itemsize))))
    return np.empty((math.ceil(d / width), nodes, width), dtype)


def list_share(d: int) -> float:
    """Return the share of nodes up to which lists are faster than matrices.

    A listed node costs about ``5 (1 + 100/d)`` nodes of a matrix product (timed when the rule was set; 5 to 6 for wide
    rows), so lists win up to the inverse of that.
    """
    return 0.2 / (1 + 100 / d)


@compiled
def share(V: Floats, bounds: Floats) -> float:
    """Return the share of nodes at or above their bounds, estimated from some of the rows."""
    count, rows = 0, 0
    for i in range(0, V.shape[0], max(_SAMPLED_EVERY, V.shape[0] // _SAMPLED_ROWS)):
        rows += 1
        for h in range(V.shape[1]):
            count += abs(V[i, h]) >= bounds[h]
    return float(count / (rows * V.shape[1]))


@compiled
def list_nodes(V: Floats, bounds: Floats, lists: Lists) -> None:
    """List the nodes at or above their bounds, with their preactivations.

    Examples
    --------
    >>> lists = new_lists(2, 3, np.dtype(float))
    >>> list_nodes(np.array([[0.1, -2.0, 0.3], [1.5, 0.0, 1.0]]), np.ones(3), lists)
    >>> lists.starts.tolist(), lists.columns[:3].tolist(), lists.values[:3].tolist()
    ([0, 1, 3], [1, 0, 2], [-2.0, 1.5, 1.0])
    """
    columns, starts, values = lists.columns, lists.starts, lists.values
    rows, nodes = V.shape
    whole = nodes - nodes % LANES
    k = 0
    for i in range(rows):
        starts[i] = k
        for h in range(0, whole, LANES):
            bits = at_least(V[i], bounds, h)
            while bits:
                columns[k] = h + lowest(bits)
                values[k] = V[i, columns[k]]
                bits &= bits - np.uint64(1)
                k += 1
        for h in range(whole, nodes):
            # Written before it is known whether the node is listed, which saves a branch; if it is not, the next one
            # overwrites it.
            columns[k], values[k] = h, V[i, h]
            k += abs(V[i, h]) >= bounds[h]
    starts[rows] = k


@compiled
def gather(lists: Lists, slabs: Floats, G: Floats) -> None:
    """Write into each row of `G` the sum of the listed columns of ``W`` times `lists.coefficients`.

    Four columns are added in one pass, so that each row of `G` is loaded and stored a quarter as often.
    """
    columns, starts, weights = lists.columns, lists.starts, lists.coefficients
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
def probe(points: Floats, slabs: Floats, lists: Lists) -> None:
    """Write into `lists.values` the preactivations of the listed nodes at `points`, shape (n, d)."""
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
def into_slabs(W: Floats, slabs: Floats) -> None:
    """Write ``W``, shape (d, H), into slabs, shape (slabs, H, width), node by node."""
    d, nodes = W.shape
    width = slabs.shape[2]
    for i in range(d):
        slab = slabs[i // width]
        for h in range(nodes):
            slab[h, i % width] = W[i, h]
