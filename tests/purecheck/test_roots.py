"""Certified roots: closed forms, brute force, the edge of the collapse, and forms that do not match."""

from dataclasses import replace
from math import comb, exp, log, sqrt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import brentq
from sympy import Integer, Rational, Symbol

from numerics.rounding import gamma
from purecheck.enclosures.certify import enclose
from purecheck.enclosures.roots import enclose_root
from theory.contrastive import COLLAPSE_RADIUS, CONTRASTIVE_SCALE
from theory.theorems.overlaps import LazyWalk

ERROR = 1e-12


def scale(d, p, r, eps):
    return enclose_root(CONTRASTIVE_SCALE, {"d": Integer(d), "p": p, "r": r, "eps": eps}, ERROR)


def brute_force_slope(lam, d, p, r, eps):
    """The equation by sums over the numbers of active and of common features, written out anew."""
    total = 0.0
    for active in range(d + 1):
        weight = comb(d, active) * p**active * (1 - p) ** (d - active)
        gain = eps * r * sqrt(active)
        t = gain - r**2 * active
        total += weight * t / (1 + exp(-lam * t))
        for common in range(active + 1):
            shared = weight * comb(active, common) * p**common * (1 - p) ** (active - common)
            for plus in range(common + 1):
                t = gain + r**2 * (2 * plus - common)
                total += shared * comb(common, plus) / 2**common * t / (1 + exp(-lam * t))
    return total


@pytest.mark.parametrize("p", [Rational(1, 20), Rational(3, 10), Rational(1)])
def test_one_feature_has_the_closed_form(p):
    r = Rational(7, 10)
    ball = scale(1, p, r, Rational(0))
    expected = log((2 + float(p)) / float(p)) / float(r) ** 2
    assert abs(float(ball) - expected) < (ERROR + 10 * 2**-53) * expected  # ten roundings in the expected value
    assert ball.rad() <= ERROR * expected


def test_quoted_scale():
    assert round(float(scale(1, Rational(3, 10), Rational(7, 10), Rational(0))), 2) == 4.16


@settings(max_examples=15)
@given(
    d=st.integers(1, 6),
    p=st.fractions("1/10", 1, max_denominator=20),
    share=st.fractions(0, "9/10", max_denominator=20),
)
def test_root_is_that_of_sums_written_out(d, p, share):
    radius = (
        d * float(p) / (2 * sum(comb(d, n) * float(p) ** n * (1 - float(p)) ** (d - n) * sqrt(n) for n in range(d + 1)))
    )
    eps = Rational(share.numerator, share.denominator) * Rational(radius).limit_denominator(10**6)
    q = Rational(p.numerator, p.denominator)
    ball = scale(d, q, Rational(1), eps)
    low, high = float(ball) * (1 - 1e-6), float(ball) * (1 + 1e-6)  # a root further off would be caught
    assert (
        brute_force_slope(low, d, float(p), 1.0, float(eps)) < 0 < brute_force_slope(high, d, float(p), 1.0, float(eps))
    )
    assert low < brentq(brute_force_slope, low, high, args=(d, float(p), 1.0, float(eps))) < high


@pytest.mark.parametrize("eps", [Rational(1, 2), Rational(3, 5), Rational(10)])
def test_scale_is_exactly_zero_from_the_radius_on(eps):
    ball = scale(1, Rational(1), Rational(1), eps)
    assert ball.is_zero()


@pytest.mark.parametrize("d", [1, 3, 60])
def test_scale_vanishes_across_the_radius(d):
    p, r = Rational(1, 20), Rational(1, 2)
    symbols = COLLAPSE_RADIUS.arguments
    placed = COLLAPSE_RADIUS.expression.subs([(symbols["d"], d), (symbols["p"], p), (symbols["r"], r)])
    radius = Rational(str(enclose(placed).mid().str(12, radius=False)))
    assert scale(d, p, r, radius * Rational(99, 100)) > 0
    assert scale(d, p, r, radius * Rational(101, 100)) == 0


def test_even_dimension_with_every_feature_active():
    root = float(scale(4, Rational(1), Rational(1), Rational(0)))
    # Its derivative is E t^2 sig', at most (16 + 4)/4; 30 terms of at most 4 times their probability, 10 roundings each
    bound = 5 * ERROR * root + 8 * gamma(40, "float64")
    assert abs(brute_force_slope(root, 4, 1.0, 1.0, 0.0)) <= bound


def test_walk_table_agrees_with_its_definition():
    p = Rational(3, 10)
    for n in range(5):
        values = [LazyWalk(Integer(n), Integer(v), p).doit() for v in range(-n, n + 1)]
        assert sum(values) == 1
        assert values == values[::-1]
    assert LazyWalk(Integer(2), Integer(0), p).doit() == (1 - p) ** 2 + p**2 / 2


def test_a_wrong_equation_moves_the_root():
    doubled = replace(
        CONTRASTIVE_SCALE, equation=CONTRASTIVE_SCALE.equation.subs(Symbol("epsilon", nonnegative=True), 0)
    )
    values = {"d": Integer(1), "p": Rational(1), "r": Rational(1), "eps": Rational(1, 5)}
    assert not enclose_root(doubled, values, ERROR).overlaps(enclose_root(CONTRASTIVE_SCALE, values, ERROR))
