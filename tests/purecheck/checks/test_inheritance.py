"""The checks of D1 to D5 are upheld, reject their controls, and turn red when the network is broken on purpose."""

from fractions import Fraction

import numpy as np
import pytest

import numerics.activations
from numerics.exact import fractions
from purecheck.checks import (
    d1_pure_layers,
    d2_mixture_layers,
    d3_inheritance_curve,
    d4_heads_alone,
    d5_robust_accuracy,
)
from purecheck.evaluators import heads
from purecheck.evaluators.firing import energy
from purecheck.models.exact_heads import FrozenLayer, exact_value
from purecheck.verdicts.evidence import Outcome
from tests.purecheck.small_ledger import context
from theory.model import p

MODULES = (d1_pure_layers, d2_mixture_layers, d3_inheritance_curve, d4_heads_alone, d5_robust_accuracy)
CHECKS = [check for module in MODULES for check in module.CHECKS]


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: f"{check.claim} {check.name}")
def test_each_check_is_upheld_and_rejects_its_control(check):
    evidence = check.run(context())
    assert (evidence.outcome, evidence.control.rejected) == (Outcome.UPHELD, True), evidence


def outcome(name):
    check = next(check for check in CHECKS if check.name == name)
    return check.examine(check.statement, context()).outcome


@pytest.mark.parametrize("name", ["model: effective map", "model: beyond the region"])
def test_gates_that_never_close_turn_d1_red(monkeypatch, name):
    monkeypatch.setattr(numerics.activations, "fires", lambda v, _b: np.abs(v) >= 0)
    check = next(check for check in CHECKS if (check.claim, check.name) == ("D1", name))
    assert check.examine(check.statement, context()).outcome is Outcome.REFUTED


@pytest.mark.parametrize(("claim", "name"), [("D2", "model: head"), ("D3", "model: head"), ("D4", "model: moments")])
def test_gates_that_miss_single_features_turn_mixture_layers_red(monkeypatch, claim, name):
    monkeypatch.setattr(numerics.activations, "fires", lambda v, b: np.abs(v) >= b * Fraction(11, 5))
    check = next(check for check in CHECKS if (check.claim, check.name) == (claim, name))
    assert check.examine(check.statement, context()).outcome is Outcome.REFUTED


def test_a_forgotten_square_turns_the_surrogate_red(monkeypatch):
    monkeypatch.setattr(heads, "surrogate", lambda layer: heads.mean_squared_error(layer) + layer.eps * energy(layer))
    assert outcome("model: surrogate's head") is Outcome.REFUTED


def test_a_gain_without_its_root_turns_robust_accuracy_red(monkeypatch):
    right = d5_robust_accuracy.effective_map
    monkeypatch.setattr(d5_robust_accuracy, "effective_map", lambda net, X: 2 * right(net, X))
    assert outcome("every input in integers") is Outcome.REFUTED


def test_exact_heads_leave_no_residual_and_are_the_shortest():
    W = fractions([[1, 1, 0], [0, 0, 2]])
    layer = FrozenLayer(W, fractions([Fraction(1, 2)] * 3), Fraction(1, 3), Fraction(1))
    found = layer.minimisers(fractions([1, 3]))
    assert found.shortest.tolist() == [Fraction(1, 2), Fraction(1, 2), Fraction(3, 2)]
    assert len(found.freedom) == 1
    assert found.freedom[0] @ found.shortest == 0


def test_an_irrational_value_is_no_exact_value():
    with pytest.raises(ValueError, match="expected a rational number"):
        exact_value(p ** Fraction(1, 2), {p: Fraction(1, 2)})
