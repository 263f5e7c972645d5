"""Purity of an encoder's filters in a dictionary, and of filters that are unrelated to its atoms."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gpu_experiments.sparse_coding.space import symmetric_root
from numerics.arrays import Floats
from numerics.features import rotation
from numerics.purity import participation_ratio


@dataclass(frozen=True)
class MeasuredPurity:
    """Mean participation ratio of filters in a dictionary, at least 1 each.

    Attributes
    ----------
    mean, median
        Over the filters.
    rotated
        Mean for the same filters, rotated at random.
    matched
        Mean for Gaussian filters with the same second moments: they have the same directions and scales, but are
        unrelated to the atoms.
    """

    mean: float
    median: float
    rotated: float
    matched: float


def filter_purity(M: Floats, W: Floats, rng: np.random.Generator) -> MeasuredPurity:
    """Return the purity of filters `W` (d, H) in the dictionary `M` (d, atoms); filters of zeros are left out.

    The feature weights are ``U = M^T W``, as ``w^T M x = (M^T w)^T x`` for every dictionary, orthogonal or not.
    """
    live = W[:, np.any(W != 0, axis=0)]
    d, width = live.shape
    turned = rotation(d, rng) @ live
    matched = symmetric_root(live.T) @ rng.standard_normal((d, 4 * width))
    ratios = participation_ratio(M.T @ live)
    return MeasuredPurity(float(ratios.mean()), float(np.median(ratios)), _mean(M, turned), _mean(M, matched))


def _mean(M: Floats, W: Floats) -> float:
    return float(participation_ratio(M.T @ W).mean())
