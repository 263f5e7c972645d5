"""Evaluators of gain and risk, held against numerics by Monte Carlo and against attacks of their own."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from sympy import N

from numerics.attacks.losses import attacked_loss
from numerics.exact import fractions
from numerics.features import ConstantAmplitude, FeatureLaw
from numerics.mixtures import mixture_network
from numerics.network import GatedNetwork, effective_map, forward
from numerics.statistics import mean_interval, sample_size
from purecheck.evaluators.model import constant_law
from purecheck.evaluators.risk import (
    AttackedNetwork,
    Ones,
    adversarial_risk,
    exceeds,
    mean_gain,
    mixed_gain,
    moves_no_gate,
    output,
    reach_of_region,
    robust_share,
    worst_attacks,
)
from purecheck.models.attacked import attacked_mixture
from theory.purification.p6_adversarial_risk import RISK_AT_FIT

THETA = (Fraction(1), Fraction(3, 10))
P = Fraction(3, 10)


def attacked(eps: Fraction, tau: Fraction) -> AttackedNetwork:
    model = attacked_mixture(RISK_AT_FIT, THETA, 2, constant_law(2, P), eps=eps, tau=tau)
    return replace(model, normal=False)


def as_floats(net: GatedNetwork) -> GatedNetwork:
    return GatedNetwork(net.W.astype(float), net.a.astype(float), net.b.astype(float))


def test_risk_agrees_with_attacks_along_the_gradient_in_simulation() -> None:
    model = attacked(Fraction(3), Fraction(1, 2))
    value = float(adversarial_risk(model))
    rng = np.random.default_rng(0)
    span = 4.0
    draws = FeatureLaw(2, float(P), ConstantAmplitude(1.0)).sample(rng, (sample_size(0.05, span),))
    net, eps = as_floats(model.net), float(model.eps)
    assert model.M is not None
    Z = draws @ model.M.astype(float).T
    y = draws @ np.array([float(x) for x in THETA]) + 0.5 * rng.choice([-1, 1], len(draws))
    gradient = effective_map(net, Z)
    lengths = np.linalg.norm(gradient, axis=1, keepdims=True)
    step = eps * np.divide(gradient, lengths, out=np.zeros_like(gradient), where=lengths > 0)
    losses = np.maximum(attacked_loss(net, Z, y, step), attacked_loss(net, Z, y, -step))
    assert losses.max() <= span
    assert value in mean_interval(losses, "hoeffding", bounds=(0.0, span))


def test_no_attack_inside_the_region_leaves_the_outputs_that_the_evaluator_tries() -> None:
    model = attacked(Fraction(9), Fraction(0))
    rng = np.random.default_rng(1)
    net, eps = as_floats(model.net), float(model.eps)
    for z in model.law[0]:
        outputs = output(model.net, worst_attacks(model.net, z, model.eps))
        assert moves_no_gate(model.net, z, model.eps)
        directions = rng.standard_normal((500, 2))
        attacks = z.astype(float) + eps * directions / np.linalg.norm(directions, axis=1, keepdims=True)
        found = forward(net, attacks)
        low, high = min(map(float, outputs)), max(map(float, outputs))
        rounding = 100 * np.finfo(float).eps * (1 + abs(found).max())
        assert low - rounding <= found.min()
        assert found.max() <= high + rounding


def test_gates_move_beyond_the_reach_of_the_region() -> None:
    model = attacked(Fraction(0), Fraction(0))
    reach = reach_of_region(model.net, model.law[0])
    inside, beyond = reach, reach * Fraction(102, 100)
    assert all(moves_no_gate(model.net, z, inside) for z in model.law[0])
    assert not all(moves_no_gate(model.net, z, beyond) for z in model.law[0])


@pytest.mark.parametrize(("features", "order"), [(4, 2), (4, 4), (8, 4)])
def test_mean_gain_of_mixtures_agrees_with_simulation(features: int, order: int) -> None:
    value = float(N(mixed_gain(None, features, P, order)))
    rng = np.random.default_rng(order)
    span = float(features) ** 0.5
    X = FeatureLaw(features, float(P), ConstantAmplitude(1.0)).sample(rng, (sample_size(0.05, span),))
    gains = np.linalg.norm(effective_map(mixture_network(np.ones(features), order, 0.5), X), axis=1)
    assert value in mean_interval(np.minimum(gains, span), "hoeffding", bounds=(0.0, span))


def test_two_evaluators_of_the_mean_gain_agree() -> None:
    law = constant_law(2, P)
    model = attacked_mixture(RISK_AT_FIT, (Fraction(1), Fraction(1)), 2, law)
    assert mean_gain(model) == mixed_gain(Ones(), 2, P, 2)


def test_observation_noise_breaks_the_fit() -> None:
    model = attacked_mixture(RISK_AT_FIT, THETA, 1, constant_law(2, P))
    noisy = attacked_mixture(replace(RISK_AT_FIT, assumes=()), THETA, 1, constant_law(2, P), noise=Fraction(1, 10))
    assert np.array_equal(forward(model.net, model.law[0]), model.features @ fractions(THETA))
    assert not np.array_equal(forward(noisy.net, noisy.law[0]), noisy.features @ fractions(THETA))
    assert adversarial_risk(replace(model, eps=Fraction(0), tau=Fraction(0))).contains(0)


@pytest.mark.parametrize("size", [Fraction(1, 5), Fraction(9, 20)])
def test_robust_share_agrees_with_simulated_attacks(size: Fraction) -> None:
    inputs, probabilities = constant_law(5, P)
    model = AttackedNetwork(
        net=GatedNetwork(fractions(np.eye(5, dtype=int).tolist()), fractions([1] * 5), fractions(["1/2"] * 5)),
        theta=fractions([1] * 5),
        inputs=inputs,
        features=inputs,
        probabilities=probabilities,
        eps=size,
        tau=Fraction(0),
    )
    rng = np.random.default_rng(3)
    X = FeatureLaw(5, float(P), ConstantAmplitude(1.0)).sample(rng, (sample_size(0.02, 1.0),))
    net, label = as_floats(model.net), np.sign(X.sum(axis=1))
    gradient = effective_map(net, X)
    lengths = np.maximum(np.linalg.norm(gradient, axis=1, keepdims=True), 1.0)
    attacked_outputs = forward(net, X - float(size) * label[:, None] * gradient / lengths)
    robust = (attacked_outputs * label > 1e-9).astype(float)
    assert float(robust_share(model)) in mean_interval(robust, "hoeffding", bounds=(0.0, 1.0))


@pytest.mark.parametrize(
    ("signs", "bound", "value"), [(1, 0, 1), (2, 1, Fraction(1, 2)), (3, 1, Fraction(1, 4)), (0, 0, 0)]
)
def test_strings_of_signs(signs: int, bound: int, value: Fraction) -> None:
    assert exceeds(None, signs, bound) == value
