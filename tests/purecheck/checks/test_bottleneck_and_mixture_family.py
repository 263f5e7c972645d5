"""Checks of C1q and C5: upheld with rejected controls, and red when something is broken."""

from fractions import Fraction

import numpy as np
import pytest
from flint import arb
from hypothesis import given
from hypothesis import strategies as st
from sympy import Lt, Rational

from numerics.backend import select_backend
from numerics.contrastive.encoder import ContrastiveNetwork
from numerics.contrastive.gram import DiscreteLaw, GramLoss
from numerics.rounding import gamma
from numerics.streams import Streams
from purecheck.checks import c1q_bottleneck, c5_mixture_family
from purecheck.methods.agrees import Agrees
from purecheck.models import bottleneck
from purecheck.models.bottleneck import TwoFeatures, pure_wins
from purecheck.models.bottleneck_search import BottleneckEncoder, attack_cost, axes_ratio, least_ratio
from purecheck.reporting.figures.c1q_transition import best_mixture, population
from purecheck.runtime.context import PROFILES, Context
from purecheck.verdicts.evidence import Outcome
from theory.contrastive.c1q_bottleneck import BEYOND
from theory.contrastive.c5_mixture_family import DISSIMILAR_GAIN
from theory.purification.p5_firing_probability import FIRING

CHECKS = (*c1q_bottleneck.CHECKS, *c5_mixture_family.CHECKS)
_P = 0.05
_MODEL = TwoFeatures(Fraction(1, 20))


@pytest.fixture
def context():
    return Context(select_backend("numpy"), Streams(0), PROFILES["quick"])


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: f"{check.claim}: {check.name}")
def test_check_is_upheld_and_rejects_its_control(check, context):
    evidence = check.run(context)
    assert evidence.outcome is Outcome.UPHELD
    assert evidence.control.rejected


@given(st.floats(0.01, 0.785), st.floats(0.1, 10.0), st.floats(0.0, 0.6))
def test_the_certified_loss_is_that_of_the_population(f, scale, eps):
    t = np.array([np.cos(f), np.sin(f)])
    expected = GramLoss(DiscreteLaw.constant_amplitude(2, _P, 1.0), eps, eps).value(scale * np.outer(t, t))
    found = _MODEL.jet(arb(f), arb(scale), arb(eps)).value
    # An exponent, at most scale (2 + eps), goes through fewer than 40 roundings; softplus does not enlarge its error; a
    # mean over 81 pairs of values that are at most one larger adds fewer than 88.
    assert abs(float(found) - expected) <= gamma(128, "float64") * (scale * (2 + eps) + 1)


@given(st.floats(0.05, 0.7), st.floats(0.1, 8.0), st.floats(0.0, 0.5))
def test_the_derivatives_are_those_of_the_value(f, scale, eps):
    step = 1e-4
    at = _MODEL.jet(arb(f), arb(scale), arb(eps))

    def value(angle: float, factor: float) -> float:
        return float(_MODEL.jet(arb(angle), arb(factor), arb(eps)).value)

    in_angle = (value(f + step, scale) - value(f - step, scale)) / (2 * step)
    in_scale = (value(f, scale + step) - value(f, scale - step)) / (2 * step)
    curvature = (value(f + step, scale) - 2 * value(f, scale) + value(f - step, scale)) / step**2
    # Third and fourth derivatives are below 100 here, so truncation is below 100 step^2 / 6 < 1e-5; rounding, of values
    # below 20, is below 20 * 2^-53 / step < 1e-5 in the first and 80 * 2^-53 / step^2 < 1e-4 in the second derivative.
    assert float(at.in_scale) == pytest.approx(in_scale, abs=1e-5)
    assert scale * float(at.in_angle) == pytest.approx(in_angle, abs=1e-5)
    assert scale * float(at.in_angle_twice) == pytest.approx(curvature, abs=1e-4)


def test_a_mixture_is_not_certified_to_lose_where_it_wins():
    assert not pure_wins(_MODEL, Fraction(1, 5), Fraction(201, 1000))


def test_a_forgotten_attack_turns_the_transition_red(monkeypatch, context):
    honest = TwoFeatures.jet
    monkeypatch.setattr(bottleneck.TwoFeatures, "jet", lambda self, f, scale, eps: honest(self, f, scale, 0 * eps))
    (check,) = [one for one in c1q_bottleneck.CHECKS if isinstance(one, c1q_bottleneck.BranchAndBound)]
    assert check.examine(check.statement, context).outcome is Outcome.REFUTED


def model_check(clause):
    """The check that holds a clause against the model."""
    (check,) = [one for one in CHECKS if isinstance(one, Agrees) and one.statement is clause]
    return check


def test_the_square_of_the_firing_probability_is_refuted(context):
    squared = DISSIMILAR_GAIN.formula.subs(FIRING, FIRING**2)
    assert squared != DISSIMILAR_GAIN.formula
    finding = model_check(DISSIMILAR_GAIN).examine(DISSIMILAR_GAIN.stating(squared), context)
    assert finding.outcome is Outcome.REFUTED


def test_the_pure_direction_undercut_by_a_tenth_is_refuted(context):
    tenth = Lt(BEYOND.formula.lhs, -Rational(1, 10))
    assert model_check(BEYOND).examine(BEYOND.stating(tenth), context).outcome is Outcome.REFUTED


def test_open_gates_turn_the_gains_red(monkeypatch, context):
    honest = c5_mixture_family.mixture_encoder

    def without_gate(*arguments):
        encoder = honest(*arguments)
        return ContrastiveNetwork(encoder.W, encoder.C, 0 * encoder.b)

    monkeypatch.setattr(c5_mixture_family, "mixture_encoder", without_gate)
    assert model_check(DISSIMILAR_GAIN).examine(DISSIMILAR_GAIN, context).outcome is Outcome.REFUTED


def test_the_search_finds_pure_features_where_they_are_best():
    rng = np.random.default_rng(3)
    found, T = min(
        (least_ratio(BottleneckEncoder(rng.standard_normal((2, 3)), 0.1, 0.0)) for _ in range(8)), key=lambda x: x[0]
    )
    # The ratio is a quotient of sums of at most 27 * 9 products: no search can end lower but by their roundings.
    assert found >= axes_ratio(2, 0.1) * (1 - gamma(1000, "float64"))
    shares = np.diag(T.T @ T) / np.sum(T**2)
    assert 1 / np.sum(shares**2) < 2.5  # nearer to two equal features than to three


def test_dense_features_make_pairs_cheaper_than_axes():
    pairs = np.array([[1.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 1.0]])
    assert attack_cost(BottleneckEncoder(pairs, 0.57, 0.0)) / 4 < axes_ratio(2, 0.57)
    assert attack_cost(BottleneckEncoder(pairs, 0.55, 0.0)) / 4 > axes_ratio(2, 0.55)


def test_the_best_mixture_loses_features_as_the_attack_grows():
    sizes = [best_mixture(population(eps, _P))[0] for eps in (0.0, 0.19, 0.25)]
    assert sizes == [3, 2, 1]
