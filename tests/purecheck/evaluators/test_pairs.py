"""Evaluators of losses of pairs against sampled pairs of `numerics`, and against expansions by SymPy."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from sympy import Matrix, Rational, Symbol, eye, log
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
from purecheck.evaluators.model import constant_law
from purecheck.evaluators.pairs import (
    Pairs,
    Powers,
    curvature,
    curvature_along,
    expansion,
    gap,
    images,
    in_balls,
    least_scale,
    mean_energy,
    mean_norm,
    mixed,
    orbit_law,
    overlap,
    rate,
    slope,
    slope_at_zero,
    tilt,
)
from purecheck.models.populations import average, population_loss

_RATE, _AMPLITUDE, _EPS = Fraction(1, 2), Fraction(4, 5), Fraction(3, 10)
_T = [["1/2", "-1/3"], [1, "3/4"]]
G = fractions(_T).T @ fractions(_T)
PAIRS = Pairs(features=constant_law(2, _RATE, _AMPLITUDE), G=G)

loss = in_balls(lambda model: expansion(model)[0])


def symbolic(array):
    """An exact array as a SymPy matrix."""
    return Matrix(array.shape[0], array.shape[1], [Rational(x.numerator, x.denominator) for x in array.flat])


@pytest.mark.parametrize("share", [Fraction(1, 2), Fraction(1, 3)])
@pytest.mark.parametrize("targets", ["both", "similar", "dissimilar"])
def test_expected_loss_is_the_mean_over_sampled_pairs_under_the_exact_attack(share, targets):
    attacked = (targets != "dissimilar", targets != "similar")
    model = replace(PAIRS, share=share, eps=_EPS, attacked=attacked)
    law = PairLaw(FeatureLaw(2, float(_RATE), ConstantAmplitude(float(_AMPLITUDE))), rho=float(share))
    largest = np.log1p(np.exp(float(2 * _AMPLITUDE**2 + 2 * _EPS * _AMPLITUDE) * float(np.trace(G))))
    n = sample_size(0.02, largest)
    drawn = sample_pairs(law, n, Streams(0).child(f"{share}/{targets}"), 1, select_backend("numpy"))
    encoder = LinearEncoder(fractions(_T).astype(float)[None])
    moved = fgm(encoder, drawn, PairAttack("l2", float(_EPS), targets)).applied_to(drawn)
    losses = pair_loss(encoder, moved)[0]
    assert mean_agrees(losses, float(loss(model).mid()), bounds=(0.0, largest), detectable=0.02)


def test_loss_and_gap_are_those_of_every_pair_summed_by_sympy():
    gram, rate = symbolic(G), Rational(1, 2)
    for eps in (Rational(0), Rational(3, 10)):
        here, centre = (population_loss(one, rate, Rational(4, 5), eps) for one in (gram, average(gram)))
        found = gap(replace(PAIRS, eps=Fraction(int(eps.p), int(eps.q))))
        assert found.overlaps(enclose(here - centre, 256))
        assert found.rad() < 1e-30


def test_curvature_is_the_second_derivative_of_the_loss():
    t, H = Symbol("t", real=True), fractions([[1, "1/2"], ["1/2", "-2"]])
    whole = population_loss(symbolic(G) + t * symbolic(H), Rational(1, 2), Rational(4, 5))
    found = curvature_along(replace(PAIRS, H=H))
    assert found.overlaps(enclose(whole.diff(t, 2).subs(t, 0), 256))


@pytest.mark.parametrize("size", [Rational(0), Rational(3, 10)])
def test_slope_and_curvature_in_the_scale_are_derivatives_of_every_pair_summed_by_sympy(size):
    lam = Symbol("lambda", positive=True)
    whole = population_loss(symbolic(G), Rational(1, 2), Rational(4, 5), size, scale=lam)
    model = replace(PAIRS, eps=Fraction(int(size.p), int(size.q)), scale=Fraction(7, 3))
    for order, evaluator in ((1, slope), (2, curvature)):
        found = evaluator(model)
        assert found.overlaps(enclose(whole.diff(lam, order).subs(lam, Rational(7, 3)), 256))
        assert found.rad() < 1e-30


def test_derivatives_keep_their_relative_precision_far_out():
    far = Pairs(features=orbit_law([Fraction(20)]), scale=Fraction(3))
    assert curvature(far) > 0
    assert curvature(far).rel_accuracy_bits() > 100


@pytest.mark.parametrize("size", [Rational(0), Rational(3, 10)])
def test_the_slope_changes_its_sign_at_the_least_scale(size):
    lam = Symbol("lambda", positive=True)
    fall = population_loss(eye(2), Rational(1, 2), Rational(4, 5), size, scale=lam).diff(lam)
    model = replace(PAIRS, G=None, eps=Fraction(int(size.p), int(size.q)))
    middle = Rational(float(least_scale(model).mid()))
    assert least_scale(model).rel_accuracy_bits() > 30
    for factor, sign in ((1 - Rational(1, 10**9), -1), (1 + Rational(1, 10**9), 1)):
        assert sign * enclose(fall.subs(lam, factor * middle), 256) > 0


def test_the_least_scale_is_zero_where_the_loss_never_falls():
    assert least_scale(replace(PAIRS, G=None, eps=Fraction(3))) == 0
    assert least_scale(Pairs(features=orbit_law([Fraction(1)]), eps=Fraction(1, 2))) == 0


def test_slope_at_zero_and_mixed_derivative_are_those_of_every_pair_summed_by_sympy():
    lam, size = Symbol("lambda", positive=True), Symbol("epsilon", positive=True)
    for share in (Fraction(1, 2), Fraction(1, 5)):
        rho = Rational(share.numerator, share.denominator)
        whole = population_loss(eye(2), Rational(1, 2), Rational(4, 5), size, rho, lam)
        model = replace(PAIRS, G=None, eps=_EPS, share=share, scale=Fraction(5, 2))
        at = {lam: Rational(5, 2), size: Rational(3, 10)}
        assert mixed(model).overlaps(enclose(whole.diff(lam, size).subs(at), 256))
        assert slope_at_zero(model).overlaps(enclose(whole.diff(lam).subs(lam, 0).subs(at), 256))


def test_the_rate_is_the_limit_of_quotients_of_least_scales():
    at = [replace(PAIRS, G=None, eps=Fraction(k, 1000)) for k in (99, 100, 101)]
    before, _, behind = (float(least_scale(model).mid()) for model in at)
    # The quotient is off by a share of the third derivative times 1e-6 / 6.
    assert (behind - before) / 0.002 == pytest.approx(float(rate(at[1]).mid()), rel=1e-3)
    assert rate(replace(PAIRS, G=None, eps=Fraction(3))) == 0


def test_moments_are_those_of_sampled_views():
    n = sample_size(0.02, 2.0)
    X = FeatureLaw(2, 0.5, ConstantAmplitude(0.8)).sample(np.random.default_rng(0), (n,))
    noise = 0.3 * np.random.default_rng(1).choice([-1.0, 1.0], size=(n, 2))
    model = replace(PAIRS, noise=constant_law(2, Fraction(1), Fraction(3, 10)))
    assert mean_agrees(np.sum(X**2, axis=1), float(mean_energy(model)), bounds=(0.0, 2.0), detectable=0.02)
    norms = np.linalg.norm(X + noise, axis=1)
    assert mean_agrees(norms, float(mean_norm(model).mid()), bounds=(0.0, 2.0), detectable=0.02)


@pytest.mark.parametrize("point", [Fraction(0), Fraction(-12, 5), Fraction(7, 3), Fraction(-40)])
def test_tilt_is_the_derivative_of_the_force(point):
    t = Symbol("t", real=True)
    quoted = (t / (1 + exponential(-t))).diff(t).subs(t, Rational(point.numerator, point.denominator))
    assert tilt(None, point).overlaps(enclose(quoted, 256))
    assert images(None, point, Fraction(1)).overlaps(tilt(None, point + 1) + tilt(None, point - 1))


def test_generating_function_sums_over_every_dissimilar_pair():
    X, weights = (np.array(part, dtype=float) for part in PAIRS.features)
    quoted = weights @ (3.0 ** (X @ X.T / 0.64)) @ weights
    model = Powers(pairs=replace(PAIRS, G=None), base=Fraction(3), unit=Fraction(16, 25))
    assert isinstance(overlap(model), Fraction)
    assert float(overlap(model)) == pytest.approx(quoted, rel=1e-12)
    assert float(overlap(replace(model, unit=Fraction(32, 25))).mid()) == pytest.approx(
        weights @ (3.0 ** (X @ X.T / 1.28)) @ weights, rel=1e-12
    )


def test_views_of_a_similar_pair_share_features_and_not_noise():
    pairs = Pairs(features=orbit_law([Fraction(1)]), noise=orbit_law([Fraction(1, 2)]), share=Fraction(1))
    scores = (Rational(9, 4), Rational(3, 4), Rational(1, 4))
    quoted = sum(w * log(1 + exponential(-s)) for w, s in zip((1, 2, 1), scores, strict=True)) / 4
    assert loss(pairs).overlaps(enclose(quoted, 256))


def test_a_gram_matrix_does_not_move_under_an_attack():
    with pytest.raises(ValueError, match="one of them"):
        curvature_along(replace(PAIRS, H=G, eps=_EPS))
