"""Evaluators of linear encoders through a bottleneck against samples, and against sums by SymPy and `numerics`."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from sympy import Rational, Symbol, log, sqrt

from numerics.contrastive.gram import DiscreteLaw, GramLoss
from numerics.exact import fractions
from numerics.features import ConstantAmplitude, FeatureLaw
from numerics.statistics import mean_agrees, sample_size
from numerics.streams import Streams
from purecheck.enclosures.certify import enclose
from purecheck.evaluators.bottleneck import (
    FeatureDirection,
    Tiled,
    axes_cost,
    contribution,
    cost,
    diagonal,
    loss,
    loss_slope,
    modulus,
    pairs_cost,
    spread,
)
from purecheck.evaluators.model import constant_law
from purecheck.evaluators.pairs import Pairs
from purecheck.models.populations import population_loss
from tests.purecheck.evaluators.test_pairs import symbolic
from theory.contrastive.c1q_bottleneck import axes_cost as summed_axes
from theory.contrastive.c1q_bottleneck import pairs_cost as summed_pairs

_RATE, _EPS = Fraction(1, 3), Fraction(2, 5)
G = fractions([["9/4", "-3/2"], ["-3/2", 1]])
MODEL = Pairs(features=constant_law(2, _RATE), G=G, eps=_EPS)
DIRECTION = FeatureDirection(
    entries=(Fraction(3), Fraction(4), Fraction(12)), p=Rational(1, 3), amplitude=Rational(3, 2)
)


def test_loss_and_its_slope_are_those_of_every_pair_summed_by_sympy():
    scale = Symbol("s", positive=True)
    whole = population_loss(symbolic(G), Rational(1, 3), Rational(1), Rational(2, 5), scale=scale)
    assert loss(MODEL).overlaps(enclose(whole.subs(scale, 1), 256))
    assert loss_slope(MODEL).overlaps(enclose(whole.diff(scale).subs(scale, 0), 256))
    found = GramLoss(DiscreteLaw.constant_amplitude(2, 1 / 3, 1.0), 0.4, 0.4).value(G.astype(float))
    assert float(loss(MODEL).mid()) == pytest.approx(found, rel=1e-12)


def test_the_loss_of_the_collapsed_encoder_is_exact():
    assert loss(replace(MODEL, G=0 * G)) == log(2)


@pytest.mark.parametrize("law", ["constant", "normal"])
def test_modulus_is_the_mean_over_sampled_features(law):
    rng = Streams(0).generator(law)
    largest = 1.5 * np.sqrt(3)
    n = sample_size(0.02, largest)
    X = FeatureLaw(3, 1 / 3, ConstantAmplitude(1.5)).sample(rng, (n,))
    if law == "normal":
        X = np.where(X == 0, 0.0, 1.5 * rng.standard_normal(X.shape))
    along = np.abs(X @ (np.array([3, 4, 12]) / 13))
    found = float(modulus(replace(DIRECTION, law=law)))
    if law == "constant":
        assert mean_agrees(along, found, bounds=(0.0, largest), detectable=0.02)
    else:
        # No bound on the samples: six standard errors, which a normal mean exceeds with probability 2e-9.
        assert abs(along.mean() - found) < 6 * along.std() / np.sqrt(n)


def test_modulus_of_features_that_are_active_together():
    together = replace(DIRECTION, together=True, entries=(Fraction(1), Fraction(1)))
    assert modulus(together) == Rational(1, 3) * Rational(3, 2) / sqrt(2)


def test_diagonal_is_the_difference_of_two_directions():
    axis = replace(DIRECTION, entries=(Fraction(1), Fraction(0), Fraction(0)))
    p, r = axis.p, axis.amplitude
    assert (diagonal(axis) - (p * r * (2 - p) / sqrt(2) - p * r)).equals(0)


def test_cost_is_the_mean_norm_over_all_features():
    law = DiscreteLaw.constant_amplitude(2, 1 / 3, 1.0)
    quoted = law.weights @ np.linalg.norm(law.points @ G.astype(float), axis=1)
    assert float(cost(MODEL)) == pytest.approx(quoted, rel=1e-12)


@pytest.mark.parametrize("copies", [1, 2, 3, 4])
def test_costs_of_axes_and_pairs_are_those_of_all_features_and_of_their_closed_forms(copies):
    axes = fractions(np.eye(copies, dtype=int).tolist())
    assert cost(Pairs(features=constant_law(copies, _RATE), G=axes)) == axes_cost(None, copies, _RATE)
    assert axes_cost(None, copies, _RATE) == summed_axes(copies, Rational(1, 3))
    assert pairs_cost(None, copies, _RATE) == summed_pairs(copies, Rational(1, 3))
    block = contribution(fractions([1, 1]), _RATE)
    assert cost(Tiled(block=tuple(block.items()), copies=copies)) == pairs_cost(None, copies, _RATE)
    if copies <= 2:
        pairs = fractions(np.kron(np.eye(copies, dtype=int), np.ones((2, 2), dtype=int)).tolist()) / 2
        assert cost(Pairs(features=constant_law(2 * copies, _RATE), G=pairs)) == pairs_cost(None, copies, _RATE)


def test_spread_is_the_difference_of_mean_squares():
    (pair, axis) = (contribution(fractions(one), _RATE) for one in ([1, 1], [1]))
    squares = [sum(w * x * x for x, w in one.items()) for one in (pair, axis)]
    assert spread(constant_law(2, _RATE)) == squares[0] - squares[1]
