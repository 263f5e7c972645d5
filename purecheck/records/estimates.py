"""Intervals over recorded runs: over seeds, and over the test images that every accuracy was counted on.

A record does not change, so an interval errs once and not at every run of the checks: the rate is the customary one,
at which three seeds decide.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from numerics.statistics import Interval, mean_interval, proportion_interval
from theory import real_data
from theory.real_data import LEAST_SEEDS

__all__ = ["FALSE_ALARM", "LEAST_SEEDS", "Count", "accuracy_interval", "gap_interval", "over_seeds"]

FALSE_ALARM = float(real_data.FALSE_ALARM)
"""Rate at which an interval misses what it estimates."""


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

    Half of the rate is for the seeds: Student's interval of the paired differences, which takes them to be normal. The
    other half is for the images, and what they leave open is added: Clopper and Pearson's widths, in the mean over
    seeds since all networks see the same images, those of the two arms squared and added. That takes the arms to be
    right on images independently or, as networks are, on the same ones.

    References
    ----------
    R. Newcombe, "Interval estimation for the difference between independent proportions", Statistics in Medicine 17
    (1998), method 10, there with Wilson's limits.
    """
    differences = [high.share - low.share for low, high in zip(lower, higher, strict=True)]
    seeds = over_seeds(differences, FALSE_ALARM / 2)
    (low_below, low_above), (high_below, high_above) = map(_image_widths, (lower, higher))
    below, above = math.hypot(high_below, low_above), math.hypot(high_above, low_below)
    return Interval(max(-1.0, seeds.low - below), min(1.0, seeds.high + above))


def accuracy_interval(counts: Sequence[Count]) -> Interval:
    """The mean of one arm over seeds, with both errors as in `gap_interval`, within [0, 1]."""
    seeds = over_seeds([one.share for one in counts], FALSE_ALARM / 2)
    below, above = _image_widths(counts)
    return Interval(max(0.0, seeds.low - below), min(1.0, seeds.high + above))


def _image_widths(counts: Sequence[Count]) -> tuple[float, float]:
    """How far the images let the mean over seeds be off to either side: at most the mean of how far each count is."""
    below, above = np.mean([one.widths(FALSE_ALARM / 2) for one in counts], axis=0)
    return float(below), float(above)
