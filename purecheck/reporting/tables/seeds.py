"""Medians over seeds with their intervals, as cells."""

import numpy as np
from numpy.typing import NDArray

from numerics.statistics import median_interval
from purecheck.reporting.tables.cells import Estimate
from purecheck.verdicts.error_rates import FALSE_ALARM


def median(seeds: NDArray[np.float64]) -> Estimate:
    """Median over seeds, with the interval of order statistics that `interval_note` describes."""
    interval = median_interval(seeds, false_alarm=FALSE_ALARM)
    return Estimate(float(np.median(seeds)), interval.low, interval.high)


def interval_note(seeds: int) -> str:
    """The definition of the numbers and their intervals, for the note of a table."""
    return (
        f"Numbers are medians over {seeds} seeds; [low, high] are order statistics. For any law, this interval fails "
        f"to contain the median at a rate of at most ${FALSE_ALARM:g}$."
    )
