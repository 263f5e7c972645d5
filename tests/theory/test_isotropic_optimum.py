"""The isotropic optimum (C1, C3): its theorems refuse what is not isotropic."""

import pytest
from sympy import Identity, Integer, Symbol, Trace

from tests.theory.granted import granted
from theory.contrastive import isotropic
from theory.contrastive.isotropic import CENTRE, PAIRS, G, H, average_of_images, bent, gap, inner, pull, radius, turned
from theory.contrastive.pairs import x, y
from theory.derivation import StepError, begin
from theory.model import d, eps
from theory.theorems.indicators import Mean
from theory.theorems.logistic import softplus
from theory.theorems.matrices import isotropic_form, norm_above_projection, traceless_form
from theory.theorems.tangents import Excess, Weight, above_tangent, positive_excess

c = Symbol("c", nonnegative=True)
n = Symbol("n", nonnegative=True)


def test_the_gap_holds_with_and_without_attack():
    for size in (Integer(0), eps):
        chain, lemmas = gap(size)
        assert (chain.relation, chain.end, chain.is_complete) == (">", 0, True)
        assert all(lemma.is_complete for lemma in lemmas)


def test_a_matrix_with_a_trace_does_not_average_out():
    mean = Mean(bent * Weight(c * inner))
    assert traceless_form(mean, PAIRS, {c}, average_of_images()).right == 0
    with pytest.raises(StepError, match="has a trace"):
        traceless_form(mean, {**PAIRS, bent: x.T * G * y}, {c}, average_of_images())
    tilted = G - Trace(G) * Identity(d)
    with pytest.raises(StepError, match="has a trace"):
        traceless_form(mean, {**PAIRS, bent: x.T * tilted * y}, {c}, average_of_images())


def test_a_weight_that_knows_a_direction_does_not_average_out():
    lopsided = Symbol("l", real=True)
    quantities = {**PAIRS, lopsided: x.T * G * y}
    with pytest.raises(StepError):
        traceless_form(Mean(bent * Weight(lopsided)), quantities, {c}, average_of_images())
    with pytest.raises(StepError):
        traceless_form(Mean(bent**2 * Weight(c * inner)), PAIRS, {c}, average_of_images())


def test_another_average_is_refused():
    right = average_of_images()
    wrong = right.by(granted(right.end, "=", 2 * right.end))
    with pytest.raises(StepError, match="another average"):
        traceless_form(Mean(bent * Weight(c * inner)), PAIRS, {c}, wrong)


def test_a_projection_is_the_one_that_is_named():
    forms = {**PAIRS, c: CENTRE}
    e = PAIRS[turned].args[0].T
    norm = Symbol("x'", nonnegative=True)
    assert norm_above_projection(pull, c * norm + turned, (e, G * y), forms).relation == ">="
    with pytest.raises(StepError, match="not the inner product"):
        norm_above_projection(pull, 2 * c * norm + turned, (e, G * y), forms)


def test_the_form_of_one_view_with_itself_has_another_second_moment():
    with pytest.raises(StepError, match="not two different views"):
        isotropic_form(Mean(bent**2), bent, {bent: x.T * H * x}, radius)


def test_an_excess_is_positive_only_where_the_step_is_not_always_zero():
    t, k = Symbol("t", real=True), Symbol("k", real=True)
    assert above_tangent(t, k).relation == ">="
    with pytest.raises(StepError, match="not real"):
        above_tangent(t, Symbol("z"))
    never = begin(Symbol("m"), Mean(k**2), "a step").by(granted(Mean(k**2), ">=", Integer(0)))
    with pytest.raises(StepError, match="not always zero"):
        positive_excess(Mean(Excess(t, k)), never)
    about_another = begin(Symbol("m"), Mean(t**2), "a step").by(granted(Mean(t**2), "=", radius))
    with pytest.raises(StepError, match="something else"):
        positive_excess(Mean(Excess(t, k)), about_another)


def test_a_loss_without_attraction_breaks_the_derivation(monkeypatch):
    monkeypatch.setattr(isotropic, "softplus", lambda t: t**2 + softplus(-t))
    with pytest.raises(StepError):
        gap(Integer(0))
