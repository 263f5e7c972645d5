"""An orthogonal dictionary estimated from observations, by symmetric FastICA with the cubic contrast."""

from __future__ import annotations

import numpy as np

from numerics.arrays import Floats
from numerics.features import rotation
from numerics.rounding import gamma


def estimate_dictionary(Z: Floats, rng: np.random.Generator, *, steps: int = 500) -> Floats:
    """Return an orthogonal ``M`` for which the features ``M^T z`` are as independent as possible, shape (d, d).

    The columns are determined up to their order and their signs. The estimate is the stationary point of the fourth
    cumulants that the iteration reaches from a random rotation. Gaussian noise has no fourth cumulant, and neither has
    ``X`` at ``p = 1/3`` (constant amplitude), where nothing can be found.

    Parameters
    ----------
    Z : array, shape (n, d)
        Observations ``M X + xi`` of independent features with equal second moments.
    rng : numpy.random.Generator
        Source of the rotation from which the iteration starts.
    steps : int
        Largest number of iterations.

    Raises
    ------
    ValueError
        If `Z` has fewer observations than entries of a column, or the iteration does not converge.

    References
    ----------
    A. Hyvärinen, "Fast and robust fixed-point algorithms for independent component analysis", IEEE Transactions on
    Neural Networks 10 (1999). Y. Zhai et al., "Complete dictionary learning via l4-norm maximization over the
    orthogonal group", JMLR 21 (2020).
    """
    n, d = Z.shape
    if n < d:
        raise ValueError(f"Z has {n} rows; expected at least d = {d} observations")
    Z = Z / (float(np.sqrt(np.mean(Z**2))) or 1.0)
    M = rotation(d, rng)
    # A polar factor is orthogonal up to some d^2 roundings: an estimate that moves less has settled.
    settled = gamma(8 * d * d, "float64")
    for _ in range(steps):
        X = Z @ M
        last, M = M, _polar(Z.T @ X**3 / n - 3 * M * np.mean(X**2, axis=0))
        if np.max(1 - np.abs(np.sum(last * M, axis=0))) <= settled:
            return M
    raise ValueError(
        f"the dictionary does not settle in {steps} steps; expected more than {n} observations or p below 1/3"
    )


def agreement(first: Floats, second: Floats) -> float:
    """Return the mean over the columns of `first` of the largest ``|cos|`` to a column of `second`; 1 if they agree.

    Parameters
    ----------
    first, second : array, shape (d, d)
        Orthogonal dictionaries; the order and the signs of their columns do not matter.
    """
    return float(np.mean(np.max(np.abs(first.T @ second), axis=1)))


def _polar(A: Floats) -> Floats:
    """Return the orthogonal matrix nearest to `A`."""
    left, _, right = np.linalg.svd(A)
    return np.asarray(left @ right)
