"""Ball arithmetic: encloses what mpmath computes, climbs the ladder, and says when it cannot decide."""

import mpmath
import pytest
from flint import ctx
from hypothesis import given
from hypothesis import strategies as st
from mpmath import mpf
from sympy import (
    Abs,
    Basic,
    Expr,
    Function,
    Ge,
    Integer,
    Integral,
    Le,
    Lt,
    Max,
    Rational,
    Sum,
    Symbol,
    acosh,
    binomial,
    cos,
    erf,
    erfc,
    exp,
    lambdify,
    log,
    oo,
    pi,
    sin,
    sinh,
    sqrt,
    tanh,
)

from purecheck.enclosures.certify import LADDER, decide, enclose, enclose_to
from purecheck.enclosures.problems import NotEnclosedError

x = Symbol("x", positive=True)
j = Symbol("j", integer=True)
u = Symbol("u", real=True)

EXPRESSIONS: tuple[Expr, ...] = (
    x**3 - 2 * x + Rational(1, 7),
    sqrt(x) + 1 / sqrt(x),
    x ** Rational(1, 3),
    exp(-x) * log(1 + x),
    erf(x) + erfc(x / 2) * pi,
    tanh(x) + sinh(x / 3),
    acosh(1 + x),
    Max(x, 1) + Abs(x - 2),
    Sum(binomial(6, 2 * j) * x**j, (j, 0, 3)),
    cos(x) ** 2 - sin(x / 2),
)


@pytest.mark.parametrize("expr", EXPRESSIONS, ids=str)
@given(value=st.fractions(min_value="1/50", max_value=5, max_denominator=200))
def test_a_ball_holds_what_mpmath_computes_with_fifty_digits(expr: Expr, value: object) -> None:
    placed = expr.subs(x, Rational(str(value)))
    ball = enclose(placed, 128)
    with mpmath.workdps(50):
        reference = lambdify((), placed.doit(), "mpmath")()
        middle, radius = mpf(ball.mid().str(45, radius=False)), mpf(float(ball.rad()))
        # 45 digits of the middle, 50 of the reference: both written with a relative error below 1e-44.
        assert abs(middle - reference) <= radius + abs(reference) * mpf(10) ** -44


def test_an_integral_is_enclosed() -> None:
    ball = enclose(Integral(exp(-(x**2)), (x, 0, 1)), 64)
    with mpmath.workdps(30):
        reference = mpmath.quad(lambda t: mpmath.exp(-t * t), [0, 1])
    assert float(ball.lower()) <= float(reference) <= float(ball.upper())


def test_the_ladder_reaches_the_error_asked_for() -> None:
    coarse, fine = enclose_to(sqrt(2), 1e-10), enclose_to(sqrt(2), 1e-100)
    assert coarse.rad() <= 1e-10
    assert fine.rad() <= 1e-100
    assert coarse.contains(fine)


def test_the_ladder_ends() -> None:
    with pytest.raises(NotEnclosedError, match=f"no precision up to {LADDER[-1]} bits"):
        enclose_to(sqrt(2), 1e-400)


def test_precision_is_left_as_it_was() -> None:
    before = ctx.prec
    enclose(sqrt(2), 777)
    with pytest.raises(NotEnclosedError):
        enclose(Function("f")(Integer(1)), 777)
    assert ctx.prec == before


@pytest.mark.parametrize(
    ("statement", "verdict"),
    [
        (Le(x, exp(Integer(1))), True),
        (Ge(x, exp(Integer(1))), False),
        (Lt(sqrt(x), Rational(141421356237309504880168872420969808, 10**35)), True),  # 2e-36 above sqrt(2)
        (Lt(sqrt(x), Rational(141421356237309504880168872420969807, 10**35)), False),
        (Le(x, 1) & Le(sqrt(x), sqrt(2)), False),
    ],
)
def test_relations_are_decided(statement: Basic, verdict: bool) -> None:
    assert decide(statement, {x: Integer(2)}) is verdict


@pytest.mark.parametrize("identity", [erf(x) + erfc(x), cos(x) ** 2 + sin(x) ** 2])
def test_an_equality_of_transcendental_numbers_is_not_decided(identity: Expr) -> None:
    assert decide(Le(identity, 1), {x: sqrt(2)}) is None


def test_a_difference_far_beyond_double_precision_is_decided() -> None:
    identity = erf(x) + erfc(x)
    assert decide(Le(identity, 1 + Rational(1, 10**100)), {x: sqrt(2)}) is True
    assert decide(Le(identity, 1 - Rational(1, 10**100)), {x: sqrt(2)}) is False


@pytest.mark.parametrize(
    "expr",
    [
        Function("f")(Integer(1)),
        Symbol("free"),
        sqrt(Integer(-2)),
        Sum(Function("f")(j), (j, 1, oo)),
        Integral(Function("f")(x), (x, 0, oo)),
    ],
    ids=str,
)
def test_what_cannot_be_enclosed_is_refused(expr: Expr) -> None:
    with pytest.raises(NotEnclosedError):
        enclose(expr)


@pytest.mark.parametrize(
    ("integrand", "low", "high", "value"),
    [
        (Abs(u), -1, 1, Integer(1)),
        (Max(u, 0), -1, 2, Integer(2)),
        (sqrt(u), 0, 1, Rational(2, 3)),
        (sqrt(1 + u**2), -5, 5, 5 * sqrt(26) + log(5 + sqrt(26))),
        (log(u), 1, 2, 2 * log(2) - 1),
    ],
)
def test_an_integrand_with_a_kink_or_a_cut_is_still_enclosed(integrand: Expr, low: int, high: int, value: Expr) -> None:
    assert enclose(Integral(integrand, (u, low, high)) - value).contains(0)
