"""The checks of P3 and P3c are upheld, reject their controls, and turn red when the network is broken on purpose."""

import pytest

import numerics.activations
from numerics import lookup
from purecheck.checks import p3_purification_bound, p3c_lookup
from purecheck.evidence import Outcome
from purecheck.models import exact_fits
from tests.purecheck.small_ledger import context

CHECKS = (*p3_purification_bound.CHECKS, *p3c_lookup.CHECKS)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.name)
def test_each_check_is_upheld_and_rejects_its_control(check):
    evidence = check.run(context())
    assert (evidence.outcome, evidence.control.rejected) == (Outcome.UPHELD, True), evidence


def named(name):
    return next(check for check in CHECKS if check.name == name)


def test_a_turned_gate_comparison_turns_pure_layers_red(monkeypatch):
    monkeypatch.setattr(numerics.activations, "fires", lambda v, b: abs(v) <= b)
    check = named("pure layers off the support")
    assert check.examine(check.statement, context()).outcome is Outcome.REFUTED


def test_a_wrong_head_turns_the_converse_red(monkeypatch):
    right = exact_fits._network
    monkeypatch.setattr(exact_fits, "_network", lambda nodes, heads, b: right(nodes, [*heads[:-1], -2], b))
    check = named("gates of the network that refutes the converse")
    assert check.examine(check.statement, context()).outcome is Outcome.REFUTED


def test_a_shift_that_is_not_generic_turns_look_ups_red(monkeypatch):
    monkeypatch.setattr(lookup, "_BASE", 1)
    p3c_lookup._lookup.cache_clear()
    try:
        check = named("look-up networks on every input")
        assert check.examine(check.statement, context()).outcome is Outcome.REFUTED
        gaps = named("distances of responses")
        assert gaps.examine(gaps.statement, context()).outcome is Outcome.REFUTED
    finally:
        p3c_lookup._lookup.cache_clear()
