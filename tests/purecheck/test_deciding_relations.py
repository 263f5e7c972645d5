"""Relations are decided by intervals without assumptions on the law, and near misses of them are refuted."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sympy import Integer, Rational

from numerics.statistics import median_interval
from purecheck.records.estimates import Count, gap_interval, over_seeds
from purecheck.verdicts.error_rates import FALSE_ALARM
from purecheck.verdicts.relations import Points, decided, past
from theory.relations import Relation, above, below, larger, smaller
from theory.statistics import Fall, Named, Statistic
from theory.training.arms import ATTACKED, CLEAN, CLEAN_SMALL

SEEDS = 20
LEVEL = Statistic("level", "the level")
X, Y, Z = LEVEL(ATTACKED), LEVEL(CLEAN), LEVEL(CLEAN_SMALL)
numbers = st.floats(min_value=-1e6, max_value=1e6)
seeds = st.lists(numbers, min_size=SEEDS, max_size=SEEDS).map(np.asarray)
positive = st.lists(st.floats(min_value=1e-3, max_value=1e6), min_size=SEEDS, max_size=SEEDS).map(np.asarray)


def verdict(relation, *found):
    known = dict(zip((X, Y, Z), found, strict=False))
    return decided(relation, known.__getitem__, "here")


def test_a_median_is_compared_without_assumptions_on_the_law():
    values = np.full(SEEDS, 2.0)
    values[:2] = -1e9
    assert verdict(above(X, 1), values).comparison.holds is True
    assert verdict(below(X, 1), values).comparison.holds is False
    values[:3] = -1e9
    assert verdict(above(X, 1), values).comparison.holds is None
    assert verdict(above(X, 1), values[5:]).comparison.holds is not True or len(values[5:]) > 11
    assert verdict(above(X, 1), values[3:8]).comparison.holds is None  # five seeds are too few for the rate


@given(seeds, seeds)
def test_two_terms_are_compared_seed_by_seed(one, other):
    ends = median_interval(one - other, false_alarm=FALSE_ALARM)
    found = verdict(smaller(X, Y), one, other).comparison
    assert (found.low, found.high, found.value) == (ends.low, ends.high, 0.0)


@given(seeds, positive)
def test_a_multiple_is_compared_by_the_ratio(one, other):
    ends = median_interval(one / other, false_alarm=FALSE_ALARM)
    found = verdict(below(X, Rational(1, 2), Y), one, other).comparison
    assert (found.low, found.high, found.value) == (ends.low, ends.high, 0.5)


def test_a_multiple_of_what_is_not_positive_is_left_open():
    other = np.ones(SEEDS)
    other[0] = 0.0
    assert verdict(below(X, 2, Y), np.ones(SEEDS), other).comparison.holds is None


def test_a_fall_is_a_difference_on_the_same_seeds():
    ramp = np.linspace(0, 1, SEEDS)
    share = above(Fall(Z, X), Rational(1, 2), Fall(Z, Y))
    assert verdict(share, ramp + 0.1, ramp, ramp + 1.0).comparison.holds is True  # of a fall by 1 it keeps 0.9
    assert verdict(share, ramp + 0.6, ramp, ramp + 1.0).comparison.holds is False


def test_of_several_updates_the_one_nearest_to_failing_decides():
    rows = np.stack([np.full(SEEDS, level) for level in (3.0, 0.5, 2.0)])
    relation = replace(above(X, 1), over="median at every update")
    assert verdict(relation, rows).comparison.holds is False
    assert verdict(relation, rows + 1.0).comparison.holds is True
    assert verdict(replace(relation, sign="<"), rows).comparison.holds is False


def test_means_are_compared_by_student_and_accuracies_with_their_images():
    values, others = [0.1, 0.2, 0.3], [0.0, 0.15, 0.1]
    ends = over_seeds([one - other for one, other in zip(values, others, strict=True)])
    found = verdict(larger(X, Y, over="mean"), values, others).comparison
    assert (found.low, found.high) == (ends.low, ends.high)
    more, less = ([Count(share, 1000) for share in shares] for shares in (values, others))
    ends = gap_interval(less, more)
    found = verdict(larger(X, Y, over="mean"), more, less).comparison
    assert (found.low, found.high) == (ends.low, ends.high)


EVERYWHERE = Relation(X, "==", Integer(1), Y, "every observation")


@pytest.mark.parametrize(("off", "exact", "bounded"), [(0.0, True, True), (-1e-9, False, True), (1e-9, False, False)])
def test_every_observation_counts_up_to_its_slack(off, exact, bounded):
    right = Points(np.asarray([1.0, 2.0, 3.0]), 1e-12 * np.ones(3))
    left = Points(right.values + np.asarray([0.0, 0.0, off]))
    assert verdict(EVERYWHERE, left, right).comparison.holds is exact
    assert verdict(replace(EVERYWHERE, sign="<="), left, right).comparison.holds is bounded


def test_no_observation_decides_nothing():
    assert verdict(EVERYWHERE, Points(np.zeros(0)), Points(np.zeros(0), np.zeros(0))).comparison.holds is None


def test_an_observation_whose_right_side_is_nothing_admits_every_multiple():
    right = Points(np.asarray([0.0, 2.0]), 1e-12 * np.ones(2))
    found = verdict(EVERYWHERE, Points(right.values), right)
    assert found.comparison.holds is True
    assert found.admitted.low == pytest.approx(1, abs=1e-12)
    assert all(verdict(one, Points(right.values), right).comparison.holds is False for one in found.next_to_it())


@given(seeds, st.sampled_from(["<", ">"]))
def test_what_lies_next_to_a_relation_is_refuted_within_the_resolution(values, sign):
    found = verdict(replace(below(X, 0), sign=sign), values)
    (near,) = found.next_to_it()
    assert verdict(near, values).comparison.holds is False
    low, high = found.admitted.low, found.admitted.high
    rounding = 80 * np.spacing(max(abs(low), abs(high)))
    assert abs(float(near.number) - (low if sign == "<" else high)) <= max((high - low) / 10, rounding)


@given(seeds, seeds)
def test_a_margin_next_to_a_difference_is_refuted(one, other):
    found = verdict(smaller(X, Y), one, other)
    (near,) = found.next_to_it()
    assert verdict(near, one, other).comparison.holds is False


@given(positive, st.floats(min_value=0.1, max_value=1.0))
def test_a_multiple_next_to_exact_values_is_refuted(values, share):
    left, right = Points(share * values), Points(values)
    found = verdict(replace(EVERYWHERE, sign="<="), left, right)
    assert found.comparison.holds is True
    (near,) = found.next_to_it()
    assert verdict(near, left, right).comparison.holds is False
    assert abs(float(near.number) - share) < 1e-13


@given(positive, st.sampled_from(["==", "<="]))
def test_a_multiple_next_to_what_every_observation_admits_is_refuted(values, sign):
    right, relation = Points(values, 1e-12 * values), replace(EVERYWHERE, sign=sign)
    found = verdict(relation, Points(values), right)
    assert found.comparison.holds is True
    near = list(found.next_to_it())
    assert len(near) == (2 if sign == "==" else 1)
    for one in near:
        assert verdict(one, Points(values), right).comparison.holds is False
        assert abs(float(one.number) - 1) < 8e-11


@given(numbers, st.integers(-12, 3), st.sampled_from([-1, 1]))
def test_the_number_past_an_end_is_beyond_it(end, power, side):
    unit = Rational(10) ** max(power, math.ceil(math.log10(4 * np.spacing(abs(end)))))
    found = past(end, unit, side)
    assert side * (float(found) - end) > 0
    assert (found / unit).is_integer
    assert unit <= side * (found - Rational(end)) < 2 * unit


def test_words_of_relations():
    risk = Statistic("risk", "the risk under [[attack]]")
    one, other = (risk(arm, attack=Named("fgm", "FGM")) for arm in (ATTACKED, CLEAN))
    assert str(below(one, Rational(3, 2))) == f"the risk under FGM after {ATTACKED} is below 1.5"
    assert str(above(one, 3, other)) == f"the risk under FGM after {ATTACKED} exceeds 3 times that after {CLEAN}"
    assert smaller(one, other).compared == "risk, FGM, " + f"{ATTACKED} minus {CLEAN}".replace("$", "")
