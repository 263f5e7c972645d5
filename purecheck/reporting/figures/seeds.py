"""Medians over seeds with their intervals, as bands and as error bars."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from numerics.arrays import Floats
from numerics.statistics import median_interval
from purecheck.verdicts.error_rates import FALSE_ALARM

INTERVALS = f"Intervals are {100 * (1 - FALSE_ALARM):g} % confidence intervals for the median over seeds."
"""The definition of the intervals of this module, for captions."""


def band(axes: Axes, x: ArrayLike, rows: Floats, colour: str, label: str, *, dashed: bool) -> None:
    """Draw the median of each row over seeds as a line, and its interval as a band."""
    ends = [median_interval(row, false_alarm=FALSE_ALARM) for row in rows]
    axes.plot(x, np.median(rows, axis=1), color=colour, label=label, linestyle="--" if dashed else "-")
    axes.fill_between(x, [end.low for end in ends], [end.high for end in ends], color=colour, alpha=0.2, linewidth=0)


def medians(samples: Sequence[Floats]) -> tuple[Floats, Floats]:
    """Median over seeds of each sample, shape (n,), and the distances to the ends of its interval, shape (2, n)."""
    middle = np.asarray([np.median(seeds) for seeds in samples])
    ends = [median_interval(seeds, false_alarm=FALSE_ALARM) for seeds in samples]
    low, high = np.asarray([end.low for end in ends]), np.asarray([end.high for end in ends])
    return middle, np.stack([middle - low, high - middle])
