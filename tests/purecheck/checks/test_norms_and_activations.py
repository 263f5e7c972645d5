"""The checks of N1, N2, A1 and A2 are upheld, reject their controls, and turn red when something is broken."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sympy import Eq, Ge, Rational, sqrt

from numerics import activations
from numerics.exact import fractions
from purecheck.checks import a1_leak, a2_noise_energy, n1_absolute_norms, n2_dense_dictionaries
from purecheck.evaluators.fits import effective
from purecheck.methods.agrees import Agrees
from purecheck.models.exact_networks import cayley
from purecheck.verdicts.evidence import Outcome
from tests.purecheck.small_ledger import context
from theory.activations.a1_leak import RELU_PAIR
from theory.activations.a2_noise_energy import GATE_ENERGY, RELU_ENERGY
from theory.attack_norms.n1_absolute_norms import HIDDEN, c, t_1
from theory.attack_norms.n2_dense_dictionaries import ATTAINED, LOWER, SIGNS_SUFFICE, UPPER
from theory.model import Q, b, d, s

CHECKS = tuple(
    check for m in (n1_absolute_norms, n2_dense_dictionaries, a1_leak, a2_noise_energy) for check in m.CHECKS
)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: f"{check.claim}: {check.name}")
def test_each_check_is_upheld_and_rejects_its_control(check):
    evidence = check.run(context())
    assert (evidence.outcome, evidence.control.rejected) == (Outcome.UPHELD, True), evidence


def outcome(claim, name):
    check = next(check for check in CHECKS if (check.claim, check.name) == (claim, name))
    return check.examine(check.statement, context()).outcome


entries = st.fractions(-2, 2, max_denominator=9)


@given(entries=st.lists(entries, min_size=3, max_size=3))
def test_cayley_transforms_are_orthogonal(entries):
    M = cayley([entries[:2], entries[2:]])
    assert np.all(fractions(np.eye(3, dtype=int).tolist()) == M.T @ M)


def planted(clause, formula):
    """What the check of a clause of N2 against the model makes of another formula."""
    check = next(check for check in n2_dense_dictionaries.CHECKS if check.clauses == (clause.name,))
    return check.examine(clause.stating(formula), context()).outcome


def test_twice_the_lower_bound_of_dense_dictionaries_is_refuted():
    assert planted(LOWER, Ge(LOWER.formula.lhs, 2 * LOWER.formula.rhs)) is Outcome.REFUTED


def test_purity_is_not_always_optimal():
    assert planted(UPPER, Eq(UPPER.formula.lhs, UPPER.formula.rhs)) is Outcome.REFUTED
    assert planted(ATTAINED, Eq(ATTAINED.formula.lhs, sqrt(d))) is Outcome.REFUTED


def test_equal_moduli_are_not_what_makes_purity_optimal():
    check = next(check for check in CHECKS if check.name == f"model: {SIGNS_SUFFICE.name}")
    scenes = list(check.scenes(SIGNS_SUFFICE, np.random.default_rng(0)))
    assert any(len(set(np.abs(scene.model.response))) > 1 for scene in scenes)


def test_a_wrong_head_turns_the_fit_that_beats_purity_red(monkeypatch):
    right = n2_dense_dictionaries._six_nodes
    monkeypatch.setattr(n2_dense_dictionaries, "_six_nodes", lambda k, e, b, B, head: right(k, e, b, B, 2 * head))
    assert outcome("N2", "model: exact fit") is Outcome.REFUTED


def test_a_skew_matrix_that_is_not_turns_rotations_red(monkeypatch):
    right = n2_dense_dictionaries.cayley
    monkeypatch.setattr(n2_dense_dictionaries, "cayley", lambda S: right(S) + Fraction(1, 7))
    assert outcome("N2", "model: plane rotation") is Outcome.REFUTED


def test_cross_talk_that_an_l1_attack_does_not_use_shows_in_every_other_norm():
    check = next(check for check in CHECKS if check.name == f"model: {HIDDEN.name}")
    scenes = [scene for scene in check.scenes(HIDDEN, np.random.default_rng(0)) if scene.values[c] < 1]
    assert scenes
    for scene in scenes:
        entries = effective(scene.model)
        assert max(abs(entries)) == scene.values[t_1] < sum(abs(entries))


def test_a_steeper_sigmoid_turns_the_activations_red(monkeypatch):
    monkeypatch.setattr(activations.Sigmoid, "leak", 0.5)
    assert outcome("A1", "coded activations: smooth activations leak") is Outcome.REFUTED
    monkeypatch.setattr(activations.Sigmoid, "value", lambda _, v: activations._sigmoid(2 * v))
    assert outcome("A1", "pure layers under a small attack") is Outcome.REFUTED
    assert outcome("A2", "simulated noise, sigmoid") is Outcome.REFUTED


def test_a_gate_turned_round_turns_its_noise_red(monkeypatch):
    monkeypatch.setattr(activations.Gate, "derivative", lambda self, v: activations._indicator(abs(v) <= self.b, v))
    assert outcome("A1", "derivative of a noisy gate") is Outcome.REFUTED
    assert outcome("A2", "simulated noise, gate") is Outcome.REFUTED
    assert outcome("A1", "nodes with a threshold within reach of it") is Outcome.REFUTED


def on_the_model(clause, variant):
    """What the check that holds `clause` against the model makes of `variant`."""
    (check,) = (check for check in CHECKS if isinstance(check, Agrees) and check.statement == clause)
    return check.examine(variant, context()).outcome


def test_twice_the_noise_energy_of_the_relu_is_refuted():
    doubled = RELU_ENERGY.stating(Eq(RELU_ENERGY.formula.lhs, 2 * RELU_ENERGY.formula.rhs))
    assert on_the_model(RELU_ENERGY, doubled) is Outcome.REFUTED


def test_the_gate_without_its_density_term_is_refuted():
    tails = GATE_ENERGY.stating(Eq(GATE_ENERGY.formula.lhs, 2 * s**2 * Q(b / s)))
    assert on_the_model(GATE_ENERGY, tails) is Outcome.REFUTED


def test_a_relu_pair_that_passes_half_is_refuted():
    half = RELU_PAIR.stating(Eq(RELU_PAIR.formula.lhs, Rational(1, 2)))
    assert on_the_model(RELU_PAIR, half) is Outcome.REFUTED
