"""The model before training: whitening and thresholds from a sample of patches, random filters and head."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from gpu_experiments.models.classifier import PatchClassifier
from gpu_experiments.models.encoder import PatchEncoder, Preprocessing
from gpu_experiments.models.patches import PatchGrid
from gpu_experiments.pretraining.plan import EncoderPlan, PretrainingPlan
from numerics.arrays import Floats
from numerics.backend import Array, Backend
from numerics.streams import Streams

SAMPLE = 500
"""Number of images to which whitening and thresholds are fitted."""


def patch_moments(pixels: npt.NDArray[np.uint8], grid: PatchGrid) -> tuple[Floats, Floats]:
    """Return mean (d,) and covariance (d, d) of the patches of images, pixel values in [0, 1]."""
    patches = grid.extract(pixels / 255).reshape(-1, grid.dimension)
    mean = patches.mean(axis=0)
    centred = patches - mean
    return mean, centred.T @ centred / len(centred)


def whitening(covariance: Floats, added: float) -> Floats:
    """Return the symmetric ``T = (S + added tr(S)/d I)^(-1/2)`` of a covariance ``S``, shape (d, d).

    References
    ----------
    A. Bell and T. Sejnowski, "The 'independent components' of natural scenes are edge filters", Vision Research 37
    (1997).
    """
    variances, directions = np.linalg.eigh(covariance)
    scales = 1 / np.sqrt(np.maximum(variances, 0) + added * variances.mean())
    return np.asarray((directions * scales) @ directions.T)


def initial_encoder(plan: EncoderPlan, pixels: npt.NDArray[np.uint8], streams: Streams) -> PatchEncoder:
    """Return an encoder with standard normal filters of variance 1/d, in float64 on the host.

    Parameters
    ----------
    plan : EncoderPlan
    pixels : array of uint8, shape (n, channels, size, size)
        Images to train on; whitening and thresholds are fitted to a random sample of them.
    streams : Streams
        The streams ``sample`` and ``filters`` are used.
    """
    d = plan.grid.dimension
    chosen = streams.generator("sample").permutation(len(pixels))[:SAMPLE]
    mean, covariance = patch_moments(pixels[chosen], plan.grid)
    T = whitening(covariance, plan.whitening)
    W = streams.generator("filters").standard_normal((d, plan.hidden)) / np.sqrt(d)
    spread = np.sqrt(np.sum(T @ W * (covariance @ T @ W), axis=0))
    return PatchEncoder(W, plan.threshold * spread, plan.activation, Preprocessing(mean, T), plan.grid, plan.pool)


def initial_model(
    plan: PretrainingPlan, pixels: npt.NDArray[np.uint8], outputs: int, streams: Streams, backend: Backend
) -> PatchClassifier:
    """Return the initial model of `plan` with this number of `outputs`, on `backend`.

    The parameters are those of `initial_encoder`; the stream ``head`` is used as well.
    """
    encoder = initial_encoder(plan.encoder, pixels, streams)
    sample = encoder.features(pixels[:SAMPLE] / 255)
    scale = plan.head_scale / np.sqrt(np.sum(np.mean(sample**2, axis=0)))
    C = scale * streams.generator("head").standard_normal((encoder.width, outputs))
    return on_backend(PatchClassifier(encoder, C, np.zeros(outputs)), backend, plan.dtype)


def on_backend(model: PatchClassifier, backend: Backend, dtype: str) -> PatchClassifier:
    """Return `model`, whose arrays are on the host, on `backend` with `dtype`."""

    def there(x: Array) -> Array:
        return backend.asarray(x, dtype)

    encoder, steps = model.encoder, model.encoder.preprocessing
    moved = replace(
        encoder,
        W=there(encoder.W),
        b=there(encoder.b),
        preprocessing=None if steps is None else Preprocessing(there(steps.mean), there(steps.T)),
    )
    return PatchClassifier(moved, there(model.C), there(model.c0))
