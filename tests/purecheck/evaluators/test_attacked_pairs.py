"""The largest loss over a ball of attacks against many attacks on the sphere, and against the ends of an interval."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from sympy import Rational, exp, log

from numerics.exact import fractions
from purecheck.evaluators.attacked_pairs import (
    AttackedPair,
    apart,
    largest_exponent,
    midpoint,
    worst_dissimilar,
    worst_similar,
)
from purecheck.evaluators.pairs import exact, in_balls

_GRAMS = fractions([[2, "1/2"], ["1/2", 1]]), fractions([[1, -1], [-1, 3]])
PAIR = AttackedPair(x=fractions(["1/2", "-1"]), other=fractions(["2/3", "1/4"]), G=_GRAMS, eps=Fraction(3, 4))
ONE = AttackedPair(x=fractions([1]), other=fractions([-2]), G=(fractions([[1]]), fractions([[3]])), eps=Fraction(1, 2))
exponent = in_balls(largest_exponent)


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("G", _GRAMS)
def test_no_attack_on_the_sphere_exceeds_the_largest_exponent_and_one_comes_close(sign, G):
    angles = np.linspace(0, 2 * np.pi, 10_001)
    attacks = 0.75 * np.stack([np.cos(angles), np.sin(angles)], axis=-1)
    seen = sign * (PAIR.x.astype(float) + attacks) @ G.astype(float) @ PAIR.other.astype(float)
    found = exponent(PAIR, G, sign, PAIR.x)
    # The best of these attacks is at most half a step from the best of all, where the exponent is flat.
    reach = 0.75 * np.linalg.norm(G.astype(float) @ PAIR.other.astype(float))
    assert float(found.lower()) <= seen.max() + reach * (np.pi / 10_000) ** 2
    assert float(found.upper()) >= seen.max() - 1e-12
    assert float(found.rad()) <= 1e-3 * reach


def test_for_one_feature_losses_are_exact():
    assert worst_similar(ONE) == log(1 + exp(Rational(3)))
    assert worst_dissimilar(ONE) == log(1 + exp(Rational(-1)))
    assert midpoint(ONE) == log(1 + exp(Rational(-2)))


def test_exponents_of_a_view_and_its_reflection_are_compared_at_both_gram_matrices():
    # -2 + 1 and -6 + 3 for the view, 2 + 1 and 6 + 3 for its reflection.
    assert apart(ONE) == (-1 + 3) ** 2 + (3 - 9) ** 2


def test_three_features_are_refused():
    three = fractions([1, 2, 3])
    model = AttackedPair(x=three, other=three, G=(), eps=Fraction(1))
    with pytest.raises(ValueError, match="at most two"):
        exponent(model, fractions(np.eye(3, dtype=int).tolist()), 1, three)


@pytest.mark.parametrize("without", [{"eps": Fraction(0)}, {"other": fractions([0, 0])}])
@pytest.mark.parametrize("sign", [1, -1])
def test_an_attack_without_an_effect_leaves_the_exact_score(without, sign):
    model = replace(PAIR, **without)
    score = Fraction(model.x @ _GRAMS[0] @ model.other)
    assert exponent(model, _GRAMS[0], sign, model.x) == exact(sign * score)
