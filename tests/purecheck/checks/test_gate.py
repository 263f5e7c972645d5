"""Checks of G1-G4 and P8: upheld with rejected controls, and red when a gate of the numerics is broken."""

from itertools import product

import numpy as np
import pytest
from array_api_compat import array_namespace
from sympy import Eq, Gt

from numerics.norms import NORMS
from purecheck.checks import (
    _pure_nodes,
    a1_leak,
    g1_errors,
    g2_optimal_threshold,
    g3_separability,
    g4_attack_immunity,
    p8_gate_ratio,
)
from purecheck.evaluators import points as drawn_points
from purecheck.evaluators.points import candidates
from purecheck.methods.agrees import Agrees
from purecheck.verdicts.evidence import Outcome
from tests.purecheck.small_ledger import context
from theory.claims import NearMiss
from theory.gate.g2_optimal_threshold import LOWER_BOUND, MINIMISER
from theory.gate.g3_separability import ACTIVE_ROOT, ALL, SILENT_ROOT, THRESHOLD, n
from theory.gate.g4_attack_immunity import REACH
from theory.model import alpha, d, eps, mu, s
from theory.quantities.gate import ALL_RIGHT, DUAL_NORM
from theory.ranges import integers

CHECKS = tuple(
    check
    for module in (g1_errors, g2_optimal_threshold, g3_separability, g4_attack_immunity, p8_gate_ratio)
    for check in module.CHECKS
)


def outcome(check):
    return check.examine(check.statement, context()).outcome


def named(name):
    (found,) = (check for check in CHECKS if check.name == name)
    return found


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: f"{check.claim}: {check.name}")
def test_check_is_upheld_and_rejects_its_control(check):
    evidence = check.run(context())
    assert evidence.outcome is Outcome.UPHELD
    assert evidence.control.rejected


def turned(V, b):
    return array_namespace(V).abs(V) < b[..., None, :]


def one_sided(V, b):
    return b[..., None, :] <= V


@pytest.mark.parametrize("gate", [turned, one_sided])
@pytest.mark.parametrize(
    "name",
    [
        "simulated gate without its feature",
        "simulated gate with its feature",
        "simulated gate with random amplitude",
        "simulated error at the optimum",
        "simulated network at the least signal",
    ],
)
def test_a_broken_gate_turns_the_simulations_red(monkeypatch, name, gate):
    monkeypatch.setattr(_pure_nodes, "active", gate)
    assert outcome(named(name)) is Outcome.REFUTED


@pytest.mark.parametrize("gate", [turned, one_sided])
def test_a_broken_gate_turns_the_noisy_attack_red(monkeypatch, gate):
    monkeypatch.setattr(g4_attack_immunity, "active", gate)
    assert outcome(named("noise and attack together")) is Outcome.REFUTED


ATTACKS = ("attacks on silent gates", "attacks on firing gates")


@pytest.mark.parametrize("name", ATTACKS)
def test_a_gate_on_one_side_turns_the_attacks_red(monkeypatch, name):
    monkeypatch.setattr(g4_attack_immunity, "active", one_sided)
    assert outcome(named(name)) is Outcome.REFUTED


@pytest.mark.parametrize("name", ATTACKS)
def test_a_wrong_steepest_direction_turns_the_attacks_red(monkeypatch, name):
    right = g4_attack_immunity.steepest
    monkeypatch.setattr(g4_attack_immunity, "steepest", lambda g, _kind: right(g, "l1"))
    assert outcome(named(name)) is Outcome.REFUTED


def attack_norm(scene):
    """The norm of the attack of a scene."""
    return getattr(scene.model, "attacked", scene.model).norm


ATTACKED_SCENES = (g4_attack_immunity._nodes, g4_attack_immunity._inactive, a1_leak._finite_attacks)


@pytest.mark.parametrize(
    "check",
    [
        check
        for check in (*g4_attack_immunity.CHECKS, *a1_leak.CHECKS)
        if isinstance(check, Agrees) and check.scenes in ATTACKED_SCENES
    ],
    ids=lambda check: f"{check.claim}: {check.name}",
)
def test_every_parameter_runs_through_its_candidates_in_every_norm(monkeypatch, check):
    # Parameters that do not lead stay at one candidate, so that chance covers nothing.
    monkeypatch.setattr(drawn_points, "_drawn", lambda _r, choices, _rng: choices[len(choices) // 2])
    clause = check.statement
    scenes = list(check.scenes(clause, np.random.default_rng(0)))
    seen = set()
    for scene, (symbol, r) in product(scenes, clause.over.items()):
        choices = candidates(r.at(scene.values))
        if scene.values[symbol] in choices:
            seen.add((symbol, choices.index(scene.values[symbol]), attack_norm(scene)))
    # Every range of these clauses has at least five candidates.
    assert seen >= set(product(clause.over, range(5), NORMS))


def on_the_model(clause, variant):
    """What the check that holds `clause` against the model makes of `variant`."""
    (check,) = (check for check in CHECKS if isinstance(check, Agrees) and check.statement.name == clause.name)
    return check.examine(variant, context()).outcome


def test_a_reach_of_twice_the_attack_is_refuted():
    doubled = Eq(REACH.formula.lhs, REACH.formula.rhs + eps * DUAL_NORM)
    assert on_the_model(REACH, REACH.stating(doubled)) is Outcome.REFUTED


def test_a_failure_that_counts_active_gates_alone_is_refuted():
    counted = Gt(ALL.formula.lhs, 1 - n * alpha / d)
    variant = ALL.varied(NearMiss("active gates alone", counted, over={n: integers(0, d)}))
    assert on_the_model(ALL, variant) is Outcome.REFUTED


def test_half_the_second_root_is_refuted():
    at_half = ALL_RIGHT(d, THRESHOLD, s * (SILENT_ROOT + ACTIVE_ROOT / 2), s)
    assert on_the_model(ALL, ALL.stating(Gt(at_half, ALL.formula.rhs))) is Outcome.REFUTED


@pytest.mark.parametrize("threshold", [mu / 2, mu, LOWER_BOUND])
def test_another_threshold_is_not_the_best_one(threshold):
    assert on_the_model(MINIMISER, MINIMISER.stating(Eq(MINIMISER.formula.lhs, threshold))) is Outcome.REFUTED


def test_a_turned_gate_turns_the_count_red(monkeypatch):
    monkeypatch.setattr(p8_gate_ratio, "active", turned)
    assert outcome(named("nodes of a random layer")) is Outcome.REFUTED
