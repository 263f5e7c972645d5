"""The checks of N1, N2, A1 and A2 are upheld, reject their controls, and turn red when something is broken."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sympy import Eq, Ge, sqrt

from numerics import activations
from numerics.exact import fractions
from purecheck.checks import a1_leak, a2_noise_energy, n1_absolute_norms, n2_dense_dictionaries
from purecheck.evidence import Outcome
from purecheck.models.exact_networks import cayley
from tests.purecheck.small_ledger import context
from theory.attack_norms.n2_dense_dictionaries import ATTAINED, LOWER, SIGNS_SUFFICE, UPPER
from theory.model import d

CHECKS = tuple(c for m in (n1_absolute_norms, n2_dense_dictionaries, a1_leak, a2_noise_energy) for c in m.CHECKS)


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


def test_an_l1_norm_in_place_of_its_dual_turns_the_hidden_cross_talk_red():
    check = next(check for check in CHECKS if check.name == "cross-talk that an l1 attack does not use")
    assert check.examine(n1_absolute_norms.DUALS["l3, cubed"], context()).outcome is Outcome.REFUTED


def test_a_steeper_sigmoid_turns_the_activations_red(monkeypatch):
    monkeypatch.setattr(activations.Sigmoid, "leak", 0.5)
    assert outcome("A1", "leaks of the coded activations") is Outcome.REFUTED
    monkeypatch.setattr(activations.Sigmoid, "value", lambda _, v: activations._sigmoid(2 * v))
    assert outcome("A1", "pure layers under a small attack") is Outcome.REFUTED
    assert outcome("A2", "simulated noise, sigmoid") is Outcome.REFUTED


def test_a_gate_turned_round_turns_its_noise_red(monkeypatch):
    monkeypatch.setattr(activations.Gate, "derivative", lambda self, v: activations._indicator(abs(v) <= self.b, v))
    assert outcome("A1", "derivative of a noisy gate") is Outcome.REFUTED
    assert outcome("A2", "simulated noise, gate") is Outcome.REFUTED
    assert outcome("A1", "nodes with a threshold within reach of it") is Outcome.REFUTED
