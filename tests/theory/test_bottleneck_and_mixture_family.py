"""Derivations of C1q and C5: their steps, and what breaks them."""

import pytest
from sympy import IndexedBase, MatrixSymbol, Sum, Symbol, Trace, sqrt

from theory.contrastive import bottleneck, c5_mixture_family
from theory.contrastive.c1q_bottleneck import axes_cost, pairs_cost
from theory.contrastive.c5_mixture_family import C5
from theory.derivation import StepError, begin
from theory.laws import isotropic, products
from theory.model import d
from theory.theorems.indicators import Mean
from theory.theorems.isometry import by_rules, isotropic_mean
from theory.theorems.khinchine import kept
from theory.theorems.moments import Measure, moment_of_sum

_A, _B = MatrixSymbol("A", d, d), MatrixSymbol("B", d, d)
_x = MatrixSymbol("x", d, 1)


def test_another_threshold_breaks_the_derivation(monkeypatch):
    monkeypatch.setattr(bottleneck, "THRESHOLD", 3 - sqrt(5))
    with pytest.raises(StepError):
        bottleneck.constant_amplitude.__wrapped__()


def test_encoders_that_are_no_isometry_break_the_derivation(monkeypatch):
    monkeypatch.setattr(c5_mixture_family, "_ISOMETRY", {(_A, _B): ()})
    clause = C5.clause("scores")
    with pytest.raises(StepError):
        clause.proof()


def declared(rules):
    """The rules, declared to hold."""
    products(rules)
    return rules


def test_a_rule_that_is_not_declared_is_refused():
    with pytest.raises(StepError, match="not declared"):
        by_rules(_A * _A, {(_A, _A): ()}, "an involution", ())


def test_a_rule_that_does_not_shorten_is_refused():
    with pytest.raises(StepError, match="shorten"):
        by_rules(_A * _B, declared({(_A, _B): (_B, _A)}), "exchange", ())


def test_a_product_without_a_rule_is_refused():
    with pytest.raises(StepError, match="none applies"):
        by_rules(_A * _A, declared({(_A, _B): ()}), "inverse", ())


def test_a_form_that_is_not_quadratic_is_refused():
    form = begin(MatrixSymbol("f", 1, 1), _x.T * _A * _A * _x + _x.T * _x * _x.T * _x, "no quadratic form")
    isotropic(_x, Symbol("c"))
    with pytest.raises(StepError, match="quadratic"):
        isotropic_mean(Mean(Trace(form.start)), form, _x, Symbol("c"))


def test_a_wrong_moment_of_a_sum_is_refused():
    q, energy, weight = (Symbol(name, positive=True) for name in ("q", "sigma", "w"))
    i, w = Symbol("i", integer=True), IndexedBase("w", positive=True)
    total = Sum(kept(q)[i] * w[i], (i, 1, d))
    measures = (Measure(energy, weight),)
    assert moment_of_sum(Mean(total), (1 + 0 * q, q * energy), weight, measures).right == q * Sum(w[i], (i, 1, d))
    with pytest.raises(StepError, match="moment of order 2"):
        moment_of_sum(Mean(total**2), (1 + 0 * q, q * energy, q**2 * energy**2), weight, measures)
    with pytest.raises(StepError, match="independent indicators"):
        moment_of_sum(Mean(Symbol("Y")), (1 + 0 * q, q * energy), weight, measures)


@pytest.mark.parametrize(("outputs", "below", "above"), [(1, 0.585, 0.587), (2, 0.559, 0.56), (8, 0.425, 0.426)])
def test_pairs_undercut_axes_from_the_quoted_activity_on(outputs, below, above):
    p = Symbol("p")
    gap = pairs_cost(outputs, p) - axes_cost(outputs, p)
    assert float(gap.subs(p, below)) > 0 > float(gap.subs(p, above))
