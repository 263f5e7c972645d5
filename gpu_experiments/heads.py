"""Linear heads on the frozen features of an image encoder: multinomial logistic and least squares."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from array_api_compat import array_namespace
from scipy.optimize import OptimizeResult, minimize

from gpu_experiments.attacks.losses import cotangent, cross_entropy
from gpu_experiments.models.encoder import PatchEncoder
from numerics.arrays import Floats
from numerics.backend import Array, Backend, to_namespace_of, to_numpy

EXCESS = 1e-3
"""Tolerance in nats: a logistic head is accepted if its loss exceeds the least one by no more than this."""
_SECTION = 1000  # images whose pixels are floating-point numbers at a time


@dataclass(frozen=True, eq=False)
class LinearHead:
    """A linear map of features, ``logits = features C + c0``.

    Attributes
    ----------
    C : array, shape (F, classes)
    c0 : array, shape (classes,)
    excess : float
        Bound on how far the objective lies above its minimum; 0 for a closed form.
    """

    C: Array
    c0: Array
    excess: float


@dataclass(frozen=True, eq=False)
class Scaled:
    """Features less their means, all divided by the same number.

    Dividing each by its own standard deviation would be another penalty: features that are rarely active would count as
    much as the others, and an attack that activates them would benefit.

    Attributes
    ----------
    values : array, shape (n, F)
        Scaled features, whose mean square over all images and features is 1.
    mean : array, shape (F,)
        Mean of each feature.
    scale : float
        Root of the mean variance of the features; 1 if all are constant.
    """

    values: Array
    mean: Array
    scale: float

    def head(self, C: Array, c0: Array, excess: float) -> LinearHead:
        """Return the head on the features themselves that `C` and `c0` are on scaled ones."""
        on_features = C / self.scale
        return LinearHead(on_features, c0 - self.mean @ on_features, excess)


def features_of(encoder: PatchEncoder, pixels: npt.NDArray[np.uint8], backend: Backend) -> Array:
    """Return the features of images, shape (n, F), on `backend` in the dtype of the encoder.

    Parameters
    ----------
    encoder : PatchEncoder
    pixels : array of uint8, shape (n, channels, size, size)
    backend : Backend
        Where the encoder lives.
    """
    dtype = str(encoder.W.dtype).rpartition(".")[2]
    features = backend.xp.empty((len(pixels), encoder.width), dtype=encoder.W.dtype)
    for start in range(0, len(pixels), _SECTION):
        part = slice(start, min(start + _SECTION, len(pixels)))
        features[part, ...] = encoder.features(backend.asarray(pixels[part], dtype) / 255)
    return features


def scaled(features: Array) -> Scaled:
    """Return `features` scaled; they are overwritten, since a copy may not fit into memory."""
    xp = array_namespace(features)
    mean, variance = xp.mean(features, axis=0), xp.var(features, axis=0)
    scale = math.sqrt(float(xp.mean(variance))) or 1.0
    features -= mean
    features /= scale
    return Scaled(features, mean, scale)


def logistic_head(features: Scaled, labels: Array, classes: int, ridge: float, most_steps: int) -> LinearHead:
    """Return the head of least ``mean cross-entropy + ridge (||C||^2 + ||c0||^2)`` on scaled features.

    It is found by L-BFGS from zero, until the objective is within `EXCESS` of its minimum: the objective is strongly
    convex with modulus ``2 ridge``, so its excess is at most ``||gradient||^2/(4 ridge)``, which the head reports.

    Parameters
    ----------
    features : Scaled
        Features of n images.
    labels : array of int, shape (n,)
    classes : int
    ridge : float
        Weight of the penalty, above 0.
    most_steps : int
        Largest number of steps of L-BFGS.

    Raises
    ------
    ValueError
        If `ridge` is not above 0.

    References
    ----------
    R. Byrd, P. Lu, J. Nocedal and C. Zhu, SIAM J. Sci. Comput. 16 (1995), in `scipy.optimize`.
    """
    if not ridge > 0:
        raise ValueError(f"ridge is {ridge}; expected a number above 0")
    objective = _Objective(features.values, labels, classes, ridge)

    def stop_when_found(intermediate_result: OptimizeResult) -> None:
        if objective.excess(intermediate_result.x) <= EXCESS:
            raise StopIteration

    start = np.zeros((features.values.shape[1] + 1) * classes)
    found = minimize(
        objective, start, jac=True, method="L-BFGS-B", callback=stop_when_found, options={"maxiter": most_steps}
    )
    return features.head(*objective.head(found.x), objective.excess(found.x))


class _Objective:
    """The objective of `logistic_head` and its gradient, which is kept for the last point."""

    def __init__(self, values: Array, labels: Array, classes: int, ridge: float) -> None:
        self._values, self._labels, self._classes, self._ridge = values, labels, classes, ridge
        self._columns = array_namespace(values).matrix_transpose(values)
        self._last: tuple[Floats, Floats] | None = None

    def __call__(self, flat: Floats) -> tuple[float, Floats]:
        """Return the objective and its gradient, shape ((F + 1) classes,), on the host."""
        xp = array_namespace(self._values)
        C, c0 = self.head(flat)
        logits = self._values @ C + c0
        slope = cotangent("cross_entropy", logits, self._labels) / self._values.shape[0]
        fit = np.concatenate([to_numpy(self._columns @ slope), to_numpy(xp.sum(slope, axis=0))[None]])
        loss = float(xp.mean(cross_entropy(logits, self._labels))) + self._ridge * float(flat @ flat)
        gradient = fit.astype(np.float64).ravel() + 2 * self._ridge * flat
        self._last = (flat.copy(), gradient)
        return loss, gradient

    def head(self, flat: Floats) -> tuple[Array, Array]:
        """Return ``C`` and ``c0`` where the features are."""
        table = to_namespace_of(self._values, flat.reshape(-1, self._classes))
        return table[:-1, :], table[-1, :]

    def excess(self, flat: Floats) -> float:
        """Return the bound on how far the objective lies above its minimum."""
        last = self._last
        gradient = last[1] if last is not None and np.array_equal(last[0], flat) else self(flat)[1]
        return float(gradient @ gradient) / (4 * self._ridge)


def least_squares_head(features: Scaled, labels: Array, classes: int, ridge: float) -> LinearHead:
    """Return the head of least ``mean ||logits - one-hot label||^2 + ridge ||C||^2`` on scaled features.

    It solves the normal equations; ``c0`` is the share of each class.

    Raises
    ------
    ValueError
        If `ridge` is not above 0: features may be dependent.
    """
    if not ridge > 0:
        raise ValueError(f"ridge is {ridge}; expected a number above 0")
    xp = array_namespace(features.values)
    n, width = features.values.shape
    dtype = features.values.dtype
    targets = xp.astype(labels[:, None] == xp.arange(classes, dtype=labels.dtype)[None, :], dtype)
    columns = xp.matrix_transpose(features.values)
    gram = columns @ features.values / n + ridge * xp.eye(width, dtype=dtype)
    c0 = xp.mean(targets, axis=0)
    return features.head(xp.linalg.solve(gram, columns @ (targets - c0) / n), c0, 0.0)
