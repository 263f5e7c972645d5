"""Means of traces and of moduli along directions refuse other expressions (C5, C1q)."""

import pytest
from sympy import Integer, MatrixSymbol, Symbol, Trace

from theory.derivation import StepError, begin
from theory.laws import indicator
from theory.model import d, p
from theory.theorems.indicators import Mean
from theory.theorems.isometry import mean_count
from theory.theorems.moments import in_every_direction

S = indicator(MatrixSymbol("test S", d, d), p)
OTHER = MatrixSymbol("test O", d, d)


def test_the_mean_of_a_number_of_indicators_is_not_that_number():
    assert mean_count(Mean(Trace(S))).left == Mean(Trace(S))
    assert mean_count(Mean(Trace(S))).right == d * p
    for expr in (Trace(S) ** 2, 1 / Trace(S), Trace(OTHER), Trace(S * S)):
        with pytest.raises(StepError, match="not the trace of a matrix of indicators"):
            mean_count(Mean(expr))


def test_the_bound_along_a_direction_is_about_a_modulus():
    a = Symbol("a", nonnegative=True)
    chain = begin(Symbol("n"), a + p, "a number").at_least(p, "leave out a")
    with pytest.raises(StepError, match="not the modulus"):
        in_every_direction(Mean(Integer(0)), chain)
