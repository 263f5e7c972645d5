"""Evaluators of heads, held against numerics by simulation and against fits of their own."""

from fractions import Fraction

import numpy as np
import pytest
from sympy import N

from numerics.exact import fractions
from numerics.features import ConstantAmplitude, FeatureLaw
from numerics.network import GatedNetwork, effective_map, forward, gated_outputs
from numerics.statistics import mean_interval, sample_size
from purecheck.evaluators.heads import (
    LayerWithHead,
    NormalNode,
    best_multiple,
    covered,
    gain_energy,
    head_entry,
    head_risk,
    least_surrogate,
    mapped,
    mean_product,
    passed,
    signal_energy,
    surrogate,
    worst_along,
)
from purecheck.evaluators.quadratics import minimisers_of
from purecheck.models.layers import frozen_layer, partly_pure
from theory.inheritance.d4_heads_alone import ALONG

THETA = (Fraction(1), Fraction(3, 10))
P, R = Fraction(3, 10), Fraction(3, 5)


def layer(eps: Fraction = Fraction(1, 10)) -> LayerWithHead:
    """A mixture of two features with its least-squares head."""
    return frozen_layer(ALONG, partly_pure(0, 2, 2), THETA, P, R, eps=eps)


def simulated(span: float) -> tuple[GatedNetwork, np.ndarray, np.ndarray]:
    """The layer in floating point, and inputs with their targets."""
    model = layer()
    net = GatedNetwork(model.net.W.astype(float), model.net.a.astype(float), model.net.b.astype(float))
    law = FeatureLaw(2, float(P), ConstantAmplitude(float(R)))
    X = law.sample(np.random.default_rng(0), (sample_size(0.02, span),))
    return net, X, X @ np.array([float(x) for x in THETA])


@pytest.mark.parametrize(
    ("evaluator", "signals", "gains"), [(signal_energy, 2, 0), (mean_product, 1, 1), (gain_energy, 0, 2)]
)
def test_moments_agree_with_simulation(evaluator, signals, gains) -> None:
    net, X, y = simulated(2.0)
    draws = np.abs(y) ** signals * np.linalg.norm(effective_map(net, X), axis=1) ** gains
    assert float(N(evaluator(layer()))) in mean_interval(np.minimum(draws, 2.0), "hoeffding", bounds=(0.0, 2.0))


@pytest.mark.parametrize("multiple", [Fraction(1, 2), Fraction(1), Fraction(-1, 3)])
def test_worst_case_along_a_head_agrees_with_simulated_attacks(multiple: Fraction) -> None:
    net, X, y = simulated(4.0)
    beta = float(multiple) * effective_map(net, X)
    error = y - float(multiple) * forward(net, X)
    lengths = np.linalg.norm(beta, axis=1)
    losses = np.maximum((error + 0.1 * lengths) ** 2, (error - 0.1 * lengths) ** 2)
    assert float(worst_along(layer(), multiple)) in mean_interval(losses, "hoeffding", bounds=(0.0, 4.0))


def test_best_multiple_beats_its_neighbours() -> None:
    model = layer(Fraction(1, 3))
    best = Fraction(round(float(best_multiple(model)) * 10**6), 10**6)
    least = float(worst_along(model, best))
    assert all(float(worst_along(model, best + step)) > least for step in (Fraction(1, 100), Fraction(-1, 100)))


