"""The checks of N1, N2, A1 and A2 are upheld, reject their controls, and turn red when something is broken."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sympy import Eq, Rational

from numerics import activations
from numerics.exact import fractions
from purecheck.checks import a1_leak, a2_noise_energy, n1_absolute_norms, n2_dense_dictionaries
from purecheck.evidence import Outcome
from purecheck.methods.agrees import Agrees
from purecheck.models import exact_fits
from purecheck.models.exact_programs import cayley, least_norm
from tests.purecheck.small_ledger import context
from theory.activations.a1_leak import RELU_PAIR
from theory.activations.a2_noise_energy import GATE_ENERGY, RELU_ENERGY
from theory.model import Q, b, s

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


def test_the_least_norm_of_a_known_program():
    best = least_norm(fractions([[2], [1]]), fractions([4, 2]))
    assert (best.value, best.y.tolist()) == (5, [5, 0])


def test_a_vertex_that_is_not_optimal_is_not_accepted(monkeypatch):
    assert least_norm(fractions([[1], [2]]), fractions([1, 2])).value == Fraction(5, 2)
    monkeypatch.setattr("purecheck.models.exact_programs._entering", lambda _: None)
    with pytest.raises(ArithmeticError):
        least_norm(fractions([[1], [2]]), fractions([1, 2]))


@given(data=st.data())
def test_the_least_norm_is_found_at_degenerate_vertices(data):
    d = data.draw(st.integers(2, 4))
    M = cayley([data.draw(st.lists(entries, min_size=d - 1 - i, max_size=d - 1 - i)) for i in range(d - 1)])
    V = M[:, : data.draw(st.integers(1, d))]
    feasible = fractions(data.draw(st.lists(st.sampled_from([0, 0, 1, -1, Fraction(1, 2)]), min_size=d, max_size=d)))
    target = V @ (V.T @ feasible)  # the answer has zeros where `feasible` is the answer
    best = least_norm(V, target)
    assert np.all(V.T @ best.y == V.T @ target)
    assert max(np.abs(V @ best.c)) <= 1
    assert sum(np.abs(best.y)) == (V.T @ target) @ best.c == best.value  # each proves the other optimal
    assert best.value <= sum(abs(entry) for entry in feasible)


def test_a_wrong_head_turns_the_fit_that_beats_purity_red(monkeypatch):
    right = exact_fits._network
    monkeypatch.setattr(exact_fits, "_network", lambda nodes, a, b: right(nodes, [*a[:-1], a[-1] * 2], b))
    assert outcome("N2", "the fit that beats the purified one, in fractions") is Outcome.REFUTED


def test_a_skew_matrix_that_is_not_turns_rotations_red(monkeypatch):
    right = n2_dense_dictionaries.cayley
    monkeypatch.setattr(n2_dense_dictionaries, "cayley", lambda S: right(S) + Fraction(1, 7))
    assert outcome("N2", "rational plane rotations") is Outcome.REFUTED


def test_an_l1_norm_in_place_of_its_dual_turns_the_hidden_cross_talk_red():
    check = next(check for check in CHECKS if check.name == "cross-talk that an l1 attack does not use")
    assert check.examine(n1_absolute_norms.DUALS["l3, cubed"], context()).outcome is Outcome.REFUTED


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
