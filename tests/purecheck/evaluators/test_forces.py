"""Evaluators of what features and training do to nodes, held against numerics, differences and simulation."""

from fractions import Fraction

import numpy as np
import pytest
from sympy import Matrix, Rational, sqrt

from numerics.certificate import certified_worst_case
from numerics.exact import fractions
from numerics.network import GatedNetwork, gated_outputs
from numerics.statistics import mean_interval, sample_size
from purecheck.enclosures.certify import enclose
from purecheck.evaluators.forces import (
    DirectedChange,
    Node,
    Sample,
    count_alone,
    flow,
    map_entry,
    mean_error,
    rate,
    seen_of_one,
    seen_of_two,
    slope,
    weight_length,
)
from purecheck.evaluators.model import constant_law
from purecheck.evaluators.numbers import fraction, rational
from purecheck.evaluators.risk import AttackedNetwork, adversarial_risk
from purecheck.models.exact_networks import rational_rotation
from theory.model import eps, p, tau
from theory.purification.p7_cells import EXAMPLE, ROWS, cell_risk


@pytest.mark.parametrize("u", [(1, -2, 0), (1, 1, 1), (0, 0, 2)])
def test_count_is_that_of_a_layer_at_single_features(u: tuple[int, ...]) -> None:
    M = rational_rotation(3, Fraction(1, 3))
    W = M @ fractions(u)[:, None]
    node = Node(
        net=GatedNetwork(W, fractions([1]), fractions([1])),
        M=M,
        amplitudes=fractions(["1/2"] * 3),
        noise=fractions([0] * 3),
    )
    layer = GatedNetwork(W.astype(float), np.ones(1), 1.0 - 1e-9)
    outputs = gated_outputs(layer, 0.5 * M.astype(float).T)
    assert count_alone(node) == np.count_nonzero(outputs)
    assert weight_length(node) == sqrt(sum(x * x for x in u))
    assert seen_of_one(node) == Fraction(u[0], 2)
    assert seen_of_two(node) == Fraction(u[0] + u[1], 2)


def sample(y: Fraction = Fraction(1, 3), eps: Fraction = Fraction(1, 10)) -> Sample:
    """Two nodes that fire, and a feature that is absent."""
    return Sample(
        net=GatedNetwork(fractions([[1, "1/2"], ["1/3", -1]]), fractions(["2/3", "1/2"]), fractions(["1/4", "1/8"])),
        x=fractions([1, 0]),
        y=y,
        eps=eps,
        feature=1,
    )


def test_flow_is_the_gradient_of_the_worst_loss_by_differences() -> None:
    """The largest loss over the ends of many attacks, differentiated numerically in each weight."""
    model = sample()
    W, a, y, eps = model.net.W.astype(float), model.net.a.astype(float), float(model.y), float(model.eps)
    angles = np.linspace(0, 2 * np.pi, 20001)
    attacks = np.array([1.0, 0.0]) + eps * np.stack([np.cos(angles), np.sin(angles)], axis=1)

    def worst(weights: np.ndarray) -> float:
        return float(np.max((y - attacks @ weights @ a) ** 2))

    step, velocity = 1e-3, 0.0
    for node in range(2):
        bump = np.zeros_like(W)
        bump[1, node] = step
        velocity -= a[node] * (worst(W + bump) - worst(W - bump)) / (2 * step)
    # The grid of attacks misses the worst one by (pi/20000)^2 of the loss at most, the difference by step^2.
    assert abs(float(flow(model)) - velocity) < 1e-4


def test_rate_is_that_of_the_flow() -> None:
    model = sample()
    assert float(rate(model)) == pytest.approx(-float(flow(model)) / float(map_entry(model)), rel=1e-12)


@pytest.mark.parametrize("shift", [Fraction(0), Fraction(-3, 2), Fraction(40)])
def test_mean_error_agrees_with_simulation(shift: Fraction) -> None:
    rng = np.random.default_rng(0)
    # Normal draws are cut off at 6, which moves the mean modulus by less than 1e-8.
    span = abs(float(shift)) + 6
    draws = np.abs(float(shift) + np.clip(rng.standard_normal(sample_size(0.05, span)), -6, 6))
    assert float(mean_error(None, shift, Fraction(1))) in mean_interval(draws, "hoeffding", bounds=(0.0, span))


def population(direction: np.ndarray, heads: np.ndarray, tau: Fraction = Fraction(0)) -> DirectedChange:
    """The mixture of two features at its fit."""
    inputs, probabilities = constant_law(2, Fraction(3, 10))
    theta = fractions([1, "3/10"])
    W = fractions([[1, 1], [1, -1]])
    return DirectedChange(
        net=GatedNetwork(W, theta @ W / 2, fractions(["1/2", "1/2"])),
        theta=theta,
        inputs=inputs,
        features=inputs,
        probabilities=probabilities,
        weights=direction,
        heads=heads,
        eps=Fraction(1, 10),
        tau=tau,
    )


def test_slope_is_that_of_the_certified_worst_case_by_differences() -> None:
    model = population(fractions([["1/2", -1], ["1/3", "1/4"]]), fractions(["1/5", -1]))
    X, P = model.law[0].astype(float), model.law[1].astype(float)

    def risk_after(step: float) -> float:
        W = model.net.W.astype(float) + step * model.weights.astype(float)
        net = GatedNetwork(W, model.net.a.astype(float) + step * model.heads.astype(float), 0.5)
        return float(P @ certified_worst_case(net, X, X @ model.target.astype(float), 0.1, "l2"))

    step = 1e-6
    # One-sided differences err by the second derivative, which is below 100 here, times the step.
    assert abs(float(slope(model)) - (risk_after(step) - risk_after(0.0)) / step) < 100 * step


def test_a_direction_that_does_nothing_has_no_slope() -> None:
    assert slope(population(fractions([[0, 0], [0, 0]]), fractions([0, 0]))) == 0


def test_closed_risk_of_a_cell_agrees_with_the_evaluator_of_the_risk() -> None:
    """The minima of P7 are those of a closed form, which is held against attacks and noise here."""
    columns = [[Fraction(3, 5), Fraction(2, 3)], [Fraction(1, 3), Fraction(-2, 5)]]
    inputs, probabilities = constant_law(2, fraction(EXAMPLE[p]))
    model = AttackedNetwork(
        net=GatedNetwork(fractions(columns).T, fractions([1, 1]), fractions(["1/5", "1/5"])),
        theta=fractions([1, "3/10"]),
        inputs=inputs,
        features=inputs,
        probabilities=probabilities,
        eps=Fraction(1, 20),
        tau=Fraction(1),
    )
    products = tuple(Matrix([rational(x) for x in column]) for column in columns)
    closed = cell_risk(ROWS, products).subs({**EXAMPLE, eps: Rational(1, 20)}) + EXAMPLE[tau] ** 2
    assert adversarial_risk(model).overlaps(enclose(closed))
