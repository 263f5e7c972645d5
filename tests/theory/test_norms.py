"""The triangle inequality and its reverse form, and functions that keep the order."""

import pytest
from sympy import Abs, IndexedBase, MatrixSymbol, Rational, Sum, Symbol, exp

from tests.theory.granted import granted
from theory.derivation import StepError
from theory.theorems.calculus import keeps_order
from theory.theorems.norms import Norm, homogeneous, reverse_triangle, triangle_inequality

x, t = Symbol("x", real=True), Symbol("t", real=True)
u = Symbol("u", nonnegative=True)
k, n = Symbol("k", integer=True), Symbol("n", integer=True, positive=True)
one, two = MatrixSymbol("A", 2, 1), MatrixSymbol("B", 2, 1)


def test_the_triangle_inequality_is_one_for_numbers_vectors_and_sums():
    v = IndexedBase("v", real=True)
    assert triangle_inequality((x, t, u)).right == Abs(x) + Abs(t) + u
    assert triangle_inequality((one, two), Norm).left == Norm(one + two)
    assert triangle_inequality(Sum(v[k], (k, 1, n))).right == Sum(Abs(v[k]), (k, 1, n))


def test_the_reverse_form_keeps_one_part():
    link = reverse_triangle(x, u)
    assert (link.left, link.relation, link.right) == (Abs(x + u), ">=", Abs(x) - u)
    assert link.kind == "theorem"
    with pytest.raises(StepError, match="not a modulus or a norm"):
        reverse_triangle(x, t, exp)


def test_a_factor_leaves_a_norm_if_it_is_not_negative():
    assert homogeneous(Rational(1, 2), one, Norm).right == Norm(one) / 2
    with pytest.raises(StepError, match="may be negative"):
        homogeneous(x, one, Norm)


def test_an_increasing_function_keeps_the_order_in_both_directions():
    assert keeps_order(exp(x), x, granted(t, "<", u)).relation == "<="
    assert keeps_order(exp(x), x, granted(t, ">=", u)).left == exp(t)
    with pytest.raises(StepError, match="may be negative"):
        keeps_order(u**2, u, granted(t, "<=", u))
    with pytest.raises(StepError, match="may decrease"):
        keeps_order(x**2, x, granted(t, "<=", u))
