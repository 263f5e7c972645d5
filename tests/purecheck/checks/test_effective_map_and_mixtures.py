"""The checks of P1, P2, P4 and P5 are upheld, reject their controls, and turn red when the network is broken."""

from fractions import Fraction

import numpy as np
import pytest
from sympy import Eq, Rational

import numerics.activations
from numerics import mixtures
from numerics.exact import fractions
from numerics.network import GatedNetwork, forward
from purecheck.checks import p1_effective_map, p2_region_certificate, p4_mixtures_fit, p5_firing_probability
from purecheck.evaluators import network as network_evaluators
from purecheck.evaluators.firing import fired
from purecheck.evaluators.network import worst
from purecheck.models.exact_networks import CONFERENCE_6, hadamard_block, mixture, rational_rotation
from purecheck.verdicts.evidence import Outcome
from tests.purecheck.small_ledger import context
from theory.assumptions import one_threshold
from theory.claims import NearMiss
from theory.model import b, eps, r
from theory.purification.p2_region_certificate import WORST_CASE, certificate
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
    right = p2_region_certificate.input_gradient
    monkeypatch.setattr(p2_region_certificate, "input_gradient", lambda net, Z: 2 * right(net, Z))
    assert outcome("P2", "model: worst case") is Outcome.REFUTED


def test_silent_nodes_taken_for_active_turn_the_universal_bound_red(monkeypatch):
    monkeypatch.setattr(p2_region_certificate, "fired", lambda model: 1 - fired(model))
    assert outcome("P2", "model: universal bound") is Outcome.REFUTED


def test_a_worst_case_with_twice_the_gain_is_refuted():
    check = next(check for check in p2_region_certificate.CHECKS if check.clauses == (WORST_CASE.name,))
    planted = WORST_CASE.stating(Eq(WORST_CASE.formula.lhs, WORST_CASE.formula.rhs.subs(eps, 2 * eps)))
    assert check.examine(planted, context()).outcome is Outcome.REFUTED


def test_without_a_certificate_a_gate_that_closes_breaks_the_worst_case():
    check = next(check for check in p2_region_certificate.CHECKS if check.clauses == (WORST_CASE.name,))
    finding = check.examine(WORST_CASE.varied(NearMiss("without it", without=certificate)), context())
    assert finding.outcome is Outcome.REFUTED
    closing = p2_region_certificate._closing()
    assert worst(closing) == Fraction("0.4225")


def test_a_network_of_the_other_sign_turns_p1_red(monkeypatch):
    monkeypatch.setattr(network_evaluators, "forward", lambda net, Z: -forward(net, Z))
    assert outcome("P1", "model: effective map") is Outcome.REFUTED
    assert outcome("P1", "model: gradient") is Outcome.REFUTED


def test_heads_half_as_large_turn_the_simulated_mixture_red(monkeypatch):
    def halved(theta, m, b):
        net = mixtures.mixture_network(theta, m, b)
        return GatedNetwork(net.W, net.a / 2, net.b)

    monkeypatch.setattr(p5_firing_probability, "mixture_network", halved)
    assert outcome("P5", "simulated mixture network") is Outcome.REFUTED


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
