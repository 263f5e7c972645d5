"""The passes over patches and pre-activations, compiled for NumPy arrays; each reads and writes memory only once."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from numerics.compiled.decorator import compiled

Floats = npt.NDArray[np.floating[Any]]
Integers = npt.NDArray[np.int64]


@compiled
def offsets(channels: int, size: int, patch: int) -> npt.NDArray[np.uintp]:
    """Return the positions of the numbers of a patch in a flat image, relative to the first.

    They are unsigned, so that Numba need not handle negative indices.
    """
    where = np.empty(channels * patch * patch, np.uintp)
    t = 0
    for c in range(channels):
        for i in range(patch):
            for j in range(patch):
                where[t] = (c * size + i) * size + j
                t += 1
    return where


@compiled
def extract(x: Floats, patch: int, stride: int, mean: Floats) -> Floats:
    """Return the patches of images ``(n, c, size, size)`` less `mean` ``(d,)``, shape (n, positions, d)."""
    n, channels, size, _ = x.shape
    side = (size - patch) // stride + 1
    where = offsets(channels, size, patch)
    patches = np.empty((n, side * side, len(where)), x.dtype)
    pixels = x.reshape(n, channels * size * size)
    for k in range(n):
        for row in range(side):
            for column in range(side):
                out = patches[k, row * side + column]
                source = pixels[k, (row * size + column) * stride :]
                for t in range(len(where)):
                    out[t] = source[where[t]] - mean[t]
    return patches


@compiled
def fold(patches: Floats, channels: int, size: int, patch: int, stride: int) -> Floats:
    """Return the sum of all patches ``(n, positions, d)``, each in its place, shape (n, c, size, size)."""
    n = patches.shape[0]
    side = (size - patch) // stride + 1
    where = offsets(channels, size, patch)
    pixels = np.zeros((n, channels * size * size), patches.dtype)
    for k in range(n):
        for row in range(side):
            for column in range(side):
                part = patches[k, row * side + column]
                target = pixels[k, (row * size + column) * stride :]
                for t in range(len(where)):
                    target[where[t]] += part[t]
    return pixels.reshape(n, channels, size, size)


@compiled
def gate_features(V: Floats, b: Floats, cell: Integers, weight: Floats) -> Floats:
    """Return the open preactivations pooled by sign, shape (n, cells, 2, H).

    Parameters
    ----------
    V : array, shape (n, positions, H)
        Preactivations.
    b : array, shape (H,)
        Thresholds.
    cell : array of int, shape (positions,)
        The cell that each position lies in.
    weight : array, shape (cells,)
        One over the positions in each cell.
    """
    n, positions, nodes = V.shape
    zero = V.dtype.type(0)
    pooled = np.zeros((n, len(weight), 2, nodes), V.dtype)
    for k in range(n):
        for position in range(positions):
            v, above, below = V[k, position], pooled[k, cell[position], 0], pooled[k, cell[position], 1]
            for h in range(nodes):
                open_value = v[h] if abs(v[h]) >= b[h] else zero
                above[h] += max(open_value, zero)
                below[h] += max(-open_value, zero)
        for one in range(len(weight)):
            pooled[k, one] *= weight[one]
    return pooled


@compiled
def gate_pull(V: Floats, b: Floats, cell: Integers, weight: Floats, cotangent: Floats) -> Floats:
    """Return the cotangents of preactivations `V`, gates held fixed, for those ``(n, cells, 2, H)`` of features."""
    n, positions, nodes = V.shape
    zero = V.dtype.type(0)
    pulled = np.empty_like(V)
    for k in range(n):
        parts = cotangent[k] * weight.reshape(-1, 1, 1)
        for position in range(positions):
            v, out = V[k, position], pulled[k, position]
            above, below = parts[cell[position], 0], parts[cell[position], 1]
            for h in range(nodes):
                signed = above[h] if v[h] > zero else -below[h]
                out[h] = signed if abs(v[h]) >= b[h] else zero
    return pulled
