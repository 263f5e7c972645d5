"""Intervals over seeds, free of assumptions on the law of what was measured."""

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

    One `among` several that must all hold has its part of the rate only, so that together they keep to it.
    """
    interval = median_interval(seeds, false_alarm=FALSE_ALARM / among)
    return IntervalComparison(interval.low, interval.high, relation, value, f"{where}, median over {len(seeds)} seeds")
