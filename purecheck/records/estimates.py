"""Intervals over recorded runs: over seeds, and over the test images that every accuracy was counted on.

A record does not change, so an interval errs once and not at every run of the checks: the rate is the customary one,
at which three seeds decide.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from numerics.statistics import Interval, mean_interval, proportion_interval

FALSE_ALARM = 0.05
"""Rate at which an interval misses what it estimates."""

LEAST_SEEDS = 3
"""With fewer an interval is the whole line."""


@dataclass(frozen=True)
class Count:
    """A share of test images, and how many there were."""

    share: float
    images: int

    def widths(self, false_alarm: float) -> tuple[float, float]:
        """How far Clopper and Pearson's interval reaches below and above the share."""
        ends = proportion_interval(round(self.share * self.images), self.images, false_alarm=false_alarm)
        return self.share - ends.low, ends.high - self.share


def over_seeds(values: Sequence[float], false_alarm: float = FALSE_ALARM) -> Interval:
    """Student's interval for the mean over seeds, which takes the law over seeds to be normal."""
    if len(values) < LEAST_SEEDS:
        return Interval(-math.inf, math.inf)
    return mean_interval(values, "student", false_alarm=false_alarm)


def gap_interval(lower: Sequence[Count], higher: Sequence[Count]) -> Interval:
    """The mean over seeds of `higher` less `lower`, one pair a seed.

    Half of the rate is for the seeds, Student's interval of the paired differences, which takes them to be normal. The
    other half is for the images: each count has its part of it, so that no assumption on how networks agree about
    images is needed, and what the counts may be off is added.
    """
    differences = [high.share - low.share for low, high in zip(lower, higher, strict=True)]
    seeds = over_seeds(differences, FALSE_ALARM / 2)
    rate = FALSE_ALARM / 2 / (len(lower) + len(higher))
    low_widths, high_widths = (np.asarray([one.widths(rate) for one in arm]) for arm in (lower, higher))
    below = float(np.mean(high_widths[:, 0] + low_widths[:, 1]))
    above = float(np.mean(high_widths[:, 1] + low_widths[:, 0]))
    return Interval(max(-1.0, seeds.low - below), min(1.0, seeds.high + above))


def accuracy_interval(counts: Sequence[Count]) -> Interval:
    """The mean of one arm over seeds, with both errors as in `gap_interval`, within [0, 1]."""
    seeds = over_seeds([one.share for one in counts], FALSE_ALARM / 2)
    widths = np.mean([one.widths(FALSE_ALARM / 2 / len(counts)) for one in counts], axis=0)
    return Interval(max(0.0, seeds.low - float(widths[0])), min(1.0, seeds.high + float(widths[1])))
