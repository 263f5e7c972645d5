"""Small image models with random parameters, and bounds on their rounding errors.

Images, filters and heads are multiples of 2^-10, so that a step of 2^-12 times a direction of such multiples is
taken without rounding.
"""

from dataclasses import dataclass

import numpy as np

from gpu_experiments.models.classifier import PatchClassifier
from gpu_experiments.models.encoder import PatchEncoder, Preprocessing
from gpu_experiments.models.patches import PatchGrid
from numerics.activations import ActivationName
from numerics.arrays import Floats
from numerics.backend import Backend, select_backend
from numerics.rounding import gamma

GRID = PatchGrid(patch=4, stride=2, size=8, channels=2)
POOL = 2
NODES, CLASSES, IMAGES = 3, 4, 3
STEP = 2.0**-12

PIECEWISE_LINEAR: tuple[ActivationName, ...] = ("gate", "soft_threshold", "biased_relu", "relu", "leaky_relu")


def grid_numbers(rng: np.random.Generator, shape: tuple[int, ...], low: int = -1024, high: int = 1024) -> Floats:
    """Random multiples of 2^-10."""
    return rng.integers(low, high, shape, endpoint=True) / 1024


@dataclass(frozen=True)
class Case:
    """Host arrays of a model, images, and a cotangent of the logits."""

    W: Floats
    b: Floats
    C: Floats
    c0: Floats
    mean: Floats
    T: Floats
    x: Floats
    cotangent: Floats

    def model(
        self, activation: ActivationName, backend: Backend | None = None, dtype: str = "float64", chunk: int = IMAGES
    ) -> PatchClassifier:
        """The model on `backend`, which works through `chunk` images at a time."""
        there = backend or select_backend("numpy")
        W, b, C, c0, mean, T = (there.asarray(x, dtype) for x in (self.W, self.b, self.C, self.c0, self.mean, self.T))
        numbers = 2 * GRID.positions * (GRID.dimension + NODES)
        encoder = PatchEncoder(
            W,
            b,
            activation,
            Preprocessing(mean, T),
            GRID,
            POOL,
            chunk_bytes=chunk * numbers * np.dtype(dtype).itemsize,
        )
        if C.shape[0] != encoder.width:
            C = C[: encoder.width, ...]
        return PatchClassifier(encoder, C, c0)

    def size(self, activation: ActivationName, **parts: Floats) -> float:
        """Bound ``|cotangent . logits|`` term by term, every gate open, with `parts` in place of parameters."""
        x, W, C, c0 = (np.abs(parts.get(name, getattr(self, name))) for name in ("x", "W", "C", "c0"))
        patches = GRID.extract(x) + (0 if "x" in parts else np.abs(self.mean))
        reach = patches @ (np.abs(self.T) @ W) + (0 if {"x", "W"} & set(parts) else self.b)
        model = self.model(activation)
        pooled = model.encoder.cells.matrix @ reach
        features = np.repeat(pooled[:, :, None, :], model.encoder.parts, axis=2).reshape(len(x), -1)
        constant = 0 if {"x", "W", "C"} & set(parts) else c0
        return float(np.sum(np.abs(self.cotangent) * (features @ C[: model.encoder.width] + constant)))

    @property
    def margin(self) -> float:
        """The least distance of a preactivation from a jump or kink of any activation of the list."""
        V = self.model("gate").at(self.x).encoded.V
        return float(min(np.min(np.abs(np.abs(V) - self.b)), np.min(np.abs(V))))


ROUNDINGS = 2 * GRID.dimension + GRID.positions + 2 * POOL**2 * NODES + IMAGES * CLASSES + 8
"""Roundings that a term of ``cotangent . logits`` goes through: filters on pixels and patches (d each, with the mean
taken off), an activation, pooling over at most all positions, the head over all features, the sum over outputs."""

BOUND = gamma(ROUNDINGS, "float64")


def case(seed: int) -> Case:
    """The first random case, counted from `seed`, in which no step of the tests moves a preactivation past a kink.

    A step moves images or filters by at most `STEP` per entry.
    """
    for candidate in range(seed, seed + 200):
        one = _candidate(np.random.default_rng(candidate))
        by_images = STEP * float(np.max(np.sum(np.abs(one.T @ one.W), axis=0)))
        centred = np.abs(GRID.extract(one.x) - one.mean)
        by_filters = STEP * float(np.max(np.sum(centred @ np.abs(one.T), axis=-1)))
        if one.margin > 2 * max(by_images, by_filters):
            return one
    raise AssertionError("200 cases without the margin; expected one in a few")


def _candidate(rng: np.random.Generator) -> Case:
    d = GRID.dimension
    return Case(
        W=grid_numbers(rng, (d, NODES)),
        b=grid_numbers(rng, (NODES,), 256, 1024),
        C=grid_numbers(rng, (2 * POOL**2 * NODES, CLASSES)),
        c0=grid_numbers(rng, (CLASSES,)),
        mean=grid_numbers(rng, (d,), 0),
        T=np.eye(d) + grid_numbers(rng, (d, d), -64, 64),
        x=grid_numbers(rng, (IMAGES, GRID.channels, GRID.size, GRID.size), 0),
        cotangent=grid_numbers(rng, (IMAGES, CLASSES)),
    )
