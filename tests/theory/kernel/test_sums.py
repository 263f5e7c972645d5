"""Sums are finite, run forwards, and have indices within their ranges; nothing is shown of other sums."""

from time import monotonic

import pytest
from sympy import Integer, Integral, Rational, Sum, Symbol, factorial, oo, sqrt

from theory.algebra import is_nonnegative, is_positive, is_well_formed, reduces_to_zero

k, whole = Symbol("k", integer=True, positive=True), Symbol("k", integer=True)
n, w = Symbol("n", integer=True, positive=True), Symbol("w", integer=True)
x = Symbol("x", positive=True)
SECONDS = 5.0
"""More than enough for any of the sums below: they take a fraction of a second."""


@pytest.mark.parametrize("limits", [(whole, 3, 1), (whole, n, -1), (whole, 1, w), (whole, n, 1)])
def test_nothing_is_shown_of_a_sum_that_may_run_backwards(limits):
    assert not is_nonnegative(Sum(1, limits))
    assert not is_well_formed(Sum(1, limits))


def test_a_sum_that_runs_backwards_is_not_evaluated():
    assert Sum(1, (whole, 3, 1)).doit() == -1
    assert not reduces_to_zero(Sum(1, (whole, 3, 1)) + 1)


def test_the_order_of_limits_may_follow_from_the_range():
    total, box = Sum(1, (whole, 1, n - x)), {x: (Integer(0), n)}
    assert is_nonnegative(total, box)
    assert not is_nonnegative(total)


@pytest.mark.parametrize("low", [0, -1, w])
def test_an_index_that_declares_more_than_its_range_shows_nothing(low):
    assert not is_positive(Sum(k, (k, low, low + 2)) + 1)
    assert not reduces_to_zero(Sum(abs(k) - k, (k, low, low + 2)))


def test_an_index_supported_by_its_range_is_used():
    assert is_positive(Sum(k, (k, 1, n)))
    assert reduces_to_zero(Sum(abs(k) - k, (k, 1, n)))
    assert not is_well_formed(Integral(x, (x, -1, 1)))
    assert is_well_formed(Integral(x, (x, 0, 1)))


@pytest.mark.parametrize(
    "difference",
    [
        Sum(1, (whole, 1, oo)) - Sum(2, (whole, 1, oo)),
        Sum(1 / k, (k, 1, oo)) - Sum(2 / k, (k, 1, oo)),
        Sum(1 / k, (k, 1, oo)) - Sum(1 / (k + 1), (k, 1, oo)) - 1,
    ],
)
def test_infinite_sums_are_not_subtracted(difference):
    assert not reduces_to_zero(difference)
    assert not is_nonnegative(difference)


@pytest.mark.parametrize("terms", [65, 90])
def test_many_exact_terms_are_compared_quickly(terms):
    started = monotonic()
    roots = sum((sqrt(i) for i in range(1, terms + 1)), Integer(0))
    assert reduces_to_zero(Sum(sqrt(k), (k, 1, terms)) - roots)
    assert not reduces_to_zero(Sum(sqrt(k), (k, 1, terms)) - roots - Rational(1, 10**40))
    fractions = sum((1 / (x + i) for i in range(1, terms + 1)), Integer(0))
    assert not reduces_to_zero(Sum(1 / (x + k), (k, 1, terms)) - fractions - Rational(1, 10**9))
    assert not reduces_to_zero(Sum(x**k / factorial(k), (k, 1, terms)) - fractions)
    assert not is_positive(fractions - Sum(1 / (x + k), (k, 1, terms)))
    assert monotonic() - started < SECONDS
