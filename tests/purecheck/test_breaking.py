"""Breaking a claim on purpose turns `purecheck check` red, with the claim's id, a counterexample and status 1."""

import sys
from dataclasses import replace
from types import ModuleType
from typing import Any

import pytest
from array_api_compat import array_namespace
from sympy import Eq

import numerics.activations
import numerics.network
from purecheck.checks import CHECKS
from purecheck.cli import main
from purecheck.runs.ledger import bind
from theory.claims import Claim, Clause
from theory.ledger import CLAIMS

BY_ID = {claim.id: claim for claim in CLAIMS}


def with_clause(claim: Claim, name: str, **changes: Any) -> Claim:
    """The claim with one clause changed, resting on nothing."""
    clauses = tuple(replace(clause, **changes) if clause.name == name else clause for clause in claim.clauses)
    return replace(claim, clauses=clauses, depends_on=())


def red(claim: Claim, capsys: pytest.CaptureFixture[str], *names: str) -> str:
    """What `purecheck check` prints for that claim, with its derivations and the checks named; status 1."""
    ledger = bind([claim], [check for check in CHECKS if check.claim == claim.id and check.name in names])
    assert main(["check", claim.id], obj=ledger) == 1
    return capsys.readouterr().out


def formula_of(identifier: str, name: str) -> Clause:
    return BY_ID[identifier].clause(name)


@pytest.mark.parametrize(
    ("identifier", "name"), [("G1", "false fire"), ("G1", "miss"), ("P5", "series")], ids=lambda part: part
)
def test_a_wrong_constant_in_a_statement(identifier, name, capsys):
    clause = formula_of(identifier, name)
    assert isinstance(clause.formula, Eq)
    wrong = Eq(clause.formula.lhs, clause.formula.rhs * 11 / 10, evaluate=False)
    printed = red(with_clause(BY_ID[identifier], name, formula=wrong), capsys, f"model: {name}")
    assert f"{identifier}  " in printed
    assert "refuted" in printed
    assert "is false at" in printed


def test_a_sign_in_the_input_gradient(monkeypatch, capsys):
    right = numerics.network.input_gradient
    for module in _users_of(numerics.network, "input_gradient"):
        monkeypatch.setattr(module, "input_gradient", lambda net, Z: -right(net, Z))
    printed = red(replace(BY_ID["P1"], depends_on=()), capsys, "model: gradient")
    assert "refuted" in printed
    assert "contradiction" in printed


@pytest.mark.parametrize(
    ("identifier", "check"),
    [("G1", "simulated gate without its feature"), ("P4", "model: fit")],
)
def test_a_gate_comparison_turned_round(identifier, check, monkeypatch, capsys):
    def turned(v, b):
        return array_namespace(v).abs(v) < b

    for module in _users_of(numerics.activations, "fires"):
        monkeypatch.setattr(module, "fires", turned)
    printed = red(replace(BY_ID[identifier], depends_on=()), capsys, check)
    assert "refuted" in printed


def _users_of(home: ModuleType, name: str) -> list[ModuleType]:
    """Every loaded module of the project that has that function of `home`."""
    function = getattr(home, name)
    return [
        module
        for title, module in list(sys.modules.items())
        if title.split(".")[0] in ("numerics", "purecheck") and getattr(module, name, None) is function
    ]
