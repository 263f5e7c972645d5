"""The largest output in a ball, bounded by a relaxation and by branching over the pieces of the nodes; compiled.

Let node ``h`` contribute ``g_h(t_h)``, of at most three lines, where ``t = v + W^T delta``. For every price ``sigma``,

    sup { c + beta . delta + sum_h g_h(t_h) : ||delta|| <= eps, t_h in [l_h, u_h] }
        <= c + sum_h [ sigma_h v_h + max_{t in [l_h, u_h]} (g_h(t) - sigma_h t) ] + eps ||beta + W sigma||_*,

which is Lagrange's bound for the coupling ``t = v + W^T delta``: each node moves on its own and pays ``sigma_h`` for
it. The maximum over ``t`` lies at an end of the interval or at a break between pieces. At ``sigma_h = 0`` for silent
and ``a_h`` for firing nodes it is the universal bound of claim P2. Minimised over ``sigma`` it is the bound of the
linear relaxation, in which every ``g_h`` is replaced by its concave hull (for l1 and l_inf a linear programme, for l2 a
cone programme). It is convex in ``sigma``; the minimum is approached by the primal-dual method of Chambolle and Pock
(2011), whose iterations are two products with ``W``. A bound holds wherever the iterations stop.

Branching splits the interval of a node at a break; once every node has one piece the bound is exact.
"""

from __future__ import annotations

from heapq import heappop, heappush
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from numerics.compiled.ball import L2, LINF, project
from numerics.compiled.climbing import climb
from numerics.compiled.decorator import compiled
from numerics.compiled.lines import new_crossings
from numerics.compiled.local import Local, dot, output, piece, share
from numerics.compiled.types import Floats

Int8s = NDArray[np.int8]


class Prices(NamedTuple):
    """How prices are found, and what rounding may do to a bound.

    Attributes
    ----------
    steps, stride
        Steps of the dual variables ``(m,)``, the prices, and of the primal one.
    blur
        Bound on the rounding errors of the preactivations ``(m,)``.
    unit, fixed
        Relative rounding error of the bound, and that part of its rounding error that does not depend on the prices.
    """

    steps: Floats
    stride: float
    blur: Floats
    unit: float
    fixed: float


class Box(NamedTuple):
    """Intervals of the undecided nodes, and the concave hulls of their shares on these.

    Node ``h`` stays between the pieces ``first[h]`` and ``last[h]``. Its hull has the corners ``(t[h, k], g[h, k])``,
    ``k < corners[h]``.
    """

    first: Int8s
    last: Int8s
    t: Floats
    g: Floats
    corners: Int8s


@compiled
def branch_and_bound(
    local: Local,
    prices: Prices,
    known: float,
    tolerance: float,
    margin: float,
    most: int,
    iterations: int,
    found: Floats,
) -> tuple[float, float, int]:
    """Return an upper bound on the output, the largest output that was met, and the number of boxes that were bounded.

    Only an output above `known` matters: boxes whose bound exceeds neither that nor the largest output met by more than
    `tolerance` are left alone, and the bound returned is never below either. At most `most` boxes
    are bounded. The perturbation of the largest output above `known`, which keeps the distance `margin` to breaks, is
    written to `found`.

    References
    ----------
    A. Land and A. Doig, "An automatic method of solving discrete programming problems", Econometrica 28 (1960); the
    open box of the largest bound is split first.
    """
    d, m = local.W.shape
    store = Store(
        np.empty((most + 2, m), np.int8),
        np.empty((most + 2, m), np.int8),
        np.empty((most + 2, m)),
        np.empty((most + 2, d)),
        np.empty((most + 2, 3), np.int64),
    )
    box = Box(np.zeros(m, np.int8), np.zeros(m, np.int8), np.empty((m, 4)), np.empty((m, 4)), np.empty(m, np.int8))
    sigma, delta, point = np.empty(m), np.zeros(d), np.empty(d)
    _whole(local, box)
    _tangents(local, sigma)
    universal = _dual(local, prices, box, sigma)
    _chords(box, sigma)
    # The root starts from nothing, later boxes from the solution of the one that they were split from.
    V, crossings = np.empty(m), new_crossings(m)
    bound = min(universal, _bound(local, prices, box, sigma, delta, 3 * iterations))
    met = _keep(local, delta, V, known, found)
    _save(local, box, sigma, delta, 0, 0, store)
    heap = [(-bound, 0)]
    visited, saved, left = 1, 1, -np.inf  # the largest bound of a box that was left alone
    while len(heap) > 0 and -heap[0][0] > met + tolerance and visited + 2 <= most:
        top, place = heap[0]
        node, cut, refined = store.splits[place]
        if node < 0 and refined == _REFINEMENTS:
            break
        heappop(heap)
        for side in range(1 if node < 0 else 2):
            _load(box, sigma, delta, place, store)
            if node < 0:
                # The relaxation is exact at its solution: only more iterations can narrow the gap.
                effort = iterations * 2 ** (refined + 1)
            else:
                effort = iterations
                if side == 0:
                    box.last[node] = cut
                else:
                    box.first[node] = cut + 1
            _hulls(local, box)
            bound = min(-top, _bound(local, prices, box, sigma, delta, effort))
            visited += 1
            met = _keep(local, delta, V, met, found)
            if node < 0 and bound > met + tolerance:
                # The solution lies at a break, perhaps on its wrong side: exact steps lead to the right one.
                point[:] = delta
                climb(local, point, V, margin, tolerance / 8, crossings)
                met = _keep(local, point, V, met, found)
            if bound > met + tolerance:
                free = saved if side == 0 and node >= 0 else place
                saved += free == saved
                _save(local, box, sigma, delta, refined + 1 if node < 0 else 0, free, store)
                heappush(heap, (-bound, free))
            else:
                left = max(left, bound)
    if len(heap) > 0:
        left = max(left, -heap[0][0])
    return max(left, met), met, visited


