"""Theorems of C2 and C3 refuse instances that lack a hypothesis, and agree with numbers."""

from math import exp as real_exp

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sympy import Abs, Derivative, Integer, Rational, Symbol

from theory.contrastive.c2_scale import (
    LOSS,
    SLOPE_MEAN,
    curvature_chain,
    energy,
    energy_chain,
    far_chain,
    inner,
    overlap_law,
    scale,
    start_chain,
)
from theory.derivation import Step, StepError, begin
from theory.model import ZERO_TO_ONE, d, p, r
from theory.theorems.calculus import ArgMin
from theory.theorems.indicators import Mean
from theory.theorems.logistic import force_above, opposite
from theory.theorems.overlaps import generating_function_of_sum, mean_by_law, some_sign
from theory.theorems.roots import minimum_is_root
from theory.theorems.tilt import (
    FLOOR,
    Tilt,
    any_offset,
    at_least_later,
    falls_at_most,
    floor_chain,
    slope_under_the_mean,
)

BOX = {p: ZERO_TO_ONE}
u, v = Symbol("u", nonnegative=True), Symbol("v", nonnegative=True)
w, t = Symbol("w", real=True), Symbol("t", real=True)
x = Symbol("x", nonnegative=True)


def h(value):
    sig = 1 / (1 + real_exp(-value))
    return sig + value * sig * (1 - sig)


def cited(start, end, relation=">="):
    return begin(Symbol("n"), start, "a name").by(Step(start, relation, end, "somebody says so", "cited"))


@given(earlier=st.floats(0, 50), gap=st.floats(0, 50))
def test_h_rises_to_one_and_never_falls_by_more_than_its_floor(earlier, gap):
    later = earlier + gap
    rounding = 16 * 2**-53 * (1 + later)
    assert h(later) >= min(1, h(earlier)) - rounding
    assert h(later) - h(earlier) >= -float(FLOOR) - rounding


def test_h_is_compared_at_points_in_order_only():
    assert at_least_later(u + v, v).relation == ">="
    with pytest.raises(StepError, match="no plain sign"):
        at_least_later(u, v)
    with pytest.raises(StepError, match="no plain sign"):
        at_least_later(u + w, w)


def test_a_fall_is_bounded_by_a_floor_of_h():
    with pytest.raises(StepError, match="something else"):
        falls_at_most(u + v, v, begin(Symbol("a"), u, "another").at_least(Integer(0), "a sign"), Integer(1))
    with pytest.raises(StepError, match="something else"):
        falls_at_most(u + v, v, floor_chain().narrowed({t: ZERO_TO_ONE}), Integer(1))
    assert falls_at_most(u + v, v, cited(Tilt(t), -FLOOR), Integer(1)).kind == "cited"


def test_cases_cover_every_offset():
    c = Symbol("c", nonnegative=True)
    f = u**2 + w**2
    inside = begin(Symbol("i"), f.subs(w, c * u), "inside", box={c: ZERO_TO_ONE}).at_least(Integer(0), "squares")
    outside = begin(Symbol("o"), f.subs(w, u + v), "outside").at_least(Integer(0), "squares")
    assert any_offset(f, w, u, inside, outside).right == 0
    wide = begin(Symbol("i"), f.subs(w, c * u), "inside").at_least(Integer(0), "squares")
    for broken in (inside.narrowed({c: (Integer(0), Rational(1, 2))}), wide):
        with pytest.raises(StepError, match="do not meet"):
            any_offset(f, w, u, broken, outside)
    with pytest.raises(StepError, match="do not meet"):
        any_offset(f, w, u, inside, outside.narrowed({v: ZERO_TO_ONE}))
    with pytest.raises(StepError, match="something else"):
        any_offset(f, w, u, inside, wide)
    with pytest.raises(StepError, match="not even"):
        any_offset(f + w, w, u, inside, outside)
    assert any_offset(f, w, u, inside, cited(f.subs(w, u + v), Integer(0))).kind == "cited"


