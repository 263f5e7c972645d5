"""Pairs of observations under independent noise: of the same features if similar, of independent ones if dissimilar."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from numerics.backend import Array, Backend
from numerics.features import FeatureLaw
from numerics.streams import Streams
from numerics.training.observer import Observer
from numerics.training.plan import Dtype

HostArray = npt.NDArray[np.floating]


@dataclass(frozen=True)
class Pairs:
    """Observations in pairs.

    Attributes
    ----------
    Z, Z_prime : array, shape (..., n, d)
        The two sides ``z`` and ``z'`` of each pair; attacks perturb ``z``.
    y : array, shape (..., n)
        ``1`` for a similar pair, ``-1`` for a dissimilar one.
    """

    Z: Array
    Z_prime: Array
    y: Array


@dataclass(frozen=True, eq=False)
class PairLaw:
    """The law of a pair ``z = M x + xi``, ``z' = M x' + xi'``.

    Attributes
    ----------
    law : FeatureLaw
        Law of the features; ``x' = x`` in a similar pair, an independent draw in a dissimilar one.
    M : array, shape (d, d), optional
        Orthogonal dictionary; the identity if None.
    sigma : float
        Standard deviation of the noise, independent on the two sides, at least 0.
    rho : float
        Probability of a similar pair, in [0, 1]; 1/2 by default.

    Raises
    ------
    ValueError
        If `rho` is not a probability or `sigma` is negative.
    """

    law: FeatureLaw
    M: HostArray | None = None
    sigma: float = 0.0
    rho: float = 0.5

    def __post_init__(self) -> None:
        if not 0 <= self.rho <= 1:
            raise ValueError(f"rho is {self.rho}; expected a probability in [0, 1]")
        if not self.sigma >= 0:
            raise ValueError(f"sigma is {self.sigma}; expected at least 0")


class PairSource:
    """The streams of one replica; the features and noise of either side, and the similarity, advance separately."""

    def __init__(self, pair_law: PairLaw, streams: Streams, dtype: Dtype) -> None:
        self._law, self._rho = pair_law.law, pair_law.rho
        self._dtype: np.dtype[Any] = np.dtype(dtype)
        self._features, self._partners, self._similarity = (
            streams.generator(name) for name in ("features", "partners", "similarity")
        )
        self._observe, self._observe_partner = (
            Observer(pair_law.M, pair_law.sigma, dtype, streams.generator(name)) for name in ("noise", "partners/noise")
        )

    def draw(self, *shape: int) -> tuple[HostArray, HostArray, HostArray]:
        """Return ``Z`` and ``Z'`` of shape ``(*shape, d)`` and ``y`` of the given `shape`."""
        X = self._law.sample(self._features, shape, self._dtype.type)
        other = self._law.sample(self._partners, shape, self._dtype.type)
        similar = self._similarity.random(shape) < self._rho
        X_prime = np.where(similar[..., None], X, other)
        return self._observe(X), self._observe_partner(X_prime), np.where(similar, 1, -1).astype(self._dtype)


def sample_pairs(
    pair_law: PairLaw,
    n: int,
    streams: Streams,
    replicas: int | range,
    backend: Backend,
    dtype: Dtype = "float64",
) -> Pairs:
    """Return `n` pairs for each of the `replicas`, a number or a range, with ``Z`` of shape ``(replicas, n, d)``.

    Replica ``k`` draws from ``streams.child(str(k))`` alone, so its pairs do not depend on `replicas`.
    """
    chosen = range(replicas) if isinstance(replicas, int) else replicas
    drawn = [PairSource(pair_law, streams.child(str(k)), dtype).draw(n) for k in chosen]
    return Pairs(*(backend.asarray(np.stack(side)) for side in zip(*drawn, strict=True)))
