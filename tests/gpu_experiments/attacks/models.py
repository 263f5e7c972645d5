"""Models of images with known worst cases: linear ones, and one whose gates hide the way uphill."""

from dataclasses import dataclass

import numpy as np
from array_api_compat import array_namespace

from gpu_experiments.models.interface import Pullback
from numerics.attacks.smoothing import smoothed_gate_slope
from numerics.backend import Array, Backend

SHAPE = (3, 2, 2)
PIXELS = 12


@dataclass(frozen=True)
class LinearModel:
    """``logits = x A + c``."""

    A: Array
    c: Array
    chunk: int = 3

    def logits(self, x: Array) -> Array:
        return array_namespace(x).reshape(x, (x.shape[0], -1)) @ self.A + self.c

    def linearise(self, x: Array) -> tuple[Array, Pullback]:
        xp = array_namespace(x)
        return self.logits(x), lambda cotangent: xp.reshape(cotangent @ xp.matrix_transpose(self.A), x.shape)


@dataclass(frozen=True)
class OneGate:
    """Class 0 wins by 1/2 but where the mean pixel, less 1/2, is at least `b`: then class 1 wins by that times 10."""

    b: Array
    chunk: int = 2

    def logits(self, x: Array) -> Array:
        return self._logits(self._mean(x))

    def linearise(self, x: Array, smoothing: float | None = None) -> tuple[Array, Pullback]:
        xp = array_namespace(x)
        v = self._mean(x)
        reach = 1.0  # of an l_inf perturbation of size 1 in the mean
        slope = xp.astype(xp.abs(v) >= self.b, x.dtype) if smoothing is None else self._smoothed(v, smoothing * reach)

        def pull(cotangent: Array) -> Array:
            share = 10 * cotangent[:, 1] * slope / PIXELS
            return xp.broadcast_to(share[:, None, None, None], x.shape)

        return self._logits(v), pull

    def _smoothed(self, v: Array, width: float) -> Array:
        return smoothed_gate_slope(v, self.b, array_namespace(v).asarray(width, dtype=v.dtype))

    def _mean(self, x: Array) -> Array:
        return array_namespace(x).mean(x, axis=(1, 2, 3)) - 0.5

    def _logits(self, v: Array) -> Array:
        xp = array_namespace(v)
        gated = xp.where(xp.abs(v) >= self.b, v, xp.zeros_like(v))
        return xp.stack([xp.full_like(v, 0.5), 10 * gated], axis=1)


def linear_model(backend: Backend, seed: int, classes: int) -> LinearModel:
    """A linear model with standard normal weights."""
    rng = np.random.default_rng(seed)
    draw = rng.standard_normal
    return LinearModel(backend.asarray(draw((PIXELS, classes)), "float64"), backend.asarray(draw(classes), "float64"))


def drawn_images(backend: Backend, seed: int, n: int) -> Array:
    """Uniform images of the shape `SHAPE`."""
    return backend.asarray(np.random.default_rng(seed).random((n, *SHAPE)), "float64")
