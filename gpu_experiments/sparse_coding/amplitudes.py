"""Signs and sizes of the nonzero coefficients."""

from __future__ import annotations

import numpy as np
import scipy.stats

from gpu_experiments.sparse_coding.space import UnsuitableError
from numerics.arrays import Floats

LEVELS = (0.05, 0.25, 0.5, 0.75, 0.95)
"""Levels of the quantiles of sizes."""
LEAST = 10
"""Least number of active patches from which the signs and sizes of an atom are estimated."""


def imbalance(X: Floats) -> Floats:
    """Return ``|2 P(X_i > 0 | X_i != 0) - 1|`` of every atom that is active often enough."""
    positive, active = _counts(X)
    return np.asarray(np.abs(2 * positive / active - 1))


def balanced_imbalance(X: Floats) -> float:
    """Return the mean of `imbalance` for fair signs, ``E|2 Bin(n, 1/2)/n - 1|`` with the same counts: its floor.

    De Moivre (1730): ``E|2 Bin(n, 1/2) - n| = n C(n - 1, floor((n - 1)/2)) / 2^(n - 1)``.
    """
    _, active = _counts(X)
    return float(np.mean(scipy.stats.binom.pmf((active - 1) // 2, active - 1, 0.5)))


def unbalanced_atoms(X: Floats, false_alarm: float) -> float:
    """Return the share of atoms for which a test rejects that both signs are equally likely.

    Exact binomial tests with Bonferroni's correction: with fair signs, the probability of any such atom is at most
    `false_alarm`.
    """
    positive, active = _counts(X)
    least = np.minimum(scipy.stats.binom.cdf(positive, active, 0.5), scipy.stats.binom.sf(positive - 1, active, 0.5))
    return float(np.mean(2 * least * active.size <= false_alarm))


def relative_sizes(X: Floats) -> Floats:
    """Return ``|X_i|`` over its mean where it is not 0, shape (n, atoms); NaN elsewhere."""
    sizes = np.where(X != 0, np.abs(X), np.nan)[:, _active_atoms(X)]
    return np.asarray(sizes / np.nanmean(sizes, axis=0))


def variation(X: Floats) -> float:
    """Return the standard deviation over the mean of ``|X_i|`` where it is not 0, mean over atoms."""
    return float(np.mean(np.nanstd(relative_sizes(X), axis=0)))


def inverse_square_size(X: Floats) -> float:
    """Return ``1 / (mean of |X_i| where it is not 0)^2``, mean over atoms."""
    sizes = np.where(X != 0, np.abs(X), np.nan)[:, _active_atoms(X)]
    return float(np.mean(np.nanmean(sizes, axis=0) ** -2))


def quantiles(X: Floats) -> dict[str, float]:
    """Return the quantiles of `relative_sizes` over all atoms, by their level."""
    sizes = relative_sizes(X)
    return {f"{level:g}": float(np.nanquantile(sizes, level)) for level in LEVELS}


def _counts(X: Floats) -> tuple[np.ndarray, np.ndarray]:
    here = X[:, _active_atoms(X)]
    return np.sum(here > 0, axis=0), np.sum(here != 0, axis=0)


def _active_atoms(X: Floats) -> np.ndarray:
    often: np.ndarray = np.sum(X != 0, axis=0) >= LEAST
    if not often.any():
        raise UnsuitableError(f"no atom is active on {LEAST} patches; expected more images to test on, or more varied")
    return often
