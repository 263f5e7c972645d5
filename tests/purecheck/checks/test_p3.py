"""The checks of P3 and P3c are upheld, reject their controls, and turn red when the network is broken on purpose."""

import pytest
from sympy import Eq, Sum, Symbol

import numerics.activations
from numerics import lookup
from purecheck.checks import p3_purification_bound, p3c_lookup
from purecheck.models import exact_fits
from purecheck.verdicts.evidence import Outcome
from tests.purecheck.small_ledger import context
from theory.assumptions import density_amplitudes
from theory.claims import NearMiss
from theory.model import d, p
from theory.purification.p3_purification_bound import ACTIVE_PART, JACOBIAN, MEAN, POINTWISE, theta
from theory.purification.p3c_lookup import ATTAINED
from theory.quantities.firing import ENERGY

k = Symbol("k", integer=True)
CHECKS = (*p3_purification_bound.CHECKS, *p3c_lookup.CHECKS)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.name)
def test_each_check_is_upheld_and_rejects_its_control(check):
    evidence = check.run(context())
    assert (evidence.outcome, evidence.control.rejected) == (Outcome.UPHELD, True), evidence


def named(name):
    return next(check for check in CHECKS if check.name == name)


@pytest.mark.parametrize("clause", [ACTIVE_PART, POINTWISE, MEAN], ids=lambda clause: clause.name)
def test_without_a_density_the_look_up_network_breaks_the_bound(clause):
    check = named(f"model: {clause.name}")
    finding = check.examine(clause.varied(NearMiss("without it", without=density_amplitudes)), context())
    assert finding.outcome is Outcome.REFUTED
    assert "look-up nodes" in finding.counterexample


def test_without_a_density_four_nodes_break_the_bound_of_several_outputs():
    check = named(f"model: {JACOBIAN.name}")
    finding = check.examine(JACOBIAN.varied(NearMiss("without it", without=density_amplitudes)), context())
    assert finding.outcome is Outcome.REFUTED


def test_a_turned_gate_comparison_turns_pure_layers_red(monkeypatch):
    monkeypatch.setattr(numerics.activations, "fires", lambda v, b: abs(v) <= b)
    check = named("model: pure nodes")
    assert check.examine(check.statement, context()).outcome is Outcome.REFUTED


def test_a_wrong_head_makes_no_fit(monkeypatch):
    right = exact_fits._network
    monkeypatch.setattr(exact_fits, "_network", lambda nodes, heads, b: right(nodes, [*heads[:-1], -2], b))
    check = named("model: mean bound")
    with pytest.raises(ArithmeticError):
        check.examine(check.statement, context())


def test_a_shift_that_is_not_generic_turns_look_ups_red(monkeypatch):
    monkeypatch.setattr(lookup, "_BASE", 1)
    p3c_lookup._lookup.cache_clear()
    try:
        for name in ("model: attained", "model: separation"):
            check = named(name)
            assert check.examine(check.statement, context()).outcome is Outcome.REFUTED
    finally:
        p3c_lookup._lookup.cache_clear()


def test_density_amplitudes_bound_is_no_bound_for_constant_ones():
    check = named("model: attained")
    planted = ATTAINED.stating(Eq(ENERGY, p * Sum(theta[k] ** 2, (k, 1, d))))
    assert check.examine(planted, context()).outcome is Outcome.REFUTED
