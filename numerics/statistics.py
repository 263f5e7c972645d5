"""Confidence intervals and tests with declared error rates.

Every function takes the rate at which it may err. A run of many tests errs at most at the sum of their rates, so the
default of 1e-9 makes a false alarm in a whole run practically impossible.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt
import scipy.stats

# A run makes fewer than a thousand comparisons, so that it errs less than once in a million runs.
FALSE_ALARM = 1e-9
MISS = 1e-9

IntervalMethod: TypeAlias = Literal["hoeffding", "bernstein", "student"]


@dataclass(frozen=True)
class Interval:
    """The closed interval from `low` to `high`."""

    low: float
    high: float

    def __contains__(self, value: float) -> bool:
        return self.low <= value <= self.high


def mean_interval(
    samples: npt.ArrayLike,
    method: IntervalMethod,
    *,
    bounds: tuple[float, float] | None = None,
    false_alarm: float = FALSE_ALARM,
) -> Interval:
    """Return an interval that misses the mean of the law with probability at most `false_alarm`.

    Parameters
    ----------
    samples : array_like, shape (n,)
        Independent draws from one law, at least two.
    method : {"hoeffding", "bernstein", "student"}
        Hoeffding's inequality or the empirical Bernstein bound (narrower where the variance is small), for
        every law within `bounds`; or Student's interval, for normal laws (elsewhere its rate is a limit).
    bounds : tuple of float
        Least and largest value that the law can take; for Student's interval not needed.
    false_alarm : float
        In (0, 1).

    Raises
    ------
    ValueError
        If `samples` are fewer than two, not finite or outside `bounds`, or an argument is out of range.

    References
    ----------
    W. Hoeffding, JASA 58 (1963). A. Maurer and M. Pontil, "Empirical Bernstein bounds and sample variance
    penalization", COLT 2009, theorem 4, one side at half the rate.
    """
    values = _samples(samples)
    _check_rate("false_alarm", false_alarm)
    if method == "student":
        return _student(values, false_alarm)
    if method not in ("hoeffding", "bernstein"):
        raise ValueError(f"method is {method!r}; expected 'hoeffding', 'bernstein' or 'student'")
    low, high = _bounds(values, bounds)
    half = _hoeffding_half_width if method == "hoeffding" else _bernstein_half_width
    width = half(values, high - low, false_alarm)
    mean = float(values.mean())
    return Interval(max(low, mean - width), min(high, mean + width))


def proportion_interval(successes: int, n: int, *, false_alarm: float = FALSE_ALARM) -> Interval:
    """Return the Clopper-Pearson interval, which misses the probability at most at rate `false_alarm`.

    Raises
    ------
    ValueError
        If `successes` is not between 0 and ``n >= 1``, or `false_alarm` is not in (0, 1).

    References
    ----------
    C. Clopper and E. Pearson, Biometrika 26 (1934).

    Examples
    --------
    What 45 of 50 images that were classified correctly say about the accuracy:

    >>> interval = proportion_interval(45, 50, false_alarm=0.05)
    >>> round(interval.low, 3), round(interval.high, 3)
    (0.782, 0.967)
    """
    if not 0 <= successes <= n or n < 1:
        raise ValueError(f"successes, n is {successes}, {n}; expected 0 <= successes <= n and n >= 1")
    _check_rate("false_alarm", false_alarm)
    failures = n - successes
    low = scipy.stats.beta.ppf(false_alarm / 2, successes, failures + 1) if successes else 0.0
    high = scipy.stats.beta.isf(false_alarm / 2, successes + 1, failures) if failures else 1.0
    return Interval(float(low), float(high))


def median_interval(samples: npt.ArrayLike, *, false_alarm: float = FALSE_ALARM) -> Interval:
    """Return an interval of order statistics that misses the median of the law at most at rate `false_alarm`.

    It assumes nothing about the law: fewer than ``k`` of ``n`` draws fall below the median with probability ``P(Bin(n,
    1/2) < k)``, so the interval from the k-th smallest to the k-th largest misses it with at most twice that
    probability. If there are too few draws for the rate, the interval is the whole line.

    Raises
    ------
    ValueError
        If `samples` are fewer than two or not finite, or `false_alarm` is not in (0, 1).

    References
    ----------
    H. David and H. Nagaraja, "Order Statistics", 3rd edition (2003), section 7.1.

    Examples
    --------
    The interval for the median of a law, of which ten values are known:

    >>> median_interval([0, 1, 2, 3, 4, 5, 6, 7, 8, 9], false_alarm=0.05)
    Interval(low=1.0, high=8.0)
    """
    values = np.sort(_samples(samples))
    _check_rate("false_alarm", false_alarm)
    n = values.size
    ranks = np.arange(1, n // 2 + 1)
    allowed = ranks[2 * scipy.stats.binom.cdf(ranks - 1, n, 0.5) <= false_alarm]
    if allowed.size == 0:
        return Interval(-math.inf, math.inf)
    k = int(allowed[-1])
    return Interval(float(values[k - 1]), float(values[n - k]))


def sample_size(detectable: float, width: float = 1.0, *, false_alarm: float = FALSE_ALARM, miss: float = MISS) -> int:
    """Return the number of draws that detects an error of size `detectable` in a mean.

    With that many, `mean_agrees` and `proportion_agrees` reject a right value at most at the rate `false_alarm`, and
    accept a value that is off by `detectable` or more at most at the rate `miss`. By Hoeffding's inequality the mean
    differs from its expectation by at most ``w sqrt(log(2/alpha)/(2n))`` on either side, and by at most ``w
    sqrt(log(1/beta)/(2n))`` on one side, except at those rates; their sum is at most `detectable`. The Clopper-Pearson
    interval lies within Hoeffding's, so the same holds for proportions.

    Parameters
    ----------
    detectable : float
        Smallest error that must be detected, above 0.
    width : float
        Width of the range of the law, above 0.
    false_alarm, miss : float
        ``alpha`` and ``beta``, in (0, 1).

    Raises
    ------
    ValueError
        If an argument is out of range.
    """
    if not detectable > 0:
        raise ValueError(f"detectable is {detectable}; expected a number above 0")
    if not width > 0:
        raise ValueError(f"width is {width}; expected a number above 0")
    _check_rate("false_alarm", false_alarm)
    _check_rate("miss", miss)
    roots = math.sqrt(math.log(2 / false_alarm)) + math.sqrt(math.log(1 / miss))
    return max(2, math.ceil((width * roots / detectable) ** 2 / 2))


def mean_agrees(
    samples: npt.ArrayLike,
    value: float,
    *,
    bounds: tuple[float, float],
    detectable: float,
    false_alarm: float = FALSE_ALARM,
    miss: float = MISS,
) -> bool:
    """Return whether the mean of a bounded law agrees with `value`, at declared error rates.

    Parameters
    ----------
    samples : array_like, shape (n,)
        Independent draws from one law, at least ``sample_size(detectable, high - low)`` of them.
    value : float
        The claimed mean.
    bounds : tuple of float
        Least and largest value ``low, high`` that the law can take.
    detectable : float
        Smallest error that is detected, except at the rate `miss`.
    false_alarm, miss : float
        Rates at which a right `value` is rejected, and one off by `detectable` accepted.

    Raises
    ------
    ValueError
        If the samples are too few to detect such an error, or an argument is out of range.
    """
    values = _samples(samples)
    _require_power(values.size, detectable, bounds[1] - bounds[0], false_alarm, miss)
    return value in mean_interval(values, "hoeffding", bounds=bounds, false_alarm=false_alarm)


def proportion_agrees(
    successes: int,
    n: int,
    value: float,
    *,
    detectable: float,
    false_alarm: float = FALSE_ALARM,
    miss: float = MISS,
) -> bool:
    """Return whether `successes` of `n` independent trials agree with the probability `value`.

    Exact (Clopper-Pearson). The rates are those of `mean_agrees`.

    Raises
    ------
    ValueError
        If `n` is too small to detect such an error, or an argument is out of range.
    """
    _require_power(n, detectable, 1.0, false_alarm, miss)
    return value in proportion_interval(successes, n, false_alarm=false_alarm)


def _hoeffding_half_width(values: npt.NDArray[np.float64], width: float, false_alarm: float) -> float:
    return width * math.sqrt(math.log(2 / false_alarm) / (2 * values.size))


def _bernstein_half_width(values: npt.NDArray[np.float64], width: float, false_alarm: float) -> float:
    log_term = math.log(4 / false_alarm)
    spread = math.sqrt(2 * float(values.var(ddof=1)) * log_term / values.size)
    return spread + 7 * width * log_term / (3 * (values.size - 1))


def _student(values: npt.NDArray[np.float64], false_alarm: float) -> Interval:
    quantile = float(scipy.stats.t.isf(false_alarm / 2, values.size - 1))
    half = quantile * math.sqrt(float(values.var(ddof=1)) / values.size)
    mean = float(values.mean())
    return Interval(mean - half, mean + half)


def _samples(samples: npt.ArrayLike) -> npt.NDArray[np.float64]:
    values = np.asarray(samples, dtype=np.float64)
    if values.ndim != 1 or values.size < 2:
        raise ValueError(f"samples has shape {values.shape}; expected (n,) with n at least 2")
    if not np.all(np.isfinite(values)):
        raise ValueError("samples has entries that are not finite; expected finite numbers")
    return values


def _bounds(values: npt.NDArray[np.float64], bounds: tuple[float, float] | None) -> tuple[float, float]:
    if bounds is None:
        raise ValueError("bounds is None; expected the range of the law for this method")
    low, high = bounds
    least, largest = float(values.min()), float(values.max())
    if not low <= least <= largest <= high:
        raise ValueError(f"bounds is {bounds}; expected a range that holds the samples, [{least}, {largest}]")
    return low, high


def _check_rate(name: str, rate: float) -> None:
    if not 0 < rate < 1:
        raise ValueError(f"{name} is {rate}; expected a probability in (0, 1)")


def _require_power(n: int, detectable: float, width: float, false_alarm: float, miss: float) -> None:
    needed = sample_size(detectable, width, false_alarm=false_alarm, miss=miss)
    if n < needed:
        raise ValueError(f"n is {n}; expected at least {needed} draws to detect an error of {detectable}")
