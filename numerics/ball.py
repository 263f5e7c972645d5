"""The perturbations of size at most ``eps`` in a norm: steps inside the ball, and points on its sphere."""

from __future__ import annotations

import math
from dataclasses import dataclass

from numerics.backend import Array, to_namespace_of
from numerics.norms import Norm, check_norm, project, steepest
from numerics.replica_streams import NormalSource


@dataclass(frozen=True)
class Ball:
    """The perturbations that an attack may choose from: ``||delta|| <= eps`` along the last axis.

    Raises
    ------
    ValueError
        If `eps` is negative or infinite, or `norm` is not a norm of `NORMS`.
    """

    eps: float
    norm: Norm

    def __post_init__(self) -> None:
        check_norm(self.norm)
        if not 0 <= self.eps < math.inf:
            raise ValueError(f"eps is {self.eps}; expected a finite number of at least 0")

    def step(self, delta: Array, direction: Array, length: float) -> Array:
        """Return the point reached from `delta` by the steepest step of this `length`, projected on the ball."""
        return project(delta + length * steepest(direction, self.norm), self.eps, self.norm)

    def farthest(self, direction: Array) -> Array:
        """Return the point of the ball that lies farthest along `direction`; 0 where that is 0."""
        return self.eps * steepest(direction, self.norm)

    def random(self, rng: NormalSource, like: Array) -> Array:
        """Return points of norm ``eps``, each farthest along a Gaussian direction, in the shape of `like`."""
        return self.farthest(random_normal(rng, like))


def random_normal(rng: NormalSource, like: Array) -> Array:
    """Return standard normal numbers, drawn on the host, with the shape, dtype and device of `like`."""
    return to_namespace_of(like, rng.standard_normal(like.shape))