_REFINEMENTS = 8
"""How often the iterations of one box are doubled where branching has nothing left to split."""


class Store(NamedTuple):
    """What is kept of every open box: its pieces, prices and solution, and where to split it.

    `splits` holds the node and the last piece on its left side, -1 where there is nothing to split, and how often the
    box was refined.
    """

    first: Int8s
    last: Int8s
    sigma: Floats
    delta: Floats
    splits: NDArray[np.int64]


@compiled
def _save(local: Local, box: Box, sigma: Floats, delta: Floats, refined: int, place: int, store: Store) -> None:
    store.first[place], store.last[place] = box.first, box.last
    store.sigma[place], store.delta[place] = sigma, delta
    node, cut = _split(local, box, delta)
    store.splits[place, 0], store.splits[place, 1], store.splits[place, 2] = node, cut, refined


@compiled
def _load(box: Box, sigma: Floats, delta: Floats, place: int, store: Store) -> None:
    box.first[:], box.last[:] = store.first[place], store.last[place]
    sigma[:], delta[:] = store.sigma[place], store.delta[place]


@compiled
def _whole(local: Local, box: Box) -> None:
    """Write the box of all pieces within reach."""
    for h in range(local.v.size):
        box.first[h] = box.last[h] = 0
        for k in range(2):
            box.first[h] += local.breaks[h, k] < local.low[h]
            box.last[h] += local.breaks[h, k] <= local.high[h]
    _hulls(local, box)


@compiled
def _hulls(local: Local, box: Box) -> None:
    """Write the concave hulls of all shares, each made upper semicontinuous at its breaks."""
    for h in range(local.v.size):
        first, last = box.first[h], box.last[h]
        low = local.low[h] if first == 0 else max(local.low[h], local.breaks[h, first - 1])
        high = local.high[h] if last == 2 else min(local.high[h], local.breaks[h, last])
        _corner(box, h, 0, low, share(local, h, first, low))
        count = 1
        for k in range(first, last):
            t = local.breaks[h, k]
            count = _corner(box, h, count, t, max(share(local, h, k, t), share(local, h, k + 1, t)))
        box.corners[h] = _corner(box, h, count, high, share(local, h, last, high))


@compiled
def _corner(box: Box, h: int, count: int, t: float, g: float) -> int:
    """Add a point to the right of a hull, drop what comes to lie below it, and return the number of corners."""
    T, G = box.t[h], box.g[h]
    if count > 0 and t <= T[count - 1]:
        G[count - 1] = max(G[count - 1], g)
        count -= 1
        t, g = T[count], G[count]
    while count >= 2 and (G[count - 1] - G[count - 2]) * (t - T[count - 2]) <= (g - G[count - 2]) * (
        T[count - 1] - T[count - 2]
    ):
        count -= 1
    T[count], G[count] = t, g
    return count + 1


@compiled
def _tangents(local: Local, sigma: Floats) -> None:
    """Write the slope of every share where the node is unattacked: the prices of the universal bound."""
    for h in range(sigma.size):
        sigma[h] = local.slopes[h, piece(local.breaks, h, local.v[h])]


@compiled
def _chords(box: Box, sigma: Floats) -> None:
    """Write the slope of every hull from end to end."""
    for h in range(sigma.size):
        k = box.corners[h] - 1
        sigma[h] = (box.g[h, k] - box.g[h, 0]) / (box.t[h, k] - box.t[h, 0]) if k > 0 else 0.0


