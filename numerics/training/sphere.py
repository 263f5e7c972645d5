"""Training on the unit sphere: columns of ``W`` keep norm 1."""

from __future__ import annotations

from array_api_compat import array_namespace

from numerics.backend import Array


def tangential(gradient: Array, W: Array) -> Array:
    """Return the part of each column of `gradient` orthogonal to the same unit column of `W`."""
    xp = array_namespace(W)
    return gradient - W * xp.sum(gradient * W, axis=-2, keepdims=True)


def onto_sphere(W: Array) -> Array:
    """Return `W` with every column scaled to norm 1."""
    return W / array_namespace(W).linalg.vector_norm(W, axis=-2, keepdims=True)
