"""Ball arithmetic (Arb, through python-flint) over SymPy expressions, term by term.

F. Johansson, "Arb: efficient arbitrary-precision midpoint-radius interval arithmetic", IEEE Transactions on Computers
66 (2017).
"""

from collections import ChainMap
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from functools import reduce
from math import isqrt
from operator import add, ge, gt, le, lt, mul
from typing import Any, cast

import sympy
from flint import acb, arb, ctx, fmpq
from sympy import Basic, Expr, Rational, Symbol

from purecheck.enclosures.half_line import enclose_half_line
from purecheck.enclosures.problems import NotEnclosedError
from theory.model import Q, phi
from theory.theorems.gaussian import NormalMean, core, envelope_coefficients

Bound = Mapping[Basic, acb]
"""Balls for symbols, and for whatever else has a value of its own."""


def ball(expr: Basic, bound: Bound) -> acb:
    """A ball that contains the value of `expr` where its symbols lie in the balls that `bound` gives them.

    The working precision is that of `flint.ctx`.

    Raises
    ------
    NotEnclosedError
        If the expression holds something else than `bound` and the rules of this module know.
    """
    if expr in bound:
        return bound[expr]
    if isinstance(expr, Rational):
        return acb(arb(fmpq(int(expr.p), int(expr.q))))
    rule = _RULES.get(type(expr)) or next((r for kind, r in _RULES.items() if isinstance(expr, kind)), None)
    if rule is not None:
        return rule(expr, bound)
    unfolded = expr.doit()
    if unfolded != expr:
        return ball(unfolded, bound)
    raise NotEnclosedError(f"cannot enclose {expr}")


def _power(expr: sympy.Pow, bound: Bound) -> acb:
    base = ball(expr.base, bound)
    if expr.exp.is_Integer:
        return base ** int(expr.exp)
    if expr.exp == Rational(1, 2):
        return _root(expr.base, base)
    if expr.exp == -Rational(1, 2):
        return 1 / _root(expr.base, base)
    return base ** ball(expr.exp, bound)


def _root(base: Expr, ball: acb) -> acb:
    """Square root; a base that is known not to be negative is cut off at zero first."""
    real = ball.imag == 0 and base.is_nonnegative
    return acb(arb.nonnegative_part(ball.real).sqrt()) if real else ball.sqrt()


def _sum(expr: sympy.Sum, bound: Bound) -> acb:
    return reduce(add, _terms(expr, bound), acb(0))


def _product(expr: sympy.Product, bound: Bound) -> acb:
    return reduce(mul, _terms(expr, bound), acb(1))


def _terms(expr: sympy.Sum | sympy.Product, bound: Bound) -> Iterator[acb]:
    """The terms of a finite sum or product, those of the outermost index."""
    index, low, high = expr.limits[-1]
    inner = expr.function if len(expr.limits) == 1 else expr.func(expr.function, *expr.limits[:-1])
    # SymPy gives a range of negative length a meaning of its own (Karr's convention), which this is not.
    if not (low.is_Integer and high.is_Integer and low <= high + 1):
        raise NotEnclosedError(f"the range of {expr} is not finite")
    return (ball(inner.subs(index, i), bound) for i in range(int(low), int(high) + 1))


def _piecewise(expr: sympy.Piecewise, bound: Bound) -> acb:
    for value, condition in expr.args:
        if condition is sympy.true or _is_certain(condition, bound):
            return ball(value, bound)
        if not _is_certain(sympy.Not(condition), bound):
            break
    raise NotEnclosedError(f"no case of {expr} is certain")


def _is_certain(condition: Basic, bound: Bound) -> bool:
    """Whether an inequality is shown to hold."""
    if condition.func not in (sympy.Lt, sympy.Le, sympy.Gt, sympy.Ge):
        raise NotEnclosedError(f"cannot decide {condition}")
    left, right = (_real(side, bound) for side in condition.args)
    return bool(_COMPARE[condition.func](left, right))


