"""Means of traces and of moduli along directions refuse other expressions (C5, C1q)."""

import pytest
from sympy import Integer, MatrixSymbol, Symbol, Trace

from theory.derivation import StepError, begin
from theory.model import d, p
from theory.theorems.indicators import Mean
from theory.theorems.isometry import mean_count
from theory.theorems.moments import in_every_direction

S = MatrixSymbol("S", d, d)


def test_a_mean_number_stands_for_the_number_only_where_it_enters_affinely():
    assert mean_count(3 * Trace(S) + 1, S, d, p).right == 3 * d * p + 1
    for expr in (Trace(S) ** 2, 1 / Trace(S), Integer(1) + d):
        with pytest.raises(StepError, match="not affine"):
            mean_count(expr, S, d, p)


def test_the_bound_along_a_direction_is_about_a_modulus():
    a = Symbol("a", nonnegative=True)
    chain = begin(Symbol("n"), a + p, "a number").at_least(p, "leave out a")
    with pytest.raises(StepError, match="not the modulus"):
        in_every_direction(Mean(Integer(0)), chain)
