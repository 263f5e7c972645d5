"""Evaluators of the gate against integrals of the density, brute force, and gates of the numerics on random inputs."""

from fractions import Fraction

import numpy as np
import pytest
from flint import arb, ctx

from numerics.exact import fractions
from numerics.features import ConstantAmplitude, FeatureLaw, UniformAmplitude, observe
from numerics.network import GatedNetwork, active, preactivations
from numerics.norms import NORMS, project
from numerics.statistics import mean_interval, sample_size
from purecheck.evaluators.attacked_gate import AttackedNode, attacked_fire_rate, largest, least
from purecheck.evaluators.gate import (
    ROTATION,
    SKEW,
    PureLayer,
    PureNode,
    all_right,
    best_threshold,
    fire_rate,
    mean_miss_rate,
    miss_rate,
)
from purecheck.evaluators.noise import NORMAL, SKEWED, Piece, ball, integral

OMEGA = 2.0
B, MU, S = Fraction(4, 5), Fraction(1), Fraction(1, 2)
SMALLEST_ERROR = 0.01
DRAWS = sample_size(SMALLEST_ERROR, 1.0)


def simulated(p, amplitude, M):
    """Gates of one pure node in the dictionary `M`, and whether its feature is active."""
    rng = np.random.default_rng(0)
    # The second feature is plus, minus or absent at equal odds, as in the model.
    first = FeatureLaw(1, p, amplitude).sample(rng, (DRAWS,))
    X = np.concatenate([first, rng.integers(-1, 2, (DRAWS, 1))], axis=1)
    M = np.array(M, dtype=float)
    Z = observe(X, M, float(S) / OMEGA, rng)
    net = GatedNetwork(OMEGA * M[:, :1], np.ones(1), float(B))
    return X[:, 0] != 0, active(preactivations(net, Z), net.b)[:, 0]


def agrees(draws, value):
    return float(value) in mean_interval(np.asarray(draws, dtype=float), "hoeffding", bounds=(0, 1))


@pytest.mark.parametrize("M", [ROTATION, SKEW])
def test_rates_of_the_gate_are_those_of_simulated_gates(M):
    node = PureNode(M=M)
    assert agrees(simulated(0.0, ConstantAmplitude(0.5), M)[1], fire_rate(node, B, S))
    assert agrees(~simulated(1.0, ConstantAmplitude(0.5), M)[1], miss_rate(node, B, MU, S))


def test_the_mean_miss_rate_is_that_of_simulated_gates():
    values = tuple(Fraction(2 * i + 1, 128) * Fraction(3, 4) + Fraction(1, 4) for i in range(64))
    found = mean_miss_rate(PureNode(amplitudes=values), B, Fraction(2), S)
    # The mean over 64 midpoints of [1/4, 1] is far nearer to that of the uniform law than the simulation resolves.
    assert agrees(~simulated(1.0, UniformAmplitude(0.25, 1.0), ROTATION)[1], found)


@pytest.mark.parametrize("noise", [NORMAL, SKEWED])
@pytest.mark.parametrize("x", ["-3", "-0.1", "0", "0.7", "4"])
def test_tails_of_the_noise_are_integrals_of_its_density(noise, x):
    with ctx.workprec(128):
        s, at = arb(3) / 4, arb(x)
        above = integral([Piece(at, None, lambda v: 0 * v + 1)], noise.densities(s), noise.far(s), 100)
        assert above.overlaps(noise.at_least(at, s))
        assert (1 - above).overlaps(noise.at_most(at, s))
        assert above.rad() < 1e-20


@pytest.mark.parametrize("noise", [NORMAL, SKEWED])
def test_noise_has_mean_zero_and_its_standard_deviation(noise):
    with ctx.workprec(128):
        s = arb(3) / 4
        for power, value in ((0, arb(1)), (1, arb(0)), (2, s**2)):
            moment = integral([Piece(None, None, lambda v, k=power: v**k)], noise.densities(s), noise.far(s), 100)
            assert moment.overlaps(value)
            assert moment.rad() < 1e-20


