"""Statistics of held-out patches with intervals, by the jackknife over blocks of patches."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from numerics.arrays import Floats
from numerics.statistics import mean_interval


@dataclass(frozen=True)
class Estimate:
    """A statistic, and an interval that fails to contain the true value at the declared rate."""

    value: float
    low: float
    high: float


def bounded_mean(values: Floats, bounds: tuple[float, float], false_alarm: float) -> Estimate:
    """Return the mean of independent `values` (n,) within `bounds`, by the empirical Bernstein bound."""
    ends = mean_interval(values, "bernstein", bounds=bounds, false_alarm=false_alarm)
    return Estimate(float(values.mean()), ends.low, ends.high)


def jackknifed(statistic: Callable[[Floats], float], X: Floats, blocks: int, false_alarm: float) -> Estimate:
    """Return ``statistic(X)`` of independent rows `X` (n, k), with Student's interval of its pseudo-values.

    Leaving out each block of rows in turn gives pseudo-values whose spread is that of the statistic, if it is
    smooth: the rate is reached in the limit of many rows.

    References
    ----------
    R. Miller, "The jackknife - a review", Biometrika 61 (1974).
    """
    whole = statistic(X)
    owner = np.arange(len(X)) * blocks // len(X)
    without = np.asarray([statistic(X[owner != block]) for block in range(blocks)])
    ends = mean_interval(blocks * whole - (blocks - 1) * without, "student", false_alarm=false_alarm)
    return Estimate(whole, min(whole, ends.low), max(whole, ends.high))
