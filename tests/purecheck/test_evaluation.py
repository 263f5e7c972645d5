"""Formulas on instances: exact numbers are compared exactly, balls to within the resolution, and floats not at all."""

from fractions import Fraction

import numpy as np
import pytest
from flint import arb
from sympy import (
    Eq,
    Function,
    Ge,
    Gt,
    Identity,
    IndexedBase,
    Integer,
    Integral,
    Le,
    Lt,
    MatrixSymbol,
    Product,
    Rational,
    Sum,
    Symbol,
    cos,
    exp,
    pi,
    sqrt,
)

from purecheck.enclosures.problems import NotEnclosedError
from purecheck.evaluators.registry import EVALUATORS, Chance, Scene, evaluates
from purecheck.methods.evaluation import holds
from theory.quantities import QUANTITIES, quantity
from theory.theorems.indicators import Mean

x, t = Symbol("x"), Symbol("t", real=True)
d, i = Symbol("d", integer=True, positive=True), Symbol("i", integer=True)
a = IndexedBase("a")
A = MatrixSymbol("A", d, d)
HUNDREDTH = Rational(1, 100)


def at(**values):
    names = {"x": x, "d": d, "a": a, "A": A}
    return Scene("here", {names[name]: value for name, value in values.items()})


def on(formula, scene):
    return holds(formula, scene, HUNDREDTH)


def test_fractions_are_compared_exactly():
    third = at(x=Fraction(1, 3))
    assert on(Eq(3 * x, 1), third) is True
    assert on(Eq(3 * x, 1 + Rational(1, 10**30)), third) is False
    assert on(Lt(3 * x, 1), third) is False
    assert on(Le(3 * x, 1), third) is True


def test_a_conjunction_fails_where_one_of_its_parts_does():
    assert on(Eq(x, 1) & Gt(x, 0), at(x=1)) is True
    assert on(Eq(x, 1) & Gt(x, 1), at(x=1)) is False


def test_irrational_sides_are_enclosed():
    assert on(Eq(sqrt(x) ** 4, x**2 + x * 0), at(x=2)) is True
    assert on(Eq(sqrt(x), Rational(14142, 10000)), at(x=2)) is False
    assert on(Eq(Integral(cos(t) + x, (t, 0, 2 * pi)), 4 * pi), at(x=2)) is True


def test_a_side_that_is_not_real_equals_no_quantity_and_is_compared_with_none():
    assert on(Eq(x, sqrt(x - 3)), at(x=2)) is False
    with pytest.raises(NotEnclosedError, match="not real"):
        on(Lt(x, sqrt(x - 3)), at(x=2))


def test_a_ball_decides_an_equation_only_if_it_is_sharp():
    sharp, blunt = arb(1, 1e-12), arb(1, 0.5)
    assert on(Eq(x, 1), at(x=sharp)) is True
    assert on(Eq(x, 1 + HUNDREDTH), at(x=sharp)) is False
    assert on(Eq(x, 1), at(x=blunt)) is None
    assert on(Eq(x, 3), at(x=blunt)) is False


def test_a_tie_to_within_a_ball_leaves_a_strict_inequality_open():
    ball = at(x=arb(1, 1e-12))
    assert on(Le(x, 1), ball) is True
    assert on(Lt(x, 1), ball) is None
    assert on(Ge(x, 1 + HUNDREDTH), ball) is False


def test_floats_are_refused():
    with pytest.raises(TypeError, match="no bound on its error"):
        on(Eq(x, 1), at(x=1.0))


def test_sums_and_products_run_over_the_entries_of_arrays():
    scene = at(a=[Fraction(1), Fraction(2), Fraction(3)], d=3)
    assert on(Eq(Sum(a[i] ** 2, (i, 1, d)), 14), scene) is True
    assert on(Eq(Product(a[i], (i, 1, d)), 6), scene) is True
    assert on(Eq(Sum(a[i], (i, 2, 1)), 0), scene) is True


def test_matrices_are_compared_entry_by_entry():
    scene = at(A=np.array([[1, 2], [0, 1]], dtype=object), d=2)
    assert on(Eq(A * A, 2 * A - Identity(d)), scene) is True
    assert on(Eq(A * A, A), scene) is False


def test_expectations_run_over_the_outcomes_of_the_scene():
    coin = Scene("coin", {}, outcomes=(Chance(Fraction(1, 4), {x: 1}), Chance(Fraction(3, 4), {x: 3})))
    assert on(Eq(Mean(x), Rational(5, 2)), coin) is True
    assert on(Eq(Mean(x**2) - Mean(x) ** 2, Rational(3, 4)), coin) is True
    assert on(Gt(Mean(exp(x)), exp(Rational(5, 2))), coin) is True


def test_a_name_without_a_value_is_no_pass():
    with pytest.raises(NotEnclosedError, match="x has no value at here"):
        on(Eq(x, d), at(d=1))


def test_quantities_are_computed_by_their_evaluators():
    name, head = Symbol("only for this test"), Function("onlyforthistest")
    try:
        quantity(name, "Twice the model.")
        quantity(head, "The model to a power.")
        evaluates(name)(lambda model: 2 * model)
        evaluates(head)(lambda model, power: model**power)
        scene = Scene("here", {x: Integer(3)}, Fraction(5))
        assert on(Eq(name, 10), scene) is True
        assert on(Eq(head(x), 125), scene) is True
        with pytest.raises(ValueError, match="has an evaluator already"):
            evaluates(name)(lambda model: model)
    finally:
        for one in (name, head):
            QUANTITIES.pop(one, None)
            EVALUATORS.pop(one, None)


def test_evaluators_get_fractions_exactly_and_other_numbers_as_balls():
    head = Function("onlyforthistest")
    seen = []
    try:
        quantity(head, "The argument.")
        evaluates(head)(lambda _model, value: seen.append(value) or value)
        assert on(Eq(head(x / 3), Rational(1, 3)), at(x=1)) is True
        assert on(Eq(head(sqrt(x)) ** 2, 2), at(x=2)) is True
        assert on(Eq(head(x / 2), Rational(1, 2)), at(x=arb(1, 1e-12))) is True
    finally:
        QUANTITIES.pop(head, None)
        EVALUATORS.pop(head, None)
    assert [type(value) for value in seen] == [Fraction, arb, arb]


def test_a_generic_entry_stands_for_the_whole_vector():
    head = Function("ofentriesforthistest")
    try:
        quantity(head, "The largest entry.")
        evaluates(head)(lambda _, entries: max(entries))
        scene = at(d=3, a=[Fraction(2), Fraction(-1), Fraction(5, 2)], x=2)
        assert on(Eq(head(x * a[i]), 5), scene) is True
    finally:
        QUANTITIES.pop(head, None)
        EVALUATORS.pop(head, None)


def test_an_evaluator_needs_a_registered_quantity():
    with pytest.raises(ValueError, match="no registered quantity"):
        evaluates(Symbol("nobody knows this"))(lambda model: model)