@pytest.mark.parametrize("noise", [NORMAL, SKEWED])
def test_the_slope_of_a_density_is_its_derivative(noise):
    with ctx.workprec(128):
        s, low, high = arb(3) / 4, arb(1), arb(2)
        for density, slope in zip(noise.densities(s), noise.slopes(s), strict=True):
            rise = integral([Piece(low, high, lambda v: 0 * v + 1)], [slope], (arb(9), arb(0)))
            inside = density.low is None or bool(density.low < low)
            expected = density.value(high) - density.value(low) if inside and density.high is None else arb(0)
            assert rise.overlaps(expected)


@pytest.mark.parametrize(("p", "mu", "s"), [("1/20", "1", "1/4"), ("1/2", "2", "1"), ("9/10", "1", "1")])
@pytest.mark.parametrize("node", [PureNode(), PureNode(amplitudes=(Fraction(1, 2), Fraction(3, 2)))])
def test_no_threshold_on_a_grid_errs_less_than_the_best_one(node, p, mu, s):
    p, mu, s = map(Fraction, (p, mu, s))

    def error(b):
        return ball(1 - p) * ball(fire_rate(node, b, s)) + ball(p) * ball(mean_miss_rate(node, b, mu, s))

    at_best = error(best_threshold(node, p, mu, s))
    for i in range(101):
        assert not error(Fraction(i, 25)) < at_best


def test_the_best_threshold_is_no_number_where_its_sign_is_not_decided():
    with ctx.workprec(64):
        unsharp = arb("0.3", "0.2")
    assert not best_threshold(PureNode(), unsharp, Fraction(1), Fraction(1)).rad() < 1e-3


def test_all_gates_are_right_as_often_as_simulated_ones():
    rng = np.random.default_rng(1)
    d, b, mu, s = 3, 1.5, 2.5, 0.8
    net = GatedNetwork(np.eye(d), np.ones(d), b)
    rates = []
    for n in range(d + 1):
        X = np.zeros((DRAWS, d))
        X[:, :n] = mu * rng.choice([-1, 1], (DRAWS, n))
        right = np.all(active(preactivations(net, observe(X, sigma=s, rng=rng)), net.b) == (X != 0), axis=1)
        rates.append(mean_interval(right.astype(float), "hoeffding", bounds=(0, 1)))
    found = float(all_right(PureLayer(), d, Fraction(3, 2), Fraction(5, 2), Fraction(4, 5)))
    assert found in min(rates, key=lambda rate: rate.high)


def test_equal_columns_leave_some_gate_wrong():
    assert all_right(PureLayer(orthogonal=False), 2, Fraction(1), Fraction(9), Fraction(1, 100)) == 0


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("eps", ["0", "1/3", "2"])
def test_no_random_attack_goes_beyond_the_extreme_points_and_one_comes_near(norm, eps):
    w, z = fractions([2, -1, 2]), fractions([1, "1/2", "-1/4"])
    node = AttackedNode(w=w, z=z, norm=norm, eps=Fraction(eps))
    rng = np.random.default_rng(2)
    delta = project(
        10 * rng.standard_normal((20_000, 3)) * rng.choice([1, 0.01, 0], (20_000, 3)), float(node.eps), norm
    )
    moduli = np.abs((z.astype(float) + delta) @ w.astype(float))
    rounding = 1e-12  # a dozen operations on numbers below 20
    assert moduli.max() <= float(largest(node)) + rounding
    assert moduli.min() >= float(least(node)) - rounding
    assert moduli.max() >= 0.98 * float(largest(node)) - rounding


def test_noise_and_attack_fire_a_gate_as_often_as_simulated():
    node = AttackedNode(
        w=fractions([1, 1, 1, 1]) / 2, z=fractions([0] * 4), norm="linf", eps=Fraction(1, 2), b=Fraction(3, 2), s=S
    )
    rng = np.random.default_rng(3)
    noise = float(S) * rng.standard_normal(DRAWS)
    assert agrees(np.abs(noise) + 1 >= 1.5, attacked_fire_rate(node))
