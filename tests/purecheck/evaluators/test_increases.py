"""Evaluators of increases of losses against sampled pairs of `numerics`, and against SymPy."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from flint import arb
from sympy import Rational, Symbol, diff, eye, log
from sympy import exp as exponential

from numerics.backend import select_backend
from numerics.contrastive.attacks import PairAttack, fgm
from numerics.contrastive.encoder import LinearEncoder
from numerics.contrastive.loss import pair_loss
from numerics.contrastive.pairs import PairLaw, sample_pairs
from numerics.exact import fractions
from numerics.features import ConstantAmplitude, FeatureLaw
from numerics.statistics import mean_agrees, sample_size
from numerics.streams import Streams
from purecheck.enclosures.certify import enclose
from purecheck.evaluators.increases import (
    AttackedLaw,
    dissimilar_given,
    dissimilar_slope,
    increase_gap,
    similar_increase,
    similar_slope,
)
from purecheck.evaluators.model import constant_law
from purecheck.evaluators.pairs import Pairs
from purecheck.models.populations import population_loss

_RATE, _AMPLITUDE, _EPS, _SCALE = Fraction(1, 2), Fraction(4, 5), Fraction(3, 10), Fraction(3, 2)
MODEL = AttackedLaw(pairs=Pairs(features=constant_law(2, _RATE, _AMPLITUDE)), scale=_SCALE, eps=_EPS)
_LARGEST = float(_SCALE * _EPS * _AMPLITUDE) * np.sqrt(2)


def sampled_increases(share):
    """How much the exact attack raises the loss of sampled pairs: similar ones for `share` 1, else dissimilar ones."""
    law = PairLaw(FeatureLaw(2, float(_RATE), ConstantAmplitude(float(_AMPLITUDE))), rho=share)
    n = sample_size(0.01, _LARGEST)
    drawn = sample_pairs(law, n, Streams(0).child(f"{share}"), 1, select_backend("numpy"))
    encoder = LinearEncoder(np.eye(2)[None] * np.sqrt(float(_SCALE)))
    moved = fgm(encoder, drawn, PairAttack("l2", float(_EPS), "both")).applied_to(drawn)
    return (pair_loss(encoder, moved) - pair_loss(encoder, drawn))[0]


def test_increase_of_similar_pairs_is_that_of_sampled_pairs():
    found = float(similar_increase(MODEL).mid())
    assert mean_agrees(sampled_increases(1.0), found, bounds=(0.0, _LARGEST), detectable=0.01)


def test_increase_of_dissimilar_pairs_is_that_of_sampled_pairs():
    found = float((increase_gap(MODEL) + similar_increase(MODEL)).mid())
    assert mean_agrees(sampled_increases(0.0), found, bounds=(0.0, _LARGEST), detectable=0.01)


def test_increases_given_the_other_view_average_to_that_of_dissimilar_pairs():
    values, probabilities = MODEL.pairs.features
    given = [dissimilar_given(replace(MODEL, other=x)) for x in values]
    assert given[0] == 0
    mean = sum((arb(float(w)) * g for w, g in zip(probabilities[1:], given[1:], strict=True)), arb(0))
    assert float(mean) == pytest.approx(float((increase_gap(MODEL) + similar_increase(MODEL)).mid()), rel=1e-12)


def test_slopes_are_derivatives_in_the_size_of_the_attack():
    eps, gram = Symbol("epsilon", positive=True), eye(2) * Rational(3, 2)
    both = population_loss(gram, Rational(1, 2), Rational(4, 5), eps)
    slope = diff(both, eps).subs(eps, 0)
    assert ((similar_slope(MODEL) + dissimilar_slope(MODEL)) / 2).overlaps(enclose(slope, 256))


def test_an_increase_is_exact_where_the_score_changes_its_sign():
    one = Pairs(features=(fractions([[2, 0]]), fractions([1])))
    assert similar_increase(AttackedLaw(pairs=one, scale=Fraction(1), eps=Fraction(4))) == 4
    nearly = similar_increase(AttackedLaw(pairs=one, scale=Fraction(1), eps=Fraction(3)))
    assert nearly.overlaps(enclose(log(1 + exponential(2)) - log(1 + exponential(-4)), 256))
