"""Signs follow from rules of the suite's own, which hold at every point; SymPy's slips are not believed."""

from math import isfinite

import pytest
from hypothesis import assume, given, reject
from hypothesis import strategies as st
from sympy import (
    Abs,
    Add,
    Expr,
    Function,
    IndexedBase,
    Integer,
    Max,
    Min,
    Mul,
    Piecewise,
    Pow,
    Rational,
    Sum,
    Symbol,
    acosh,
    asin,
    atan,
    binomial,
    ceiling,
    cosh,
    erf,
    erfc,
    exp,
    factorial,
    floor,
    log,
    oo,
    pi,
    sinh,
    sqrt,
    tanh,
    zoo,
)

from theory.algebra import is_nonnegative, is_positive
from theory.signs import ANY, is_whole, signs

w, k = Symbol("w", integer=True), Symbol("k", integer=True, positive=True)
x, y, t = Symbol("x", real=True), Symbol("y", nonnegative=True), Symbol("t", positive=True)

_LEAVES = st.sampled_from([w, k, x, y, t, Integer(2), Integer(-1), Rational(1, 2), Integer(3), pi, sqrt(2)])
_ONE = st.sampled_from([Abs, exp, atan, tanh, sinh, cosh, erf, erfc, log, sqrt, floor, ceiling, factorial, acosh, asin])
_TWO = st.sampled_from([Add, Mul, Pow, Max, Min, binomial])


def _applied(f, *args):
    try:
        return f(*args)
    except ValueError:  # SymPy refuses a maximum of what it cannot compare
        reject()


EXPRESSIONS = st.recursive(
    _LEAVES,
    lambda parts: st.one_of(st.builds(_applied, _ONE, parts), st.builds(_applied, _TWO, parts, parts)),
    max_leaves=5,
)
POINTS = st.fixed_dictionaries(
    {
        w: st.integers(-4, 4).map(Integer),
        k: st.integers(1, 4).map(Integer),
        x: st.sampled_from([Integer(-2), Rational(-1, 3), Integer(0), Rational(1, 2), Integer(3)]),
        y: st.sampled_from([Integer(0), Rational(1, 3), Integer(2)]),
        t: st.sampled_from([Rational(1, 5), Integer(1), Integer(4)]),
    }
)


@given(EXPRESSIONS, POINTS)
def test_the_sign_of_a_value_is_among_the_signs_of_its_expression(expr, point):
    found = signs(expr)
    assume(found is not None and found != ANY and expr.free_symbols)
    value = expr.xreplace(point)
    assert not value.has(zoo, oo, -oo)
    try:
        number = complex(value.evalf(40))
    except OverflowError:  # mpmath, at towers of powers
        reject()
    assume(isfinite(number.real) and abs(number.real) < 1e200)
    assert abs(number.imag) < 1e-30
    assert (number.real > 1e-30) - (number.real < -1e-30) in found or abs(number.real) <= 1e-30


@pytest.mark.parametrize(
    ("slip", "at"),
    [
        (-binomial(w, 3), {w: 4}),
        (binomial(w, 3), {w: -1}),
        (Abs(atan(w)), {w: 0}),
        (Abs(sinh(w)), {w: 0}),
        (Abs(tanh(x)), {x: 0}),
    ],
)
def test_what_sympy_takes_for_positive_by_mistake_is_not_believed(slip, at):
    assert not is_positive(slip)
    assert slip.subs(at) <= 0


@pytest.mark.parametrize(
    "expr", [1 / y, y ** (-1) + 1, log(y), acosh(t), sqrt(x), oo, zoo, x + oo, factorial(x), Function("f")(x)]
)
def test_what_may_be_undefined_or_not_real_has_no_sign(expr: Expr):
    assert signs(expr) is None or signs(expr) == ANY
    assert not is_nonnegative(expr)


@pytest.mark.parametrize(
    ("expr", "holds"),
    [
        (k - 1, True),
        (k - 2, False),
        (x**2, True),
        (x**3, False),
        (t + sqrt(2) * t - 2 * t, True),
        (sqrt(2) - Rational(7071, 5000), True),
        (sqrt(2) - Rational(14143, 10000), False),
        (log(1 + exp(x)), True),
        (binomial(k, k), True),
        (Piecewise((t, x > 0), (-t, True)), False),
        (Piecewise((t, x > 0)), False),
        (erf(y) + cosh(x) + erfc(x), True),
        (Sum(k, (k, 1, 5)), True),
    ],
)
def test_plain_signs_are_found(expr, holds):
    assert is_nonnegative(expr) is holds


def test_only_what_is_built_of_integers_is_whole():
    n = IndexedBase("n", integer=True)
    assert all(is_whole(e) for e in (3 * w + 1, w**2 - k, n[k] * w, floor(x), binomial(k, k + 1)))
    assert not any(is_whole(e) for e in (w / 2, w ** (-1), 2**w, x, w * x, binomial(w, 2), w + Rational(1, 2)))
