"""Checks of G1-G4 and P8: upheld with rejected controls, and red when a gate of the numerics is broken."""

import pytest
from array_api_compat import array_namespace

from purecheck.checks import (
    _pure_nodes,
    g1_errors,
    g2_optimal_threshold,
    g3_separability,
    g4_attack_immunity,
    p8_gate_ratio,
)
from purecheck.evidence import Outcome
from tests.purecheck.small_ledger import context

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


def test_a_gate_on_one_side_turns_the_attacks_red(monkeypatch):
    monkeypatch.setattr(g4_attack_immunity, "active", one_sided)
    assert outcome(named("attacks on gates")) is Outcome.REFUTED


def test_a_wrong_steepest_direction_turns_the_attacks_red(monkeypatch):
    right = g4_attack_immunity.steepest
    monkeypatch.setattr(g4_attack_immunity, "steepest", lambda g, _kind: right(g, "l1"))
    assert outcome(named("attacks on gates")) is Outcome.REFUTED


def test_a_turned_gate_turns_the_count_red(monkeypatch):
    monkeypatch.setattr(p8_gate_ratio, "active", turned)
    assert outcome(named("nodes of a random layer")) is Outcome.REFUTED
