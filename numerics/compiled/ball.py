"""Steps in a ball of the l1, l2 or linf norm, one observation after the other, as `numerics.norms` defines them."""

from __future__ import annotations

from typing import Any

import numpy as np

from numerics.compiled.decorator import compiled, compiled_as_written
from numerics.compiled.types import Floats

L1, L2, LINF = 0, 1, 2
NORM_CODES = {"l1": L1, "l2": L2, "linf": LINF}


@compiled
def step(norm: int, lengths: Floats, eps: Any, G: Floats, delta: Floats) -> None:
    """Move the rows of `delta` by `lengths` along the steepest directions of the rows of `G`, then project them."""
    for i in range(G.shape[0]):
        if norm != L2 or not _step_l2(lengths[i], eps, G, delta, i):
            add_steepest(norm, lengths[i], G[i], delta[i])
            project(norm, eps, delta[i])


@compiled
def _step_l2(length: Any, eps: Any, G: Floats, delta: Floats, i: int) -> bool:
    """Do the same for row `i` in l2, in three passes, if no square under- or overflows; else return False."""
    squares = total = G.dtype.type(0)
    for j in range(G.shape[1]):
        squares += G[i, j] * G[i, j]
    if not usual(squares, G):
        return False
    factor = length / np.sqrt(squares)
    for j in range(G.shape[1]):
        x = delta[i, j] + factor * G[i, j]
        delta[i, j] = x
        total += x * x
    if not usual(total, delta):
        _project_scaled(eps, delta[i])
    elif np.sqrt(total) > eps:
        factor = eps / np.sqrt(total)
        for j in range(G.shape[1]):
            delta[i, j] *= factor
    return True


@compiled
def add_steepest(norm: int, length: Any, g: Floats, row: Floats) -> None:
    """Add `length` times the steepest direction of `g`, as `numerics.norms.steepest` defines it."""
    zero = g.dtype.type(0)
    if norm == LINF:
        for j in range(g.size):
            row[j] += length if g[j] > 0 else (-length if g[j] < 0 else zero)
    elif norm == L1:
        largest = 0
        for j in range(1, g.size):
            largest = j if abs(g[j]) > abs(g[largest]) else largest
        top = g[largest]
        row[largest] += length if top > 0 else (-length if top < 0 else zero)
    else:
        add_unit(length, g, row)


@compiled
def project(norm: int, eps: Any, row: Floats) -> None:
    """Move `row` to the nearest point of the ball, as `numerics.norms.project` defines it."""
    zero = row.dtype.type(0)
    if norm == LINF:
        for j in range(row.size):
            row[j] = min(max(row[j], -eps), eps)
    elif norm == L2:
        total = zero
        for j in range(row.size):
            total += row[j] * row[j]
        if not usual(total, row):
            _project_scaled(eps, row)
        elif np.sqrt(total) > eps:
            factor = eps / np.sqrt(total)
            for j in range(row.size):
                row[j] *= factor
    else:
        level = soft_threshold(eps, row)
        for j in range(row.size):
            rest = max(abs(row[j]) - level, zero)
            row[j] = rest if row[j] > 0 else -rest


@compiled
def usual(squares: Any, g: Floats) -> bool:
    """Return whether the sum of squares of a row of `g` is accurate, even if some squares underflow.

    Each square that underflows is short by less than the least normal number, and all together by less than one
    rounding.
    """
    limits = np.finfo(g.dtype)
    return bool(g.shape[-1] * limits.tiny < limits.eps * squares < np.inf)


@compiled
def add_unit(length: Any, g: Floats, row: Floats) -> None:
    """Add ``length g/||g||_2``, or nothing if ``g = 0``; safe where squares of `g` under- or overflow."""
    squares = g.dtype.type(0)
    for j in range(g.size):
        squares += g[j] * g[j]
    if usual(squares, g):
        factor = length / np.sqrt(squares)
        for j in range(g.size):
            row[j] += factor * g[j]
    else:
        _add_scaled_unit(length, g, row)


@compiled_as_written
def _add_scaled_unit(length: Any, g: Floats, row: Floats) -> None:
    largest, squares = _scaled_squares(g)
    if largest > 0:
        factor = length / np.sqrt(squares)
        for j in range(g.size):
            row[j] += factor * (g[j] / largest)


@compiled_as_written
def _project_scaled(eps: Any, row: Floats) -> None:
    """Move `row` to the nearest point of the l2 ball, safe where its squares under- or overflow."""
    largest, squares = _scaled_squares(row)
    size = largest * np.sqrt(squares)
    if size > eps:
        factor = eps / size
        for j in range(row.size):
            row[j] *= factor


@compiled_as_written
def _scaled_squares(g: Floats) -> tuple[Any, Any]:
    """Return the largest modulus of `g`, and the sum of the squares of `g` divided by it."""
    largest, squares = np.max(np.abs(g)), g.dtype.type(0)
    if largest > 0:
        for j in range(g.size):
            x = g[j] / largest
            squares += x * x
    return largest, squares


@compiled
def soft_threshold(eps: Any, row: Floats) -> Any:
    """Return the level that projects on the l1 ball, found by raising it until no further entry falls below it.

    Rounding may lower a level so that an entry exceeds it again; the iteration ends there too.

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
        if kept >= above or kept == 0 or total - kept * level <= eps:
            return level
        level, above = (total - eps) / row.dtype.type(kept), kept


@compiled
def dual_norms(norm: int, W: Floats, norms: Floats) -> None:
    """Write ``||w_h||_*`` of every column of ``W``, as `numerics.norms.dual_norm` defines it."""
    norms[:] = 0
    for i in range(W.shape[0]):
        for h in range(W.shape[1]):
            w = abs(W[i, h])
            if norm == LINF:
                norms[h] += w
            elif norm == L2:
                norms[h] += w * w
            else:
                norms[h] = max(norms[h], w)
    if norm == L2:
        norms[:] = np.sqrt(norms)