def test_an_instance_keeps_range_and_citation():
    assert cited(Tilt(t), -FLOOR).at({t: u}).kind == "cited"
    assert cited(Tilt(t), -FLOOR).as_step("shown").kind == "cited"
    with pytest.raises(StepError, match="outside its range"):
        floor_chain().narrowed({t: ZERO_TO_ONE}).at({t: u})
    with pytest.raises(StepError, match="declares what is not shown"):
        begin(Symbol("n"), x, "x").at_least(Integer(0), "a sign").at({x: w})


def test_only_values_of_h_are_dominated():
    f = Mean(x * Tilt(scale).doit() * x)
    with pytest.raises(StepError):
        slope_under_the_mean(f, scale, x**2 * Tilt(scale) + x, (1 + FLOOR) * x**2, floor_chain())


@pytest.mark.parametrize("count", [0, 1, 2, 3, 4])
def test_the_mean_modulus_of_an_overlap_is_above_its_bound(count):
    law = {Integer(0): Rational(2, 3), Integer(1): Rational(1, 6), Integer(-1): Rational(1, 6)}
    sums = {0: Rational(1)}
    for _ in range(count):
        longer = {}
        for value, weight in sums.items():
            for more, share in law.items():
                longer[value + more] = longer.get(value + more, 0) + weight * share
        sums = longer
    mean = sum(abs(value) * weight for value, weight in sums.items())
    bound = some_sign(Mean(Abs(inner)), inner, Integer(1), law, Integer(count), {}).right
    assert mean >= bound == 1 - Rational(2, 3) ** count


@pytest.mark.parametrize(
    "law",
    [
        {Integer(0): 1 - p, Integer(1): p},
        {Integer(0): 1 - p, Integer(1): p / 3, Integer(-1): 2 * p / 3},
        {Integer(0): 1 - p, Integer(1): p, Integer(-1): p},
        {Integer(0): 1 + p, Integer(1): -p / 2, Integer(-1): -p / 2},
    ],
)
def test_the_bound_of_an_overlap_needs_fair_signs(law):
    with pytest.raises(StepError):
        some_sign(Mean(Abs(inner)), inner, r**2, law, d, BOX)


def test_a_law_belongs_to_its_number():
    with pytest.raises(StepError, match="not a generating function"):
        generating_function_of_sum(inner, overlap_law(), Symbol("t", positive=True), d, BOX)
    n = Symbol("N", integer=True, nonnegative=True)
    with pytest.raises(StepError, match="something else"):
        mean_by_law(Mean(inner), inner, r**2, energy_chain(), Integer(1), n)


def test_a_minimum_is_a_root_only_with_every_hypothesis():
    argmin = ArgMin(LOSS, scale)
    high = 4 / (Integer(2) * Mean(Abs(inner)))
    chains = {"curvature": curvature_chain(), "at_zero": start_chain(), "far": far_chain()}
    with pytest.raises(StepError, match="may be negative at the end"):
        minimum_is_root(argmin, SLOPE_MEAN, **chains, high=high / 100)
    for name, start in (
        ("curvature", Derivative(SLOPE_MEAN, scale)),
        ("at_zero", SLOPE_MEAN.subs(scale, 0)),
        ("far", SLOPE_MEAN),
    ):
        with pytest.raises(StepError, match="cited"):
            minimum_is_root(argmin, SLOPE_MEAN, **{**chains, name: cited(start, Integer(1), ">")}, high=high)
    with pytest.raises(StepError, match="not the derivative"):
        minimum_is_root(ArgMin(Mean(energy * scale**2 + inner), scale), SLOPE_MEAN, **chains, high=high)


@given(value=st.floats(-60, 60), rate=st.floats(0.01, 100))
def test_the_force_lies_above_its_bound(value, rate):
    force = value / (1 + real_exp(min(-rate * value, 700)))
    assert force >= max(value, 0) - 1 / (real_exp(1) * rate) - 16 * 2**-53 * (1 + abs(value))


def test_bounds_of_force_and_modulus_need_real_numbers():
    rate, complex_number = Symbol("l", positive=True), Symbol("z")
    for refused in (lambda: force_above(complex_number, rate), lambda: opposite(complex_number)):
        with pytest.raises(StepError, match="not a real number"):
            refused()
    with pytest.raises(StepError, match="not a real number"):
        force_above(rate * w, rate)
