"""The loops from summed products to an update, compiled: each array is read and written once, in place."""

from __future__ import annotations

from typing import Any

import numpy as np

from numerics.compiled.decorator import compiled
from numerics.compiled.types import Floats


@compiled
def finish(first: int, last: int, W: Floats, a: Floats, product: Floats, da: Floats) -> None:
    """Turn the summed products of a replica ``(d, H)`` into its gradients, for the nodes from `first` to `last`."""
    da[first:last] = 0
    for i in range(W.shape[0]):
        for h in range(first, last):
            p = product[i, h]
            da[h] += W[i, h] * p
            product[i, h] = a[h] * p


@compiled
def descend(first: int, last: int, rate: Any, gradient: Floats, x: Floats) -> None:
    """Subtract ``rate`` times the gradient from the rows from `first` to `last`."""
    for r in range(first, last):
        for j in range(x.shape[1]):
            x[r, j] -= rate * gradient[r, j]


@compiled
def descend_with_momentum(
    first: int, last: int, rate: Any, momentum: Any, gradient: Floats, velocity: Floats, x: Floats
) -> None:
    """Update the velocity and the rows from `first` to `last`, as `numerics.optimisers.SGD` does."""
    for r in range(first, last):
        for j in range(x.shape[1]):
            velocity[r, j] = momentum * velocity[r, j] + gradient[r, j]
            x[r, j] -= rate * velocity[r, j]


@compiled
def descend_by_moments(
    first: int,
    last: int,
    stride: Any,
    guard: Any,
    decays: tuple[Any, Any],
    rests: tuple[Any, Any],
    gradient: Floats,
    m: Floats,
    v: Floats,
    x: Floats,
) -> None:
    """Update both moments and the rows from `first` to `last`, as `numerics.optimisers.Adam` does.

    `rests` are one minus the `decays`, computed before these were rounded: 1 - .999 has few digits in single precision.
    """
    for r in range(first, last):
        for j in range(x.shape[1]):
            g = gradient[r, j]
            m[r, j] = decays[0] * m[r, j] + rests[0] * g
            v[r, j] = decays[1] * v[r, j] + rests[1] * (g * g)
            x[r, j] -= stride * m[r, j] / (np.sqrt(v[r, j]) + guard)


@compiled
def make_tangential(first: int, last: int, W: Floats, gradient: Floats, along: Floats) -> None:
    """Subtract from each column of the gradient its part along the same unit column of ``W``."""
    for r in range(first, last):
        along[r] = 0
        for i in range(W.shape[1]):
            for h in range(W.shape[2]):
                along[r, h] += gradient[r, i, h] * W[r, i, h]
        for i in range(W.shape[1]):
            for h in range(W.shape[2]):
                gradient[r, i, h] -= W[r, i, h] * along[r, h]


@compiled
def put_on_sphere(first: int, last: int, W: Floats, norms: Floats) -> None:
    """Scale every column of ``W`` to norm 1."""
    for r in range(first, last):
        norms[r] = 0
        for i in range(W.shape[1]):
            for h in range(W.shape[2]):
                norms[r, h] += W[r, i, h] * W[r, i, h]
        norms[r] = np.sqrt(norms[r])
        for i in range(W.shape[1]):
            for h in range(W.shape[2]):
                W[r, i, h] /= norms[r, h]
