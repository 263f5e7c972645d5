"""Steps in a ball of the l1, l2 or linf norm, one observation after the other, as `numerics.norms` defines them."""

from __future__ import annotations

from typing import Any

import numpy as np

from numerics.compiled.decorator import compiled
from numerics.compiled.types import Floats

L1, L2, LINF = 0, 1, 2
KINDS = {"l1": L1, "l2": L2, "linf": LINF}


@compiled
def add_steepest(kind: int, length: Any, g: Floats, row: Floats) -> None:
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
        add_unit(length, g, row)


@compiled
def project(kind: int, eps: Any, row: Floats) -> None:
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
        level = soft_threshold(eps, row)
        for j in range(row.size):
            rest = max(abs(row[j]) - level, zero)
            row[j] = rest if row[j] > 0 else -rest


@compiled
def usual(squares: Any, g: Floats) -> bool:
    """Return whether the sum of squares of `g` is its square norm, no matter which squares underflow.

    Each that does is short of less than the least normal number, all together of less than one rounding.
    """
    limits = np.finfo(g.dtype)
    return bool(g.size * limits.tiny < limits.eps * squares < np.inf)


@compiled
def add_unit(length: Any, g: Floats, row: Floats) -> None:
    """Add ``length g/||g||_2``, nothing for ``g = 0``; safe where squares of `g` under- or overflow."""
    squares, size = g.dtype.type(0), g.dtype.type(1)
    for j in range(g.size):
        squares += g[j] * g[j]
    if not usual(squares, g):
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
def soft_threshold(eps: Any, row: Floats) -> Any:
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
