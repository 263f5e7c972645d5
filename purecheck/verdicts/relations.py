"""Relations between named statistics, decided on measurements, and the false relations next to them."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
from sympy import Rational

from numerics.arrays import Floats
from numerics.statistics import Interval, median_interval
from purecheck.records.estimates import Count, gap_interval, over_seeds
from purecheck.verdicts.comparison import Comparison, IntervalComparison
from purecheck.verdicts.error_rates import FALSE_ALARM
from theory.relations import Relation
from theory.statistics import Fall, Measurement, Term


@dataclass(frozen=True, eq=False)
class Points:
    """Numbers at every observation.

    Attributes
    ----------
    values
        The numbers.
    slack
        A bound on the rounding error of each number in comparisons; 0 if the number adds none of its own.
    """

    values: Floats
    slack: Floats | float = 0.0


Sample: TypeAlias = Callable[[Measurement], Any]
"""The measurements: numbers, shape (seeds,); curves, shape (records, seeds); `Points`; or a sequence of `Count`."""


@dataclass(frozen=True)
class RelationVerdict:
    """The verdict on one relation without parameters.

    Attributes
    ----------
    relation
        The relation.
    comparison
        An interval compared with the relation's number, or the largest of many differences.
    admitted
        The interval of all numbers that, in place of the relation's own, the data do not refute.
    unit
        The resolution: a power of ten that separates numbers next to the interval.
    """

    relation: Relation
    comparison: IntervalComparison | Comparison
    admitted: Interval
    unit: Rational

    def next_to_it(self) -> Iterator[Relation]:
        """The relation with its number just beyond the far end of `admitted`: false, and as close as the data can tell.

        The rule is fixed before anything is measured: the first multiple of the unit at a distance of at least one
        unit.
        """
        low, high = self.admitted.low, self.admitted.high
        if self.relation.sign in ("<", "<=", "==") and math.isfinite(low):
            yield self.relation.with_number(past(low, self.unit, -1))
        if self.relation.sign in (">", "==") and math.isfinite(high):
            yield self.relation.with_number(past(high, self.unit, 1))


def decided(relation: Relation, sample: Sample, where: str) -> RelationVerdict:
    """The verdict on a relation without parameters, from the measurements."""
    if relation.over == "every observation":
        return _at_every_point(relation, sample, where)
    interval = _interval(relation, sample)
    sign: Literal["<", ">"] = "<" if relation.sign == "<" else ">"
    compared = IntervalComparison(interval.low, interval.high, sign, float(relation.number), where)
    largest = max(abs(interval.low), abs(interval.high))
    return RelationVerdict(relation, compared, interval, _unit((interval.high - interval.low) / _FINER, largest))


_FINER = 20
"""A control lies within a tenth of the interval's width from the interval.

It is at most two units away, and a unit is at most the width over this.
"""


def _unit(width: float, end: float) -> Rational:
    """The largest power of ten that is at most `width`, and not below what rounding at `end` can resolve."""
    if not math.isfinite(end):
        return Rational(1)
    least = math.ceil(math.log10(4 * np.spacing(end)))
    seen = math.floor(math.log10(width)) if 0 < width < math.inf else least
    return Rational(10) ** max(seen, least)


def past(end: float, unit: Rational, side: Literal[-1, 1]) -> Rational:
    """The first multiple of `unit` at a distance of at least one unit from `end`, above it or below."""
    units = Rational(end) / unit
    return (units.floor() - 1 if side < 0 else units.ceiling() + 1) * unit


def _interval(relation: Relation, sample: Sample) -> Interval:
    left = _taken(relation.left, sample)
    right = None if relation.right is None else _taken(relation.right, sample)
    if relation.over == "mean":
        return _of_the_mean(left, right)
    if right is not None and not relation.is_difference and np.any(right <= 0):
        return Interval(-math.inf, math.inf)  # a multiple is compared by ratios, where what it multiplies is positive
    values = left if right is None else left - right if relation.is_difference else left / right
    if values.ndim == 1:
        return median_interval(values, false_alarm=FALSE_ALARM)
    # Each of several measurements that must all hold has its part of the rate; the one nearest to failing is reported.
    ends = [median_interval(row, false_alarm=FALSE_ALARM / len(values)) for row in values]
    return max(ends, key=lambda end: end.high) if relation.sign == "<" else min(ends, key=lambda end: end.low)


def _taken(term: Term, sample: Sample) -> Any:
    return sample(term.start) - sample(term.end) if isinstance(term, Fall) else sample(term)


def _of_the_mean(left: Sequence[Any], right: Sequence[Any] | None) -> Interval:
    if right is None:
        return over_seeds(left)
    if isinstance(left[0], Count):
        return gap_interval(right, left)
    return over_seeds([one - other for one, other in zip(left, right, strict=True)])


def _at_every_point(relation: Relation, sample: Sample, where: str) -> RelationVerdict:
    """The verdict at every observation, up to the bounds of both sides on their rounding errors."""
    left, right = (_taken(term, sample) for term in (relation.left, relation.right) if term is not None)
    slack = np.broadcast_to(np.asarray(left.slack) + np.asarray(right.slack), left.values.shape)
    where = f"{where}, {left.values.size} observations"
    if left.values.size == 0:
        nothing = Comparison(math.nan, "<=", 1.0, where)
        return RelationVerdict(relation, nothing, Interval(-math.inf, math.inf), Rational(1))
    off = left.values - float(relation.bound) * right.values
    off = np.abs(off) if relation.sign == "==" else off
    if np.any(slack > 0):
        compared = Comparison(
            float(np.max(off / slack)), "<=", 1.0, f"{where}, in units of the bound on rounding errors"
        )
    else:
        compared = Comparison(float(np.max(off)), "<=", 0.0, f"{where}, largest difference")
    seen = right.values > 0  # where nothing is active the right side is 0, and every multiple of it
    if not np.any(seen):
        return RelationVerdict(relation, compared, Interval(-math.inf, math.inf), Rational(1))
    values, around, unit = left.values[seen], slack[seen], right.values[seen]
    low = float(np.max((values - around) / unit))
    high = float(np.min((values + around) / unit)) if relation.sign == "==" else math.inf
    # A multiple is seen to be wrong where it moves the value of least slack by more than that slack.
    return RelationVerdict(
        relation, compared, Interval(low, high), _unit(_FINER * float(np.min(around / unit)), abs(low))
    )
