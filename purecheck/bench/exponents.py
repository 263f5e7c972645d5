"""How the cost grows: the exponent of time in one size while the others are fixed."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from numerics.statistics import median_interval
from purecheck.bench.contestant import Contestant
from purecheck.bench.problem import CaseSize
from purecheck.bench.timing import Times, time_alternately

EXPECTED, NEAR = 1.0, 0.1
"""The expected exponent, and the allowed difference: time is proportional to each size, since the products are."""
FALSE_ALARM = 0.05
"""Rate at which the interval of an exponent does not contain its median over rounds."""
FACTORS = (1, 2, 4, 8)  # over a factor of 8, an exponent that is off by `NEAR` changes the time by 23 %
_LEAST = CaseSize(1, 256, 256, 512)
"""Sizes that are large enough for the products to dominate."""


@dataclass(frozen=True)
class Exponent:
    """The power of one size with which the time grows.

    Attributes
    ----------
    variable
        The size that grows.
    sizes, seconds
        Its values, and the median times.
    exponent, low, high
        Median over rounds of the least-squares slope of log time in log size, and the ends of a confidence interval for
        that median with error rate `FALSE_ALARM`. The ends are None if there are too few rounds for that rate.
    """

    variable: str
    sizes: tuple[int, ...]
    seconds: tuple[float, ...]
    exponent: float
    low: float | None
    high: float | None

    @property
    def as_expected(self) -> bool:
        """Whether the exponent lies within `NEAR` of `EXPECTED`."""
        return abs(self.exponent - EXPECTED) <= NEAR


def fit_exponent(variable: str, sizes: Sequence[int], seconds: NDArray[np.float64]) -> Exponent:
    """The exponent fitted to `seconds`, shape (sizes, rounds).

    Raises
    ------
    ValueError
        If there are fewer than four sizes.
    """
    if len(sizes) < 4:
        raise ValueError(f"sizes is {list(sizes)}; expected at least four")
    slopes = np.polyfit(np.log(sizes), np.log(seconds), 1)[0]
    interval = median_interval(slopes, false_alarm=FALSE_ALARM)
    low, high = (end if np.isfinite(end) else None for end in (interval.low, interval.high))
    medians = tuple(float(x) for x in np.median(seconds, axis=1))
    return Exponent(variable, tuple(sizes), medians, float(np.median(slopes)), low, high)


def smallest_sizes(cores: int) -> dict[str, CaseSize]:
    """The smallest sizes for each size that grows, with one replica per core so that all cores are always busy."""
    return dict.fromkeys(("d", "hidden", "n", "replicas"), replace(_LEAST, replicas=cores))


def measure_exponents(
    make: Callable[[CaseSize], Contestant], budget: float, turn: float, bases: Mapping[str, CaseSize]
) -> tuple[Exponent, ...]:
    """The exponent of every size, from times taken in turns.

    Parameters
    ----------
    make
        Makes the contestant that does the work at a size.
    budget, turn
        Seconds to spend in all, and seconds of a turn.
    bases
        For each size that grows, the sizes with which to begin.
    """
    plan = {
        name: [replace(base, **{name: getattr(base, name) * factor}) for factor in FACTORS]
        for name, base in bases.items()
    }
    work = {size: replace(make(size), name=str(size)) for sizes in plan.values() for size in sizes}
    for one in work.values():
        one.run()
    times: Mapping[str, Times] = time_alternately(list(work.values()), budget, rest=0.0, turn=turn)
    return tuple(
        fit_exponent(
            name, [getattr(size, name) for size in sizes], np.stack([times[str(size)].seconds for size in sizes])
        )
        for name, sizes in plan.items()
    )
