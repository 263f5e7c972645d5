"""The tests themselves are tested: they reject wrong values and accept right ones at the declared rates."""

import math

import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st

from numerics.rounding import gamma
from numerics.statistics import (
    Interval,
    mean_agrees,
    mean_interval,
    median_interval,
    proportion_agrees,
    proportion_interval,
    sample_size,
)
from numerics.streams import Streams

STREAMS = Streams(0).child("statistics")
RATE = 0.05


def probability(n, p, event):
    """P(event(successes)) for n trials of probability p, by summing the binomial law."""
    successes = np.arange(n + 1)
    # a sum of at most n + 1 probabilities, each computed to a relative error far below 1e-10
    return float(np.sum(scipy.stats.binom.pmf(successes, n, p)[[event(int(k)) for k in successes]]))


def coins(successes, n):
    return np.repeat([1.0, 0.0], [successes, n - successes])


@pytest.mark.parametrize("p", [0.0, 0.01, 0.3, 0.5, 0.9, 1.0])
@pytest.mark.parametrize("n", [1, 7, 40])
def test_clopper_pearson_misses_at_most_at_its_rate(n, p):
    misses = probability(n, p, lambda k: p not in proportion_interval(k, n, false_alarm=RATE))
    assert misses <= RATE


@pytest.mark.parametrize("method", ["hoeffding", "bernstein"])
@pytest.mark.parametrize("p", [0.02, 0.5, 0.9])
def test_bounded_means_are_missed_at_most_at_the_rate(method, p):
    n = 600
    interval = {k: mean_interval(coins(k, n), method, bounds=(0, 1), false_alarm=RATE) for k in range(n + 1)}
    assert probability(n, p, lambda k: p not in interval[k]) <= RATE


def test_student_misses_normal_means_exactly_at_its_rate():
    """Neither more nor less often: an interval that is too wide would be caught as well."""
    detectable = 0.1
    repetitions = sample_size(detectable)
    draws = STREAMS.generator("student").normal(3.0, 2.0, (repetitions, 4))
    misses = sum(3.0 not in mean_interval(row, "student", false_alarm=0.5) for row in draws)
    assert proportion_agrees(misses, repetitions, 0.5, detectable=detectable)


@given(n=st.integers(1, 200), data=st.data(), exponent=st.integers(1, 12))
def test_exact_intervals_lie_within_hoeffdings(n, data, exponent):
    """The step that lets one sample size serve both."""
    successes = data.draw(st.integers(0, n))
    rate = 10.0**-exponent
    exact = proportion_interval(successes, n, false_alarm=rate)
    half = math.sqrt(math.log(2 / rate) / (2 * n))
    # beta quantiles are computed to a relative error far below 1e-9
    slack = 1e-9
    assert successes / n - half - slack <= exact.low <= successes / n <= exact.high <= successes / n + half + slack


@pytest.mark.parametrize("offset", [-1, 1])
@pytest.mark.parametrize("p", [0.2, 0.5])
def test_an_error_of_the_detectable_size_is_missed_at_most_at_the_rate(p, offset):
    detectable = 0.15
    n = sample_size(detectable, false_alarm=RATE, miss=RATE)
    rates = {"detectable": detectable, "false_alarm": RATE, "miss": RATE}
    wrong = p + offset * detectable
    assert probability(n, p, lambda k: proportion_agrees(k, n, wrong, **rates)) <= RATE
    assert probability(n, p, lambda k: mean_agrees(coins(k, n), wrong, bounds=(0, 1), **rates)) <= RATE
    assert probability(n, p, lambda k: not proportion_agrees(k, n, p, **rates)) <= RATE
    assert probability(n, p, lambda k: not mean_agrees(coins(k, n), p, bounds=(0, 1), **rates)) <= RATE


@given(detectable=st.floats(1e-3, 1), width=st.floats(0.1, 10), rate=st.floats(1e-12, 0.2))
def test_the_sample_size_is_the_least_that_the_bound_allows(detectable, width, rate):
    n = sample_size(detectable, width, false_alarm=rate, miss=rate)

    def strays(draws):
        return width * (math.sqrt(math.log(2 / rate)) + math.sqrt(math.log(1 / rate))) / math.sqrt(2 * draws)

    rounding = 1 + gamma(12, "float64")
    assert strays(n) <= detectable * rounding
    assert n == 2 or strays(n - 1) * rounding > detectable


def test_bernstein_is_narrower_where_the_variance_is_small():
    draws = coins(10, 10_000)
    bernstein, hoeffding = (mean_interval(draws, method, bounds=(0, 1)) for method in ("bernstein", "hoeffding"))
    assert bernstein.high < hoeffding.high


def test_means_scale_with_their_range():
    narrow = mean_interval(coins(30, 60), "hoeffding", bounds=(0, 1))
    wide = mean_interval(8 * coins(30, 60), "hoeffding", bounds=(0, 8))
    assert wide == Interval(8 * narrow.low, 8 * narrow.high)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: mean_interval([1.0], "student"), r"samples has shape \(1,\)"),
        (lambda: mean_interval([[1.0, 2.0]], "student"), r"samples has shape \(1, 2\)"),
        (lambda: mean_interval([1.0, math.nan], "student"), "not finite"),
        (lambda: mean_interval([1.0, 2.0], "hoeffding"), "bounds is None"),
        (lambda: mean_interval([1.0, 2.0], "hoeffding", bounds=(0, 1)), r"bounds is \(0, 1\)"),
        (lambda: mean_interval([1.0, 2.0], "normal"), "method is 'normal'"),  # type: ignore[arg-type]
        (lambda: mean_interval([1.0, 2.0], "student", false_alarm=0.0), "false_alarm is 0.0"),
        (lambda: proportion_interval(3, 2), "successes, n is 3, 2"),
        (lambda: proportion_interval(0, 0), "successes, n is 0, 0"),
        (lambda: sample_size(0.0), "detectable is 0.0"),
        (lambda: sample_size(0.1, -1.0), "width is -1.0"),
        (lambda: sample_size(0.1, miss=1.0), "miss is 1.0"),
        (lambda: proportion_agrees(1, 10, 0.5, detectable=0.01), "n is 10; expected at least"),
        (lambda: mean_agrees([0, 1], 0.5, bounds=(0, 1), detectable=0.01), "n is 2; expected at least"),
    ],
)
def test_arguments_out_of_range_are_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize(("n", "k"), [(20, 3), (10, 1), (50, 14)])
def test_the_median_interval_is_made_of_the_order_statistics_that_its_rate_allows(n, k):
    interval = median_interval(np.arange(1.0, n + 1), false_alarm=1e-3 if n != 10 else 2e-3)
    assert (interval.low, interval.high) == (k, n + 1 - k)


@pytest.mark.parametrize("n", [5, 12, 31])
def test_the_median_is_missed_at_most_at_the_rate(n):
    signs = np.repeat([-1.0, 1.0], n)
    misses = probability(
        n, 0.5, lambda below: 0.0 not in median_interval(signs[n - below : 2 * n - below], false_alarm=RATE)
    )
    assert misses <= RATE


def test_too_few_draws_leave_the_median_open():
    interval = median_interval([1.0, 2.0, 3.0], false_alarm=1e-6)
    assert (interval.low, interval.high) == (-math.inf, math.inf)
