"""Checks of P6 and P7: upheld with a control that is rejected, and red when the network or a constant is broken."""

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import sympy

import numerics.activations
import numerics.network
import purecheck.checks.p6_adversarial_risk as p6
import purecheck.checks.p7_forces as p7
from numerics.backend import Array, select_backend
from numerics.streams import Streams
from purecheck.enclosures.krawczyk import critical_point
from purecheck.enclosures.problems import NotEnclosedError
from purecheck.models.square_mixtures import SquareMixture
from purecheck.runtime.context import PROFILES, Context
from purecheck.verdicts.check import Check
from purecheck.verdicts.evidence import Outcome

ALL = (*p6.CHECKS, *p7.CHECKS)


@pytest.fixture
def context() -> Context:
    return Context(select_backend("numpy"), Streams(0), PROFILES["quick"])


def named(name: str) -> Check[Any]:
    return next(check for check in ALL if check.name == name)


@pytest.mark.parametrize("check", ALL, ids=lambda check: check.name)
def test_check_upholds_its_claim_and_rejects_its_control(check: Check[Any], context: Context) -> None:
    evidence = check.run(context)
    assert (evidence.outcome, evidence.control.rejected) == (Outcome.UPHELD, True), evidence.counterexample


@pytest.mark.parametrize("name", ["attacked networks on every input", "mean gain over every input"])
def test_turned_gate_comparison_is_refuted(name: str, context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    def turned(v: Array, b: Array) -> Array:
        return np.abs(v) < b

    monkeypatch.setattr(numerics.activations, "fires", turned)
    check = named(name)
    assert check.examine(check.statement, context).outcome is Outcome.REFUTED


def test_wrong_sign_of_the_gradient_is_refuted(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    right = p7.squared_loss_gradients

    def wrong(*arguments: Any) -> numerics.network.LossGradients:
        gradients = right(*arguments)
        return numerics.network.LossGradients(gradients.loss, -gradients.W, gradients.a)

    monkeypatch.setattr(p7, "squared_loss_gradients", wrong)
    check = named("gradient at the attacked point")
    assert check.examine(check.statement, context).outcome is Outcome.REFUTED


def test_certificate_balances_every_node_exactly() -> None:
    mixture = SquareMixture((Fraction(2), Fraction(-1, 3)), 2, Fraction(1, 4))
    assert not np.any(mixture.pull - mixture.gate_equations @ mixture.certificate())


def test_critical_point_of_a_quartic_is_enclosed() -> None:
    x, y = sympy.symbols("x y", real=True)
    found = critical_point((x**2 - 2) ** 2 + (y - 1) ** 2, (x, y), (1.4, 0.9))
    assert (found[0] ** 2).contains(2)
    assert found[1].contains(1)


def test_flat_minimum_is_not_enclosed() -> None:
    x = sympy.Symbol("x", real=True)
    with pytest.raises((NotEnclosedError, ZeroDivisionError)):
        critical_point(x**4, (x,), (0.1,))
