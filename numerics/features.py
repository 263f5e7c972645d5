"""Sparse features, their observation through a dictionary, and random dictionaries."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import scipy.stats
from array_api_compat import array_namespace

from numerics.backend import Array, to_namespace_of

FloatArray = npt.NDArray[np.floating[Any]]


class Amplitude(Protocol):
    """The law of the amplitude ``R_i > 0`` of an active feature."""

    @property
    def second_moment(self) -> float:
        """E R_i^2."""

    def sample(self, rng: np.random.Generator, shape: tuple[int, ...]) -> FloatArray | float:
        """Return amplitudes that broadcast to `shape`."""


@dataclass(frozen=True)
class ConstantAmplitude:
    """The amplitude `r > 0` with probability one."""

    r: float

    def __post_init__(self) -> None:
        if not 0 < self.r < math.inf:
            raise ValueError(f"r is {self.r}; expected a finite number above 0")

    @property
    def second_moment(self) -> float:
        """E R_i^2 = r^2."""
        return self.r**2

    def sample(self, rng: np.random.Generator, shape: tuple[int, ...]) -> float:
        """Return `r`, which broadcasts to every `shape`."""
        return self.r


@dataclass(frozen=True)
class UniformAmplitude:
    """The uniform law on ``[r_min, r_max]``, ``0 < r_min < r_max``, an amplitude law with a density."""

    r_min: float
    r_max: float

    def __post_init__(self) -> None:
        if not 0 < self.r_min < self.r_max < math.inf:
            raise ValueError(
                f"r_min, r_max is {self.r_min}, {self.r_max}; expected finite numbers with 0 < r_min < r_max"
            )

    @property
    def second_moment(self) -> float:
        """E R_i^2 = (r_min^2 + r_min r_max + r_max^2)/3."""
        return (self.r_min**2 + self.r_min * self.r_max + self.r_max**2) / 3

    def sample(self, rng: np.random.Generator, shape: tuple[int, ...]) -> FloatArray:
        """Return independent amplitudes of the given `shape`, in float64."""
        return rng.uniform(self.r_min, self.r_max, shape)


@dataclass(frozen=True)
class FeatureLaw:
    """The law of ``X``: `d` independent coordinates ``X_i = B_i S_i R_i``.

    Attributes
    ----------
    d : int
        Number of features, at least 1.
    p : float
        Probability that a feature is active, in [0, 1].
    amplitude : Amplitude
        The law of ``R_i``.
    """

    d: int
    p: float
    amplitude: Amplitude

    def __post_init__(self) -> None:
        if self.d < 1:
            raise ValueError(f"d is {self.d}; expected at least 1")
        if not 0 <= self.p <= 1:
            raise ValueError(f"p is {self.p}; expected a probability in [0, 1]")

    @classmethod
    def unit_energy(cls, d: int, p: float) -> FeatureLaw:
        """Return the law with constant amplitude ``r = 1/sqrt(k)``, ``k = p d``: ``E ||X||^2 = 1``."""
        if not p * d > 0:
            raise ValueError(f"p d is {p * d}; expected a number above 0")
        return cls(d, p, ConstantAmplitude(1 / math.sqrt(p * d)))

    @property
    def second_moment(self) -> float:
        """E X_i^2 = p E R_i^2."""
        return self.p * self.amplitude.second_moment

    def sample(
        self,
        rng: np.random.Generator,
        shape: tuple[int, ...],
        dtype: type[np.float32] | type[np.float64] = np.float64,
    ) -> FloatArray:
        """Return samples of ``X``, shape ``(*shape, d)``, on the host.

        One uniform number decides the sign and the support of a coordinate. In float32 it has 24 bits, which changes
        `p` by less than 2^-23.
        """
        full = (*shape, self.d)
        u = rng.random(full, dtype=dtype)
        signed_support = (u < self.p).astype(np.int8) - 2 * (u < self.p / 2).astype(np.int8)
        X: FloatArray = np.multiply(signed_support, self.amplitude.sample(rng, full), dtype=dtype)
        return X


def observe(X: Array, M: Array | None = None, sigma: float = 0.0, rng: np.random.Generator | None = None) -> Array:
    """Return observations ``Z = M X + xi`` as rows, ``xi ~ N(0, sigma^2 I)``.

    Parameters
    ----------
    X : array, shape (..., n, d)
        Features.
    M : array, shape (..., d, d), optional
        Dictionary; the identity where None.
    sigma : float
        Standard deviation of the noise, at least 0.
    rng : numpy.random.Generator, optional
        Source of the noise, drawn on the host; needed where `sigma` is above 0.

    Returns
    -------
    array, shape (..., n, d)

    Raises
    ------
    ValueError
        If `sigma` is negative, or above 0 without `rng`.
    """
    if sigma < 0:
        raise ValueError(f"sigma is {sigma}; expected at least 0")
    if sigma > 0 and rng is None:
        raise ValueError(f"rng is None; expected a numpy.random.Generator for sigma = {sigma}")
    xp = array_namespace(X)
    Z = X if M is None else xp.matmul(X, xp.matrix_transpose(M))
    if rng is None or sigma == 0:
        return Z
    return Z + sigma * to_namespace_of(Z, rng.standard_normal(Z.shape))


def rotation(d: int, rng: np.random.Generator) -> FloatArray:
    """Return an orthogonal ``(d, d)`` matrix from the Haar measure, on the host."""
    if d == 1:  # SciPy 1.14 refuses it; later versions draw the sign of a normal number too
        return np.sign(rng.standard_normal((1, 1)))
    return np.asarray(scipy.stats.ortho_group.rvs(d, random_state=rng))