@compiled
def _bound(local: Local, prices: Prices, box: Box, sigma: Floats, delta: Floats, iterations: int) -> float:
    """Improve the prices and the perturbation, and return a bound on the output in the box, with its rounding errors.

    The steps are those of the algorithm 1 of Chambolle and Pock with overrelaxed prices; the last iterate is taken.
    """
    best, kept = np.inf, sigma.copy()
    ahead, gradient, V = sigma.copy(), np.empty(delta.size), np.empty(sigma.size)
    for k in range(iterations):
        np.dot(local.W, ahead, gradient)
        for i in range(delta.size):
            delta[i] += prices.stride * (local.slope[i] + gradient[i])
        project(local.norm, local.eps, delta)
        np.dot(delta, local.W, V)
        for h in range(sigma.size):
            price = _price(box, h, sigma[h] - prices.steps[h] * (local.v[h] + V[h]), prices.steps[h])
            ahead[h] = 2 * price - sigma[h]
            sigma[h] = price
        if k == iterations // 2:
            best, kept[:] = _dual(local, prices, box, sigma), sigma
    # The method does not descend monotonically.
    last = _dual(local, prices, box, sigma)
    if last > best:
        sigma[:] = kept
    return min(last, best)


@compiled
def _price(box: Box, h: int, x: float, step: float) -> float:
    """Return ``argmin_s alpha(s) + (s - x)^2/(2 step)`` for ``alpha(s) = max_k (g_k - s t_k)``.

    ``alpha`` has the slope ``-t_k`` where ``s`` lies between the slopes of the hull on both sides of corner ``k``.
    """
    T, G = box.t[h], box.g[h]
    above = np.inf
    for k in range(box.corners[h]):
        price = x + step * T[k]
        if price > above:
            break
        below = (G[k + 1] - G[k]) / (T[k + 1] - T[k]) if k + 1 < box.corners[h] else -np.inf
        if price >= below:
            return float(price)
        above = below
    return float(above)


@compiled
def _dual(local: Local, prices: Prices, box: Box, sigma: Floats) -> float:
    """Return the bound at these prices, raised by a bound on its rounding errors."""
    total, size, stray = local.constant, 0.0, 0.0
    for h in range(sigma.size):
        most = -np.inf
        for k in range(box.corners[h]):
            most = max(most, box.g[h, k] - sigma[h] * box.t[h, k])
        total += most + sigma[h] * local.v[h]
        reach = abs(local.low[h]) + abs(local.high[h])
        size += abs(sigma[h]) * 3 * reach + abs(most)
        stray += abs(sigma[h]) * prices.blur[h]
    gradient = local.W @ sigma
    for i in range(gradient.size):
        gradient[i] += local.slope[i]
    total += local.eps * _dual_norm(local.norm, gradient)
    return total + stray + prices.unit * size + prices.fixed


@compiled
def _dual_norm(norm: int, x: Floats) -> float:
    if norm == L2:
        return float(np.sqrt(dot(x, x)))
    total = 0.0
    for i in range(x.size):
        total = total + abs(x[i]) if norm == LINF else max(total, abs(x[i]))
    return total


@compiled
def _keep(local: Local, delta: Floats, V: Floats, met: float, found: Floats) -> float:
    """Return the larger of `met` and the output at `delta`, which is written to `found` where it is larger."""
    height = output(local, delta, V)
    if height > met:
        found[:] = delta
        return height
    return met


@compiled
def _split(local: Local, box: Box, delta: Floats) -> tuple[int, int]:
    """Return the node whose hull lies farthest above its share, and the last piece on the left of where it is cut."""
    V = delta @ local.W
    node, cut, largest = -1, -1, 0.0
    for h in range(V.size):
        if box.first[h] == box.last[h]:
            continue
        t = min(max(local.v[h] + V[h], box.t[h, 0]), box.t[h, box.corners[h] - 1])
        gap = _hull(box, h, t) - share(local, h, min(max(piece(local.breaks, h, t), box.first[h]), box.last[h]), t)
        if gap > largest:
            node, largest = h, gap
            cut = box.first[h]
            if box.last[h] - box.first[h] == 2 and abs(local.breaks[h, 1] - t) < abs(local.breaks[h, 0] - t):
                cut = box.first[h] + 1
    return node, cut


@compiled
def _hull(box: Box, h: int, t: float) -> float:
    T, G = box.t[h], box.g[h]
    for k in range(1, box.corners[h]):
        if t <= T[k]:
            return float(G[k - 1] + (G[k] - G[k - 1]) * (t - T[k - 1]) / (T[k] - T[k - 1]))
    return float(G[box.corners[h] - 1])
