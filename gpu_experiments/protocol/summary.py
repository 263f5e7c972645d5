"""Means over seeds with Student intervals: accuracies of each arm, and the gap between arms seed by seed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from numerics.statistics import mean_interval
from purecheck.records.run import RunRecord

LEVEL = 0.95
"""Probability with which an interval contains the mean over all seeds, if accuracies are normal over seeds."""


@dataclass(frozen=True)
class SeedMean:
    """A mean over seeds, with its Student interval; a single seed has no interval."""

    mean: float
    low: float | None
    high: float | None


@dataclass(frozen=True)
class SummaryRow:
    """One line of the table: a measurement after clean and after adversarial pre-training, and the gap between them."""

    eps: float | None
    attack: str
    clean: SeedMean
    adversarial: SeedMean
    gap: SeedMean


def rows(clean: Sequence[RunRecord], adversarial: Sequence[RunRecord]) -> list[SummaryRow]:
    """Return the table of both arms: accuracy without an attack, then for each size every attack and the worst case.

    Parameters
    ----------
    clean, adversarial : sequence of RunRecord
        Records with the same settings and the same seeds in the same order; the gap is computed for each seed.
    """
    table = [_row(None, "none", clean, adversarial, lambda record: record.clean_accuracy)]
    for place, rung in sorted(enumerate(clean[0].rungs), key=lambda one: one[1].eps):
        for name in rung.robust_accuracy:
            table.append(_row(rung.eps, name, clean, adversarial, _accuracy(place, name)))
        table.append(_row(rung.eps, "worst case", clean, adversarial, _worst_case(place)))
    return table


def spread(values: Sequence[float], least: float) -> SeedMean:
    """Return the mean of values from `least` to 1, one a seed, with its Student interval at `LEVEL`."""
    mean = float(np.mean(values))
    if len(values) < 2:
        return SeedMean(mean, None, None)
    interval = mean_interval(values, "student", false_alarm=1 - LEVEL)
    return SeedMean(mean, max(least, interval.low), min(1.0, interval.high))


def _row(
    eps: float | None,
    attack: str,
    clean: Sequence[RunRecord],
    adversarial: Sequence[RunRecord],
    read: Callable[[RunRecord], float],
) -> SummaryRow:
    first, second = [read(one) for one in clean], [read(one) for one in adversarial]
    gaps = [b - a for a, b in zip(first, second, strict=True)]
    return SummaryRow(eps, attack, spread(first, 0.0), spread(second, 0.0), spread(gaps, -1.0))


def _accuracy(place: int, name: str) -> Callable[[RunRecord], float]:
    return lambda record: record.rungs[place].robust_accuracy[name]


def _worst_case(place: int) -> Callable[[RunRecord], float]:
    return lambda record: record.rungs[place].worst_case
