"""Evaluators of attacks on one kind of pairs against losses that SymPy sums over every pair."""

from dataclasses import replace
from fractions import Fraction

import pytest
from sympy import Rational, Symbol

from purecheck.enclosures.certify import enclose
from purecheck.evaluators.model import constant_law
from purecheck.evaluators.one_kind import (
    dissimilar_optimum,
    dissimilar_rate,
    dissimilar_start,
    similar_optimum,
    similar_rate,
    similar_start,
)
from purecheck.evaluators.pairs import Pairs, clean_scale, least_scale
from purecheck.models.populations import isotropic_loss

_RATE, _EPS = Rational(1, 3), Rational(2, 5)
MODEL = Pairs(features=constant_law(2, Fraction(1, 3)), eps=Fraction(2, 5))
KINDS = {
    "similar": ((_EPS, Rational(0)), similar_start, similar_optimum, similar_rate),
    "dissimilar": ((Rational(0), _EPS), dissimilar_start, dissimilar_optimum, dissimilar_rate),
}
_lam = Symbol("lambda", positive=True)


def slope(similar, dissimilar):
    """Derivative in the scale of the loss, half of either kind of pair, attacked with these sizes."""
    halves = ((similar, Rational(1)), (dissimilar, Rational(0)))
    return sum(isotropic_loss(2, _RATE, Rational(1), _lam, size, share) / 2 for size, share in halves).diff(_lam)


@pytest.mark.parametrize("kind", KINDS)
def test_slope_and_optimum_are_those_of_every_pair_summed_by_sympy(kind):
    sizes, start, optimum, _ = KINDS[kind]
    found = slope(*sizes)
    assert start(MODEL).overlaps(enclose(found.subs(_lam, 0), 256))
    middle = Rational(float(optimum(MODEL).mid()))
    for factor, sign in ((1 - Rational(1, 10**9), -1), (1 + Rational(1, 10**9), 1)):
        assert sign * enclose(found.subs(_lam, factor * middle), 256) > 0


@pytest.mark.parametrize("kind", KINDS)
def test_rate_lies_between_the_changes_of_the_optimum_to_either_side(kind):
    *_, optimum, rate = KINDS[kind]
    step = Fraction(1, 10**4)
    left, here, right = (optimum(replace(MODEL, eps=MODEL.eps + side * step)) for side in (-1, 0, 1))
    changes = sorted((float((here - left).mid()) / float(step), float((right - here).mid()) / float(step)))
    # The optimum is smooth, so that the derivative lies between both changes wherever it is monotone.
    assert changes[0] < float(rate(MODEL).mid()) < changes[1]


def test_a_rare_feature_is_scaled_up_by_an_attack_on_similar_pairs():
    rare = Pairs(features=constant_law(1, Fraction(1, 20)), eps=Fraction(177, 200))
    assert float(clean_scale(rare).mid()) == pytest.approx(3.714, abs=5e-4)
    assert float(similar_optimum(rare).mid()) == pytest.approx(11.14, abs=5e-3)
    assert clean_scale(rare).overlaps(least_scale(replace(rare, eps=Fraction(0))))
