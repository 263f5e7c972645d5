"""Certified values of closed forms: ball arithmetic (Arb, through python-flint) over SymPy expressions."""

from collections.abc import Callable, Mapping
from functools import reduce
from math import isqrt
from operator import add, mul
from typing import Any

import sympy
from flint import acb, arb, ctx, fmpq
from sympy import Basic, Expr, Rational, Symbol
from sympy.core.relational import Relational
from sympy.logic.boolalg import And

from purecheck.enclosures.half_line import enclose_half_line
from purecheck.enclosures.problems import NotEnclosedError
from theory.model import Q, phi
from theory.theorems.gaussian import NormalMean, core, envelope_coefficients

Values = Mapping[Basic, Basic]

LADDER = (64, 128, 256, 512, 1024)
"""Working precisions in bits, tried in turn."""


def enclose(expr: Expr, bits: int = LADDER[0]) -> arb:
    """A ball that contains the value of `expr`, which has no free symbols.

    Parameters
    ----------
    expr
        Exact constants, elementary and error functions, finite sums, integrals over finite ranges.
    bits
        Working precision.

    Raises
    ------
    NotEnclosedError
        If the expression holds something else, or its value is not real.
    """
    return enclose_at(expr, {}, bits)


def enclose_at(expr: Expr, box: Mapping[Symbol, arb], bits: int) -> arb:
    """A ball that contains every value of `expr` as its free symbols run over their balls in `box`.

    Raises
    ------
    NotEnclosedError
        If the expression cannot be enclosed there, or its value is not real.
    """
    before = ctx.prec
    ctx.prec = bits
    try:
        value = _ball(expr, {symbol: acb(ball) for symbol, ball in box.items()})
    finally:
        ctx.prec = before
    if not value.imag.contains(0):
        raise NotEnclosedError(f"{expr} is not real")
    return value.real


def enclose_to(expr: Expr, error: float) -> arb:
    """A ball of radius at most `error` around the value of `expr`, from the first precision that gives one.

    Raises
    ------
    NotEnclosedError
        If no precision of the ladder does.
    """
    for bits in LADDER:
        ball = enclose(expr, bits)
        if ball.is_finite() and ball.rad() <= error:
            return ball
    raise NotEnclosedError(f"no precision up to {LADDER[-1]} bits encloses {expr} to {error:g}")


def decide(statement: Basic, values: Values) -> bool | None:
    """Whether a relation, or a conjunction of them, holds at a point; None if no precision decides.

    Raises
    ------
    NotEnclosedError
        If a side cannot be enclosed there.
    """
    if isinstance(statement, And):
        verdicts = [decide(conjunct, values) for conjunct in statement.args]
        return False if False in verdicts else None if None in verdicts else True
    if not isinstance(statement, Relational):
        placed = statement.subs(list(values.items()))
        if placed in (sympy.true, sympy.false):
            return bool(placed)
        raise NotEnclosedError(f"{placed} is no relation of numbers")
    # Side by side: a relation of numbers would be evaluated by SymPy, in floating point and without a bound on time.
    left, right = (side.subs(list(values.items())) for side in (statement.lhs, statement.rhs))
    return _decide_relation(statement.func, left - right)


def _decide_relation(relation: type[Relational], gap: Basic) -> bool | None:
    """Whether `gap` compares with zero as the relation says."""
    if getattr(gap, "is_Matrix", False):
        return bool(gap.doit().is_zero_matrix)
    # An integral over a finite range is enclosed: solving it symbolically may take minutes.
    endless = any(end.is_infinite for one in gap.atoms(sympy.Integral) for _, *ends in one.limits for end in ends)
    exact = gap.doit(integrals=endless)
    if exact.is_Rational:
        return bool(relation(exact, 0))
    for bits in LADDER:
        ball = enclose(gap, bits)
        if ball > 0 or ball < 0:
            return bool(relation(1 if ball > 0 else -1, 0))
    return None


def _ball(expr: Basic, bound: Mapping[Symbol, acb]) -> acb:
    """Enclosure of `expr` with bound variables (of integrals) already enclosed."""
    if expr in bound:
        return bound[expr]
    if isinstance(expr, Rational):
        return acb(arb(fmpq(int(expr.p), int(expr.q))))
    rule = _RULES.get(type(expr)) or next((r for kind, r in _RULES.items() if isinstance(expr, kind)), None)
    if rule is not None:
        return rule(expr, bound)
    unfolded = expr.doit()
    if unfolded != expr:
        return _ball(unfolded, bound)
    raise NotEnclosedError(f"cannot enclose {expr}")


def _power(expr: sympy.Pow, bound: Mapping[Symbol, acb]) -> acb:
    base = _ball(expr.base, bound)
    if expr.exp.is_Integer:
        return base ** int(expr.exp)
    if expr.exp == Rational(1, 2):
        return _root(expr.base, base)
    if expr.exp == -Rational(1, 2):
        return 1 / _root(expr.base, base)
    return base ** _ball(expr.exp, bound)


def _root(base: Expr, ball: acb) -> acb:
    """Square root; a base that is known not to be negative is cut off at zero first."""
    real = ball.imag == 0 and base.is_nonnegative
    return acb(arb.nonnegative_part(ball.real).sqrt()) if real else ball.sqrt()


def _sum(expr: sympy.Sum, bound: Mapping[Symbol, acb]) -> acb:
    index, low, high = expr.limits[-1]
    inner = expr.function if len(expr.limits) == 1 else sympy.Sum(expr.function, *expr.limits[:-1])
    if not (low.is_Integer and high.is_Integer):
        raise NotEnclosedError(f"the range of {expr} is not finite")
    return reduce(add, (_ball(inner.subs(index, i), bound) for i in range(int(low), int(high) + 1)), acb(0))


