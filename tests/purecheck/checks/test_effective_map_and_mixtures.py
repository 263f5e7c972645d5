"""The checks of P1, P2, P4 and P5 are upheld, reject their controls, and turn red when the network is broken."""

from fractions import Fraction

import numpy as np
import pytest
from sympy import Rational

import numerics.activations
import numerics.certificate
from numerics import mixtures, network
from numerics.certificate import certified, certified_worst_case, universal_bound
from numerics.exact import fractions
from numerics.network import GatedNetwork, forward
from numerics.rounding import gamma
from purecheck.checks import p1_effective_map, p2_region_certificate, p4_mixtures_fit, p5_firing_probability
from purecheck.checks.p2_region_certificate import one_input_worst_case
from purecheck.evidence import Outcome
from purecheck.models.exact_networks import CONFERENCE_6, hadamard_block, mixture, rational_rotation
from tests.purecheck.small_ledger import context
from theory.assumptions import one_threshold
from theory.claims import NearMiss
from theory.model import b, r
from theory.ranges import closed

CHECKS = (
    *p1_effective_map.CHECKS,
    *p2_region_certificate.CHECKS,
    *p4_mixtures_fit.CHECKS,
    *p5_firing_probability.CHECKS,
)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: f"{check.claim} {check.name}")
def test_each_check_is_upheld_and_rejects_its_control(check):
    evidence = check.run(context())
    assert (evidence.outcome, evidence.control.rejected) == (Outcome.UPHELD, True), evidence


def outcome(claim: str, name: str) -> Outcome:
    check = next(check for check in CHECKS if (check.claim, check.name) == (claim, name))
    return check.examine(check.statement, context()).outcome


def test_a_turned_gate_comparison_turns_mixtures_red(monkeypatch):
    monkeypatch.setattr(numerics.activations, "fires", lambda v, b: abs(v) <= b)
    assert outcome("P4", "model: fit") is Outcome.REFUTED


@pytest.mark.parametrize("name", ["fit", "any amplitudes"])
def test_mixtures_fit_no_more_where_nodes_differ_in_their_thresholds(name):
    check = next(check for check in p4_mixtures_fit.CHECKS if check.clauses == (name,))
    dropped = check.statement.varied(NearMiss("without it", without=one_threshold))
    assert check.examine(dropped, context()).outcome is Outcome.REFUTED


def test_mixtures_fit_up_to_a_threshold_of_one_amplitude_and_no_further():
    check = next(check for check in p4_mixtures_fit.CHECKS if check.clauses == ("fit",))
    assert check.statement.over[b] == closed(0, r)
    beyond = check.statement.varied(NearMiss("b up to 1.01 r", over={b: closed(0, Rational(101, 100) * r)}))
    assert check.examine(beyond, context()).outcome is Outcome.REFUTED


def test_a_doubled_gradient_turns_the_worst_case_red(monkeypatch):
    right = numerics.certificate.input_gradient
    monkeypatch.setattr(numerics.certificate, "input_gradient", lambda net, Z: 2 * right(net, Z))
    assert outcome("P2", "exact worst cases of one-input networks") is Outcome.REFUTED


def test_silent_nodes_taken_for_active_turn_the_universal_bound_red(monkeypatch):
    right = numerics.certificate.active
    monkeypatch.setattr(numerics.certificate, "active", lambda V, b: ~right(V, b))
    assert outcome("P2", "universal bound of one-input networks") is Outcome.REFUTED


def test_a_wrong_sign_in_the_effective_map_turns_p1_red(monkeypatch):
    monkeypatch.setattr(p1_effective_map, "effective_map", lambda net, Z, M: -network.effective_map(net, Z, M))
    assert outcome("P1", "exact networks are their effective maps") is Outcome.REFUTED


def test_heads_half_as_large_turn_the_simulated_mixture_red(monkeypatch):
    def halved(theta, m, b):
        net = mixtures.mixture_network(theta, m, b)
        return GatedNetwork(net.W, net.a / 2, net.b)

    monkeypatch.setattr(p5_firing_probability, "mixture_network", halved)
    assert outcome("P5", "simulated mixture network") is Outcome.REFUTED


def test_worst_case_without_a_certificate_as_quoted():
    net = GatedNetwork(fractions([[1]]), fractions([1]), fractions(["0.5"]))
    z, y, eps = Fraction("0.6"), Fraction("0.65"), Fraction("0.3")
    at_z = forward(net, fractions([[z]]))[0]
    closed = forward(net, fractions([[z - eps]]))[0]
    assert (abs(y - at_z) + eps) ** 2 == Fraction("0.1225")
    assert (y - closed) ** 2 == Fraction("0.4225")
    floats = GatedNetwork(np.array([[1.0]]), np.array([1.0]), 0.5)
    assert not certified(floats, np.array([[0.6]]), 0.3, "l2")[0]
    arguments = (floats, np.array([[0.6]]), np.array([0.65]), 0.3, "l2")
    # |y - f| errs by 2 roundings of numbers below 0.65 and by its own; 0.3, the sum and the square by fewer than 8
    allowed = 2 * 0.35 * gamma(3, "float64") * (0.65 + 0.6) + gamma(8, "float64") * 0.1225
    assert abs(certified_worst_case(*arguments)[0] - 0.1225) <= allowed
    assert universal_bound(*arguments)[0] >= 0.4225


def test_exact_worst_case_of_one_input_sees_both_sides_of_a_threshold():
    net = GatedNetwork(np.array([[1.0]]), np.array([1.0]), np.array([0.5]))
    # Open at 1/2 from above, where f = 1/2; closed below, where f = 0.
    assert one_input_worst_case(net, Fraction(1, 2), Fraction(1), Fraction(1, 8)) == 1
    assert one_input_worst_case(net, Fraction(1, 2), Fraction(0), Fraction(1, 8)) == Fraction(25, 64)


def test_a_threshold_of_1_01_amplitudes_loses_single_features_at_order_four():
    theta = p4_mixtures_fit.target(4)
    net = mixture(hadamard_block(4), 4, theta, Fraction(101, 100))
    assert forward(net, fractions([[1, 0, 0, 0]]))[0] == 0


def test_blocks_of_signs_are_orthogonal():
    for block, weight in p4_mixtures_fit.BLOCKS:
        np.testing.assert_array_equal(block @ block.T, weight * np.eye(len(block)))
    assert CONFERENCE_6.shape == (6, 6)


def test_rational_rotations_are_orthogonal():
    M = rational_rotation(3, Fraction(1, 3))
    np.testing.assert_array_equal(M.T @ M, fractions(np.eye(3, dtype=int).tolist()))