def _real(expr: Basic, bound: Bound) -> arb:
    value = ball(expr, bound)
    if value.imag != 0:
        raise NotEnclosedError(f"{expr} is not shown to be real")
    return value.real


_COMPARE: Mapping[type, Callable[[arb, arb], bool]] = {sympy.Lt: lt, sympy.Le: le, sympy.Gt: gt, sympy.Ge: ge}


def _integral(expr: sympy.Integral, bound: Bound) -> acb:
    variable, low, high = expr.limits[-1]
    inner = expr.function if len(expr.limits) == 1 else sympy.Integral(expr.function, *expr.limits[:-1])
    if len(expr.limits) == 1 and (low, high) == (0, sympy.oo):
        return enclose_half_line(expr, lambda part: ball(part, bound))
    if low.is_infinite or high.is_infinite:
        raise NotEnclosedError(f"the range of {expr} is not finite")

    def integrand(x: acb, analytic: bool) -> acb:
        """The value, or no number where Arb's error bound needs an analytic function and this one may not be."""
        at = ChainMap({variable: x}, cast("MutableMapping[Basic, acb]", bound))  # only the first is ever written to
        return _NOWHERE if analytic and not _is_analytic(inner, variable, at) else ball(inner, at)

    return acb.integral(integrand, ball(low, bound), ball(high, bound))


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


def _is_analytic(expr: Basic, variable: Symbol, bound: Bound) -> bool:
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
        return off_the_cut(ball(expr.args[0], bound))
    if type(expr) in _RULES:
        return False
    unfolded = expr.doit()
    return unfolded != expr and _is_analytic(unfolded, variable, bound)


def _normal_mean(expr: NormalMean, bound: Bound) -> acb:
    r"""The part where `|n| <= T`, and a ball for the rest: at most $2 c_0 Q(T) + 2 c_2 (T \varphi(T) + Q(T))$ (A2)."""
    _, n, envelope = expr.args
    constant, square = (ball(c, bound).real for c in envelope_coefficients(envelope, n))
    # e^(-T^2/2) is below 2^-bits, so the rest is small at every working precision.
    T = isqrt(2 * ctx.prec) + 1
    density, beyond = ball(phi(sympy.Integer(T)), bound).real, ball(Q(sympy.Integer(T)), bound).real
    rest = 2 * constant * beyond + 2 * square * (T * density + beyond)
    return ball(core(expr, sympy.Integer(T)), bound) + acb(rest.union(arb(0)))


def _binomial(expr: sympy.binomial, bound: Bound) -> acb:
    value = expr.doit()
    if not value.is_Integer:
        raise NotEnclosedError(f"{expr} is no integer")
    return ball(value, bound)


def _unary(method: str) -> Callable[[Any, Bound], acb]:
    return lambda expr, bound: getattr(ball(expr.args[0], bound), method)()


_RULES: Mapping[type, Callable[[Any, Bound], acb]] = {
    sympy.Add: lambda e, bound: reduce(add, (ball(a, bound) for a in e.args)),
    sympy.Mul: lambda e, bound: reduce(mul, (ball(a, bound) for a in e.args)),
    sympy.Pow: _power,
    sympy.Sum: _sum,
    sympy.Product: _product,
    sympy.Piecewise: _piecewise,
    sympy.Integral: _integral,
    NormalMean: _normal_mean,
    sympy.binomial: _binomial,
    type(sympy.pi): lambda _e, _b: acb(arb.pi()),
    type(sympy.E): lambda _e, _b: acb(1).exp(),
    type(sympy.I): lambda _e, _b: acb(0, 1),
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
    sympy.sign: lambda e, bound: acb(_real(e.args[0], bound).sgn()),
    sympy.Abs: lambda e, bound: acb(abs(ball(e.args[0], bound))),
    sympy.Max: lambda e, bound: acb(reduce(arb.max, (ball(a, bound).real for a in e.args))),
    sympy.Min: lambda e, bound: acb(reduce(arb.min, (ball(a, bound).real for a in e.args))),
}