def _integral(expr: sympy.Integral, bound: Mapping[Symbol, acb]) -> acb:
    variable, low, high = expr.limits[-1]
    inner = expr.function if len(expr.limits) == 1 else sympy.Integral(expr.function, *expr.limits[:-1])
    if len(expr.limits) == 1 and (low, high) == (0, sympy.oo):
        return enclose_half_line(expr, lambda part: _ball(part, bound))
    if low.is_infinite or high.is_infinite:
        raise NotEnclosedError(f"the range of {expr} is not finite")

    def integrand(x: acb, analytic: bool) -> acb:
        """The value, or no number where Arb's error bound needs an analytic function and this one may not be."""
        at = {**bound, variable: x}
        return _NOWHERE if analytic and not _is_analytic(inner, variable, at) else _ball(inner, at)

    return acb.integral(integrand, _ball(low, bound), _ball(high, bound))


_NOWHERE = acb("nan")
_ENTIRE = (sympy.Add, sympy.Mul, sympy.exp, sympy.sin, sympy.cos, sympy.sinh, sympy.cosh, sympy.erf, sympy.erfc)
_OFF_THE_CUT: Mapping[type, Callable[[acb], bool]] = {
    sympy.Pow: lambda z: bool(z.real > 0),
    sympy.log: lambda z: bool(z.real > 0),
    sympy.acosh: lambda z: bool(z.real > 1),
    sympy.asin: lambda z: bool(abs(z.real) < 1),
    sympy.acos: lambda z: bool(abs(z.real) < 1),
    sympy.atan: lambda z: bool(abs(z.imag) < 1),
}
"""Where the principal branch of a function of a complex argument is analytic."""


def _is_analytic(expr: Basic, variable: Symbol, bound: Mapping[Symbol, acb]) -> bool:
    """Whether `expr` is shown to be an analytic function of `variable` on its ball."""
    if not expr.has(variable) or expr == variable:
        return True
    if not all(_is_analytic(argument, variable, bound) for argument in expr.args):
        return False
    # A pole makes the value itself no number.
    if isinstance(expr, (*_ENTIRE, sympy.tan, sympy.tanh)) or (isinstance(expr, sympy.Pow) and expr.exp.is_Integer):
        return True
    off_the_cut = _OFF_THE_CUT.get(type(expr))
    if off_the_cut is not None:
        return off_the_cut(_ball(expr.args[0], bound))
    if type(expr) in _RULES:
        return False
    unfolded = expr.doit()
    return unfolded != expr and _is_analytic(unfolded, variable, bound)


def _normal_mean(expr: NormalMean, bound: Mapping[Symbol, acb]) -> acb:
    r"""The part where `|n| <= T`, and a ball for the rest: at most $2 c_0 Q(T) + 2 c_2 (T \varphi(T) + Q(T))$ (A2)."""
    _, n, envelope = expr.args
    constant, square = (_ball(c, bound).real for c in envelope_coefficients(envelope, n))
    # e^(-T^2/2) is below 2^-bits, so the rest is small at every working precision.
    T = isqrt(2 * ctx.prec) + 1
    density, beyond = _ball(phi(sympy.Integer(T)), bound).real, _ball(Q(sympy.Integer(T)), bound).real
    rest = 2 * constant * beyond + 2 * square * (T * density + beyond)
    return _ball(core(expr, sympy.Integer(T)), bound) + acb(rest.union(arb(0)))


def _binomial(expr: sympy.binomial, bound: Mapping[Symbol, acb]) -> acb:
    value = expr.doit()
    if not value.is_Integer:
        raise NotEnclosedError(f"{expr} is no integer")
    return _ball(value, bound)


def _unary(method: str) -> Callable[[Any, Mapping[Symbol, acb]], acb]:
    return lambda expr, bound: getattr(_ball(expr.args[0], bound), method)()


_RULES: Mapping[type, Callable[[Any, Mapping[Symbol, acb]], acb]] = {
    sympy.Add: lambda e, bound: reduce(add, (_ball(a, bound) for a in e.args)),
    sympy.Mul: lambda e, bound: reduce(mul, (_ball(a, bound) for a in e.args)),
    sympy.Pow: _power,
    sympy.Sum: _sum,
    sympy.Integral: _integral,
    NormalMean: _normal_mean,
    sympy.binomial: _binomial,
    type(sympy.pi): lambda _e, _b: acb(arb.pi()),
    type(sympy.E): lambda _e, _b: acb(1).exp(),
    sympy.exp: _unary("exp"),
    sympy.log: _unary("log"),
    sympy.cosh: _unary("cosh"),
    sympy.sinh: _unary("sinh"),
    sympy.tanh: _unary("tanh"),
    sympy.acosh: _unary("acosh"),
    sympy.sin: _unary("sin"),
    sympy.cos: _unary("cos"),
    sympy.tan: _unary("tan"),
    sympy.asin: _unary("asin"),
    sympy.acos: _unary("acos"),
    sympy.atan: _unary("atan"),
    sympy.erf: _unary("erf"),
    sympy.erfc: _unary("erfc"),
    sympy.Abs: lambda e, bound: acb(abs(_ball(e.args[0], bound))),
    sympy.Max: lambda e, bound: acb(reduce(arb.max, (_ball(a, bound).real for a in e.args))),
    sympy.Min: lambda e, bound: acb(reduce(arb.min, (_ball(a, bound).real for a in e.args))),
}
