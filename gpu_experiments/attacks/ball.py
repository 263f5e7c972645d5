"""The perturbed images that an attack may choose from: a ball around each image, intersected with [0, 1]."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from array_api_compat import array_namespace

from numerics.backend import Array, to_namespace_of
from numerics.norms import Norm, project, steepest


@dataclass(frozen=True)
class ImageBall:
    """All images in [0, 1] at a distance of at most `eps` from an image.

    Attributes
    ----------
    eps : float
        Radius, in units of pixel values, at least 0.
    norm : {"linf", "l2"}
        Norm.

    Raises
    ------
    ValueError
        If `eps` is not a number of at least 0, or `norm` is another norm.
    """

    eps: float
    norm: Norm = "linf"

    def __post_init__(self) -> None:
        if not 0 <= self.eps < math.inf:
            raise ValueError(f"eps is {self.eps}; expected a number of at least 0")
        if self.norm not in ("linf", "l2"):
            raise ValueError(f"norm is {self.norm!r}; expected 'linf' or 'l2'")

    def step(self, x: Array, points: Array, gradient: Array, length: float) -> Array:
        """Return the points reached by the steepest step of this `length`, moved back into the ball around `x`."""
        ahead = _rows(points) + length * steepest(_rows(gradient), self.norm)
        return self.inside(x, ahead - _rows(x))

    def random(self, rng: np.random.Generator, x: Array) -> Array:
        """Return random points of the ball around each image: uniform in the cube, or in direction on the sphere."""
        shape = (x.shape[0], math.prod(x.shape[1:]))
        if self.norm == "linf":
            drawn = rng.random(shape, dtype=np.float32) * 2 - 1
        else:
            drawn = rng.standard_normal(shape, dtype=np.float32)
            drawn /= np.linalg.norm(drawn, axis=1, keepdims=True)
        return self.inside(x, self.eps * to_namespace_of(x, drawn))

    def inside(self, x: Array, delta: Array) -> Array:
        """Return ``x + delta``, `delta` moved into the ball; the box, in which `x` lies, only shortens it."""
        xp = array_namespace(x)
        points = _rows(x) + project(delta, self.eps, self.norm)
        return xp.reshape(xp.clip(points, 0.0, 1.0), x.shape)


def covering_radius(norm: Norm, pixels: int) -> float:
    """Return the least radius at which every image of this number of `pixels` can be turned into the same image.

    The mid-grey image differs from each of them by at most 1/2 in every pixel.
    """
    return 0.5 if norm == "linf" else 0.5 * math.sqrt(pixels)


def _rows(x: Array) -> Array:
    """Return images as rows, shape (n, pixels): norms run along the last axis."""
    return array_namespace(x).reshape(x, (x.shape[0], math.prod(x.shape[1:])))
