"""Points that clauses are checked at: within the range, at its ends where they belong to it, and next to open ends."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sympy import Integer, Rational, Symbol, oo

from purecheck.evaluators.points import candidates, corners, crossed, points, shuffled
from theory.claims import Clause
from theory.ranges import Range, between, closed, integers, integers_from

x, y, n = Symbol("x", real=True), Symbol("y", real=True), Symbol("n", integer=True)

ends = st.fractions(-5, 5, max_denominator=9).map(lambda f: Rational(f.numerator, f.denominator))


@st.composite
def ranges(draw):
    low, width = draw(ends), draw(ends.filter(lambda value: value > 0))
    integer = draw(st.booleans())
    if integer:
        first = draw(st.integers(-4, 4))
        high = draw(st.one_of(st.just(oo), st.integers(0, 6).map(lambda more: Integer(first + more))))
        return Range(Integer(first), high, integer=True)
    return Range(low, draw(st.sampled_from([low + width, oo])), draw(st.booleans()), draw(st.booleans()))


@given(ranges())
def test_candidates_lie_within_the_range_and_reach_its_ends(r):
    found = candidates(r)
    assert found
    assert len(found) == len(set(found))
    assert all(value in r for value in found)
    if not r.open_low:
        assert r.low in found
    elif r.high != oo:
        assert min(found) - r.low <= (r.high - r.low) / 1000
    if r.high != oo and not r.open_high:
        assert r.high in found


def test_ends_that_name_other_parameters_are_evaluated_at_them():
    clause = Clause("c", "s", over={y: between(x, 2 * x), x: closed(1, 3)})
    for point in points(clause, np.random.default_rng(0), 50):
        assert 1 <= point[x] <= 3
        assert point[x] < point[y] < 2 * point[x]


def test_ranges_that_name_one_another_in_a_circle_are_refused():
    clause = Clause("c", "s", over={y: between(x, 5), x: between(y, 6)})
    with pytest.raises(ValueError, match="in a circle"):
        list(points(clause, np.random.default_rng(0), 1))


def test_a_smaller_range_keeps_an_instance_small():
    clause = Clause("c", "s", over={n: integers_from(1)})
    assert {int(point[n]) for point in points(clause, np.random.default_rng(0), 30, n=integers(1, 3))} == {1, 2, 3}


def test_the_first_points_run_through_the_candidates_of_every_symbol():
    clause = Clause("c", "s", over={x: closed(0, 1), y: closed(0, 1)})
    found = list(points(clause, np.random.default_rng(0), 20))
    for symbol in (x, y):
        assert {0, 1} <= {point[symbol] for point in found}


def test_corners_are_all_meetings_of_ends():
    clause = Clause("bound", "It is so.", over={y: between(0, x), x: closed(1, 2)})
    found = [(point[x], point[y]) for point in corners(clause)]
    near = Rational(1, 1000)
    assert sorted(found) == [(1, near), (1, 1 - near), (2, 2 * near), (2, 2 - 2 * near)]
    assert {point[x] for point in corners(clause, x=closed(1, 1))} == {1}


def test_every_symbol_runs_through_its_candidates_under_every_choice():
    clause = Clause("c", "s", over={x: between(0, 1), y: closed(0, 1), n: integers(1, 3)})
    found = list(crossed(clause, np.random.default_rng(0), 24, ("l1", "l2", "linf"), (1, -1)))
    assert len(found) == 6 * 24
    for symbol, r in clause.over.items():
        for norm in ("l1", "l2", "linf"):
            for sign in (1, -1):
                seen = {point[symbol] for at_norm, at_sign, point in found if (at_norm, at_sign) == (norm, sign)}
                assert seen >= set(candidates(r))


@given(st.integers(1, 40), st.lists(st.integers(1, 6), min_size=1, max_size=3), st.integers(0, 99))
def test_shuffled_choices_are_balanced(count, sizes, seed):
    found = list(shuffled(np.random.default_rng(seed), count, *map(range, sizes)))
    assert len(found) == count
    for size, chosen in zip(sizes, zip(*found, strict=True), strict=True):
        times = [chosen.count(one) for one in range(size)]
        assert max(times) - min(times) <= 1


def test_shuffled_choices_keep_step_neither_with_one_another_nor_with_the_points():
    """Every element of a choice meets every one of another, and every turn of the points, for some seed."""
    orders = {(*pair, turn % 2) for seed in range(20) for turn, pair in enumerate(_pairs(seed))}
    assert orders == {(a, b, turn) for a in range(2) for b in range(2) for turn in range(2)}


def _pairs(seed):
    return shuffled(np.random.default_rng(seed), 4, (0, 1), (0, 1))
