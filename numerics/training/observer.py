"""Observations of features, computed fast enough for training: on the host, whole blocks at a time."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from numerics.training.noise import fast_normal
from numerics.training.plan import Dtype


class Observer:
    """The dictionary and the noise of one replica: ``Z = M X + xi``, with fresh noise in each call."""

    def __init__(self, M: NDArray[np.floating] | None, sigma: float, dtype: Dtype, noise: np.random.Generator) -> None:
        self._dtype: np.dtype[Any] = np.dtype(dtype)
        self._dictionary = None if M is None else np.ascontiguousarray(M.T, dtype=self._dtype)
        self._sigma = self._dtype.type(sigma)
        self._noise = noise

    def __call__(self, X: NDArray[np.floating]) -> NDArray[np.floating]:
        """Return observations of the features `X`, shape ``(..., d)``."""
        Z = X.copy() if self._dictionary is None else X @ self._dictionary
        if self._sigma:
            noise = fast_normal(self._noise, Z.shape, self._dtype)
            noise *= self._sigma
            Z += noise
        return Z
