"""The population loss of a linear encoder as a function of its Gram matrix ``G = T^T T`` (claims C1 to C3).

Without noise and for a law with finitely many values, every mean is a finite sum, which is computed on the host in
double precision.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

import numpy as np

from numerics.arrays import Floats
from numerics.contrastive.loss import sigmoid, softplus

LARGEST_ENUMERATED = 8  # 3^8 values of X, hence 43 million pairs


@dataclass(frozen=True, eq=False)
class DiscreteLaw:
    """A law of ``X`` with finitely many values, symmetric under ``x -> -x``.

    Attributes
    ----------
    points : array, shape (n, d)
        One value of each pair ``+-x``.
    weights : array, shape (n,)
        Probability of each pair, at least 0, with sum 1.
    """

    points: Floats
    weights: Floats

    @classmethod
    def constant_amplitude(cls, d: int, p: float, r: float) -> DiscreteLaw:
        """Return the law of `d` independent features of amplitude `r` that are active with probability `p`.

        Raises
        ------
        ValueError
            If `d` is not between 1 and 8, `p` is not a probability, or `r` is not above 0.
        """
        if not 1 <= d <= LARGEST_ENUMERATED:
            raise ValueError(f"d is {d}; expected a whole number from 1 to {LARGEST_ENUMERATED}")
        if not 0 <= p <= 1:
            raise ValueError(f"p is {p}; expected a probability in [0, 1]")
        if not r > 0:
            raise ValueError(f"r is {r}; expected a number above 0")
        # In lexicographic order the values after the middle one, 0, are one of each pair +-x.
        signs = np.array(list(itertools.islice(itertools.product((-1, 0, 1), repeat=d), 3**d // 2, None)))
        active = np.count_nonzero(signs, axis=1)
        pairs = np.where(active > 0, 2.0, 1.0)
        return cls(r * signs, pairs * (p / 2) ** active * (1 - p) ** (d - active))

    @classmethod
    def empirical(cls, X: Floats) -> DiscreteLaw:
        """Return the law that gives each row of `X` and its opposite the same weight."""
        return cls(X, np.full(len(X), 1 / len(X)))


@dataclass(frozen=True, eq=False)
class GramLoss:
    """The population loss of ``G`` under the exact worst case of an l2 attack on ``z``.

    ``rho E sp(-X^T G X + eps ||G X||) + (1 - rho) E sp(X^T G X' + eps' ||G X'||)``, convex in ``G``.

    Attributes
    ----------
    law : DiscreteLaw
        Law of ``X``.
    eps_similar, eps_dissimilar : float
        Sizes ``eps`` and ``eps'`` of the attacks on similar and on dissimilar pairs, at least 0.
    rho : float
        Probability of a similar pair, in [0, 1].

    Raises
    ------
    ValueError
        If a field is outside the range above.
    """

    law: DiscreteLaw
    eps_similar: float = 0.0
    eps_dissimilar: float = 0.0
    rho: float = 0.5

    def __post_init__(self) -> None:
        for name in ("eps_similar", "eps_dissimilar"):
            if not getattr(self, name) >= 0:
                raise ValueError(f"{name} is {getattr(self, name)}; expected at least 0")
        if not 0 <= self.rho <= 1:
            raise ValueError(f"rho is {self.rho}; expected a probability in [0, 1]")

    def value(self, G: Floats) -> float:
        """Return the loss of the symmetric matrix `G`, shape (d, d)."""
        return self.value_and_gradient(G)[0]

    def value_and_gradient(self, G: Floats, smoothing: float = 0.0) -> tuple[float, Floats]:
        """Return the loss and its symmetric gradient ``D``, where ``<D, H>`` is the derivative along ``H``.

        Parameters
        ----------
        G : array, shape (d, d)
            A symmetric matrix.
        smoothing : float
            ``mu >= 0`` replaces each norm by ``sqrt(||v||^2 + mu^2)``, which is convex and larger by at most ``mu``. If
            it is 0, the subgradient of a norm at 0 is taken as 0.
        """
        X, w = self.law.points, self.law.weights
        images = X @ G
        lengths, directions = _smooth_norms(images, smoothing)
        similar = self.eps_similar * lengths - np.sum(X * images, axis=1)
        # A pair +-x meets a pair +-x' in two scores of opposite sign, each half the time.
        scores = X @ images.T
        growth = self.eps_dissimilar * lengths
        rise, fall = growth + scores, growth - scores
        value = self.rho * (w @ softplus(similar)) + (1 - self.rho) / 2 * (w @ (softplus(rise) + softplus(fall)) @ w)

        s = self.rho * w * sigmoid(similar)
        up, down = sigmoid(rise), sigmoid(fall)
        cross = (1 - self.rho) / 2 * w[:, None] * (up - down) * w
        stretch = (1 - self.rho) / 2 * self.eps_dissimilar * w * (w @ (up + down))
        gradient = X.T @ cross @ X - (X.T * s) @ X + (directions.T * (self.eps_similar * s + stretch)) @ X
        return float(value), (gradient + gradient.T) / 2

    @property
    def smoothing_excess(self) -> float:
        """The largest increase of the loss by a smoothing ``mu = 1``, from the slope of softplus, which is below 1."""
        return self.rho * self.eps_similar + (1 - self.rho) * self.eps_dissimilar

    @property
    def slope_at_zero(self) -> float:
        """The derivative of the loss along ``I`` at ``G = 0``.

        Where signed permutations leave the law unchanged, 0 is the optimum iff this is at least 0 (claim C3).
        """
        X, w = self.law.points, self.law.weights
        lengths = np.linalg.norm(X, axis=1)
        return float((self.smoothing_excess * (w @ lengths) - self.rho * (w @ lengths**2)) / 2)


def _smooth_norms(v: Floats, smoothing: float) -> tuple[Floats, Floats]:
    """Return ``sqrt(||v||^2 + mu^2)`` of each row and its gradient in the row."""
    lengths = np.hypot(np.linalg.norm(v, axis=1), smoothing)
    return lengths, v / np.where(lengths > 0, lengths, math.inf)[:, None]
