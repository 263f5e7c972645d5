"""Theorems about expectations refuse instances that lack one of their hypotheses."""

import pytest
from sympy import Integer, Symbol, exp, log, sin

from theory.contrastive.c4_dissimilar_pairs import _PAIR
from theory.contrastive.pairs import DISSIMILAR, EXCHANGE, FLIP, inner, norm, other_norm, x, y
from theory.derivation import Step, StepError, begin
from theory.laws import invariant
from theory.model import ZERO_TO_ONE, eps
from theory.theorems.expectation import (
    COSINE,
    linearity,
    longer_first,
    named_moment,
    ordered_means,
    positive_mean,
    positive_product,
    symmetrised,
    under_the_mean,
)
from theory.theorems.indicators import Mean
from theory.theorems.logistic import by_exponentials, sigmoid, softplus

a, b = Symbol("a", nonnegative=True), Symbol("b", nonnegative=True)
NAME = Symbol("E", positive=True)


def cited(start, end, relation=">="):
    """A chain that rests on nothing but a citation."""
    return begin(Symbol("n"), start, "a name").by(Step(start, relation, end, "somebody says so", "cited"))


def test_a_product_of_expectations_is_not_the_expectation_of_the_product():
    with pytest.raises(StepError, match="not affine"):
        linearity(Mean(a) * Mean(b), Mean(a * b))
    with pytest.raises(StepError, match="not affine"):
        linearity(Mean(a) ** 2, Mean(a**2))
    assert linearity(2 * Mean(a) + Mean(b), Mean(2 * a + b)).right == Mean(2 * a + b)


def test_a_law_is_not_symmetric_under_merging_its_vectors():
    squares = {**DISSIMILAR, Symbol("N"): y.T * y}
    with pytest.raises(StepError, match="not a permutation"):
        symmetrised(Mean(inner), {inner: Symbol("N")}, invariant({x: y}), squares)
    with pytest.raises(StepError, match="not declared"):
        symmetrised(Mean(inner), {}, {x: 2 * x}, DISSIMILAR)
    with pytest.raises(StepError, match="does not become"):
        symmetrised(Mean(inner), {}, FLIP, DISSIMILAR)
    assert symmetrised(Mean(norm), {norm: other_norm, other_norm: norm}, EXCHANGE, DISSIMILAR).right.has(other_norm)


@pytest.mark.parametrize(
    ("number", "message"),
    [
        (inner, "may be negative"),
        (Integer(0), "may vanish"),
        (eps * other_norm, "may vanish"),
        ((norm - other_norm) ** 2, "may vanish"),
        (norm**3, "degree 2"),
        (exp(inner), "degree 2"),
    ],
)
def test_a_moment_without_a_sign_or_a_bound_gets_no_name(number, message):
    with pytest.raises(StepError, match=message):
        named_moment(Mean(number), NAME)


def test_a_derivative_is_dominated_by_moments_only():
    f = Mean(sin(eps * norm**3))
    with pytest.raises(StepError, match="degree 2"):
        under_the_mean(f, eps, norm**3)


def test_a_citation_stays_one_under_the_expectation():
    assert ordered_means(cited(a, Integer(0))).kind == "cited"
    weight = sigmoid(inner)
    with pytest.raises(StepError, match="does not show"):
        positive_product(Mean(weight * a), weight, a, cited(Mean(a), NAME, "="))


def gap():
    """An integrand that both signs and both orders of the views leave as it is."""

    def loss(inner, norm, other):
        return softplus(inner + other) - softplus(inner) - softplus(norm - norm**2) + softplus(-(norm**2))

    return sum(loss(s * inner, *ends) for s in (1, -1) for ends in ((norm, other_norm), (other_norm, norm))) / 4


def test_positivity_at_one_point_is_not_positivity_on_average():
    f = gap()
    at = {inner: Integer(0), norm: Integer(1), other_norm: Integer(1)}
    chain = cited(f.xreplace(at), Integer(0), ">")
    with pytest.raises(StepError, match="something else"):
        positive_mean(Mean(f), _PAIR, chain)


def test_positivity_needs_the_whole_range_of_the_cosine():
    f = norm * other_norm - inner**2 / (norm * other_norm)
    chain = cited(f.xreplace(dict(longer_first(_PAIR))), Integer(0), ">")
    with pytest.raises(StepError, match="another range"):
        positive_mean(Mean(f), _PAIR, chain)


def test_a_cited_chain_gives_a_cited_positive_expectation():
    f = norm * other_norm
    chain = cited(f.xreplace(dict(longer_first(_PAIR))), Integer(0), ">").narrowed({COSINE: ZERO_TO_ONE})
    assert positive_mean(Mean(f), _PAIR, chain).kind == "cited"


def test_a_negative_power_does_not_turn_an_inequality_round():
    t = Symbol("t", nonnegative=True)
    gap = 1 - exp(-t)
    with pytest.raises(StepError, match="power is not positive"):
        by_exponentials(t, "<=", Integer(0), gap, {}, power=-1)
    assert by_exponentials(log(2), "<=", softplus(t), a, {a: t}).relation == "<="
