"""Linear encoders through a bottleneck, and a search for the one that an attack costs least (claim C1q)."""

from dataclasses import dataclass

import numpy as np
import scipy.optimize
from numpy.typing import NDArray

from numerics.contrastive.gram import DiscreteLaw

Matrix = NDArray[np.float64]

_SMOOTHING = 1e-6


@dataclass(frozen=True)
class BottleneckEncoder:
    """A linear encoder, its features and an attack.

    Attributes
    ----------
    T
        Shape (q, d).
    p, eps
        Probability of activity; size of the attack. The amplitude is 1.
    """

    T: Matrix
    p: float
    eps: float

    @property
    def gram(self) -> Matrix:
        """`T^T T`."""
        return self.T.T @ self.T

    @property
    def law(self) -> DiscreteLaw:
        """The law of the features."""
        return DiscreteLaw.constant_amplitude(self.T.shape[1], self.p, 1.0)

    def __str__(self) -> str:
        return f"T = {self.T.tolist()}, p = {self.p}, eps = {self.eps}"


def attack_cost(encoder: BottleneckEncoder) -> float:
    """`E||G X||` over all sign patterns."""
    law = encoder.law
    return float(law.weights @ np.linalg.norm(law.points @ encoder.gram, axis=1))


def axes_ratio(q: int, rate: float) -> float:
    """`E||G X||/tr G` of `q` coordinate axes with equal scale, amplitude 1: `E sqrt(N)/q`, `N ~ Bin(q, p)`."""
    law = DiscreteLaw.constant_amplitude(q, rate, 1.0)
    return float(law.weights @ np.linalg.norm(law.points, axis=1)) / q


def least_ratio(encoder: BottleneckEncoder) -> tuple[float, Matrix]:
    """The least `E||G X||/tr G` that L-BFGS finds from the encoder on, with its factor `T`."""
    X, w = encoder.law.points, encoder.law.weights

    def ratio(flat: Matrix) -> tuple[float, Matrix]:
        T = flat.reshape(encoder.T.shape)
        images = X @ (T.T @ T)
        lengths = np.sqrt(np.sum(images**2, axis=1) + _SMOOTHING**2)
        pull = (images * (w / lengths)[:, None]).T @ X
        trace = float(np.sum(T**2))
        value = float(w @ lengths) / trace
        return value, ((T @ (pull + pull.T) - 2 * value * T) / trace).ravel()

    flat, *_ = scipy.optimize.fmin_l_bfgs_b(ratio, encoder.T.ravel(), maxiter=300)
    T: Matrix = np.asarray(flat).reshape(encoder.T.shape)
    return attack_cost(BottleneckEncoder(T, encoder.p, 0.0)) / float(np.sum(T**2)), T