def test_surrogate_agrees_with_ridge_regression() -> None:
    """The same head from the normal equations of the numerics, and the values of the surrogate around it."""
    model = layer()
    found = minimisers_of(lambda a: surrogate(model.with_head(a)), 2)
    assert len(found.freedom) == 0
    X, weights = model.law[0].astype(float), model.law[1].astype(float)
    net = GatedNetwork(model.net.W.astype(float), np.ones(2), model.net.b.astype(float))
    outputs = gated_outputs(net, X)
    fires = (outputs != 0).astype(float)
    y = X @ np.array([float(x) for x in THETA])
    gram = outputs.T @ (weights[:, None] * outputs) + 0.01 * np.diag(2 * weights @ fires)
    head = np.linalg.solve(gram, outputs.T @ (weights * y))
    # Two unknowns and nine inputs: far fewer than a thousand roundings of numbers of order one.
    np.testing.assert_allclose(found.shortest.astype(float), head, atol=1000 * np.finfo(float).eps)
    np.testing.assert_array_equal(mapped(model), model.net.W @ found.shortest)
    assert least_surrogate(model)[0, 0] == surrogate(model.with_head(found.shortest))


def test_flat_directions_are_found_and_the_shortest_minimiser_is_taken() -> None:
    found = minimisers_of(lambda a: Fraction((a[0] + 2 * a[1] - 5) ** 2), 2)
    assert found.shortest.tolist() == fractions([1, 2]).tolist()
    assert len(found.freedom) == 1


@pytest.mark.parametrize(("powers", "name"), [((1, 1), "x v"), ((0, 2), "v^2"), ((0, 0), "fires")])
def test_moments_of_a_noisy_node_agree_with_simulation(powers, name) -> None:
    node = NormalNode(
        values=(Fraction(0), Fraction(1), Fraction(-1)),
        probabilities=(1 - P, P / 2, P / 2),
        b=Fraction(1, 2),
        sigma=Fraction(1, 4),
    )
    rng = np.random.default_rng(0)
    # Draws beyond 3 in modulus, eight deviations out, would move the means by less than 1e-12.
    span = 3.0 ** sum(powers)
    size = sample_size(0.02, 2 * span)
    x = FeatureLaw(1, float(P), ConstantAmplitude(1.0)).sample(rng, (size,))[:, 0]
    seen = np.clip(x + 0.25 * rng.standard_normal(size), -3, 3)
    fires = np.abs(seen) >= 0.5
    draws = np.where(fires, x ** powers[0] * seen ** powers[1], 0.0)
    assert float(node.mean(*powers)) in mean_interval(draws, "hoeffding", bounds=(-span, span)), name


def test_risk_and_head_with_noise_agree_with_regression() -> None:
    """A finite law of features and noise, fitted by the normal equations of the numerics."""
    x, n = np.array([0, 1, -1, 0, 1, -1]), np.array([0.6, 0.6, 0.6, -0.6, -0.6, -0.6])
    weights = np.array([0.7, 0.15, 0.15, 0.7, 0.15, 0.15]) / 2
    model = LayerWithHead(
        net=GatedNetwork(fractions([[1]]), fractions([2]), fractions(["1/2"])),
        theta=fractions([3]),
        features=fractions(x[:, None].tolist()),
        inputs=fractions([["3/5"], ["8/5"], ["-2/5"], ["-3/5"], ["2/5"], ["-8/5"]]),
        probabilities=fractions(["7/20", "3/40", "3/40", "7/20", "3/40", "3/40"]),
        tau=Fraction(1),
    )
    v = np.where(np.abs(x + n) >= 0.5, x + n, 0.0)
    # A dozen roundings of numbers below ten.
    allowance = 1000 * np.finfo(float).eps
    assert abs(float(head_entry(model)) - weights @ (3 * x * v) / (weights @ v**2)) <= allowance
    assert abs(float(head_risk(model)) - (1 + weights @ (3 * x - 2 * v) ** 2)) <= allowance


def test_nodes_that_never_fire_cover_nothing() -> None:
    model = LayerWithHead(
        net=GatedNetwork(fractions([[1, 2, 0], [0, 0, 1]]), fractions([1, 1, 5]), fractions(["1/2", 1, 3])),
        theta=fractions([1, 1]),
        features=fractions([[1, 0], [0, 1]]),
    )
    assert covered(model).tolist() == [1, 0]
    assert passed(model).tolist() == [3, 0]
