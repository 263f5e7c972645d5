"""Intervals over seeds that assume nothing about the law of the measurements."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from numerics.statistics import median_interval
from purecheck.verdicts.comparison import IntervalComparison
from purecheck.verdicts.error_rates import FALSE_ALARM


def median_compares(
    seeds: NDArray[np.float64], relation: Literal["<", ">"], value: float, where: str, *, among: int = 1
) -> IntervalComparison:
    """The comparison of the median over `seeds` with `value`, by the interval of order statistics.

    If this is one of `among` comparisons that must all hold, it gets its share of the error rate, so that together they
    keep to that rate.
    """
    interval = median_interval(seeds, false_alarm=FALSE_ALARM / among)
    return IntervalComparison(interval.low, interval.high, relation, value, f"{where}, median over {len(seeds)} seeds")
