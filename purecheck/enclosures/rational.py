"""Exact values of expressions that are rational at a point, in integer arithmetic of bounded length."""

from collections.abc import Mapping
from functools import reduce
from operator import add, mul

import sympy
from flint import fmpq, fmpz
from sympy import Basic, Expr, Integral, Rational, Sum, Symbol
from sympy.logic.boolalg import BooleanFunction

from theory.quantities.firing import FiringProbability
from theory.theorems.counts import Exceeds
from theory.theorems.gaussian import NormalMean

_LONGEST = 2**16
"""Bits of a number; a fraction of 20,000 digits has 66,000."""
_LONGEST_WORK = 2**21
"""Terms of a sum times the bits of one, so that a sum takes well under a second."""

Point = Mapping[Symbol, fmpq]


class _NotRationalError(Exception):
    """A part that is not known to be rational, or whose fraction is too long."""


def exact_value(expr: Expr, point: Mapping[Symbol, Rational]) -> fmpq | None:
    """The value of `expr` at `point` as a fraction; None if it is not known to be rational, or the fraction is long.

    Examples
    --------
    >>> from sympy import Symbol, binomial
    >>> p = Symbol("p")
    >>> exact_value(1 - binomial(4, 2) * p**2, {p: Rational(1, 3)})
    1/3
    """
    try:
        return _value(expr, {symbol: _fraction(number) for symbol, number in point.items()})
    except _NotRationalError:
        return None


def _fraction(number: Rational) -> fmpq:
    return fmpq(int(number.p), int(number.q))


def _value(expr: Basic, point: Point) -> fmpq:
    if isinstance(expr, Symbol) and expr in point:
        return point[expr]
    if isinstance(expr, Rational):
        return _fraction(expr)
    if isinstance(expr, sympy.Add):
        return reduce(add, (_value(part, point) for part in expr.args))
    if isinstance(expr, sympy.Mul):
        return _product(expr, point)
    if isinstance(expr, sympy.Pow):
        return _power(expr, point)
    if isinstance(expr, Sum):
        return _sum(expr, point)
    if isinstance(expr, sympy.Piecewise):
        return _piecewise(expr, point)
    if isinstance(expr, FiringProbability):
        return _firing(expr, point)
    return _function(expr, point)


def _product(expr: sympy.Mul, point: Point) -> fmpq:
    """The product, which is 0 if one factor is, whatever is known of the others."""
    factors = []
    unknown = None
    for part in expr.args:
        try:
            factor = _value(part, point)
        except _NotRationalError as problem:
            unknown = problem
            continue
        if factor == 0:
            return factor
        factors.append(factor)
    if unknown is not None:
        raise unknown
    return reduce(mul, factors)


def _power(expr: sympy.Pow, point: Point) -> fmpq:
    base, exponent = _value(expr.base, point), _value(expr.exp, point)
    if exponent.q == 2:
        base, exponent = _root(base), fmpq(exponent.p)
    if exponent.q != 1 or (base == 0 and exponent < 0):
        raise _NotRationalError
    if base not in (0, 1, -1) and abs(exponent.p) * _bits(base) > _LONGEST:
        raise _NotRationalError
    return base**exponent.p


def _root(square: fmpq) -> fmpq:
    if square < 0:
        raise _NotRationalError
    root = fmpq(fmpz(square.p).isqrt(), fmpz(square.q).isqrt())
    if root * root != square:
        raise _NotRationalError
    return root


def _bits(number: fmpq) -> int:
    return max(int(number.p).bit_length(), int(number.q).bit_length())


def _sum(total: Sum, point: Point) -> fmpq:
    index, low, high = total.limits[-1]
    inner = total.function if len(total.limits) == 1 else Sum(total.function, *total.limits[:-1])
    first, last = (_whole(_value(end, point)) for end in (low, high))
    if not first <= last + 1 or (last - first) ** 2 > _LONGEST_WORK:
        raise _NotRationalError
    found = fmpq(0)
    for i in range(first, last + 1):
        found += _value(inner, {**point, index: fmpq(i)})
        if (last - first) * _bits(found) > _LONGEST_WORK:
            raise _NotRationalError
    return found


def _whole(number: fmpq) -> int:
    if number.q != 1:
        raise _NotRationalError
    return int(number.p)


def _piecewise(expr: sympy.Piecewise, point: Point) -> fmpq:
    for value, condition in expr.args:
        if _holds(condition, point):
            return _value(value, point)
    raise _NotRationalError


def _holds(condition: Basic, point: Point) -> bool:
    if isinstance(condition, BooleanFunction):
        placed = condition.func(*(sympy.true if _holds(part, point) else sympy.false for part in condition.args))
        return placed is sympy.true
    if isinstance(condition, sympy.core.relational.Relational):
        left, right = (_value(side, point) for side in condition.args)
        return condition.func(_rational(left), _rational(right)) is sympy.true
    return condition is sympy.true


def _firing(expr: FiringProbability, point: Point) -> fmpq:
    order, p = (_value(part, point) for part in expr.args)
    if p == 0:  # nothing is ever active, whatever the order
        return fmpq(0)
    if order.p**2 * _bits(p) > _LONGEST_WORK:
        raise _NotRationalError
    m, prob = Symbol("m"), Symbol("p")
    series = FiringProbability.series
    if series is None:
        raise _NotRationalError
    return _value(series(m, prob), {m: order, prob: p})


def _function(expr: Basic, point: Point) -> fmpq:
    """A function where SymPy knows its value, such as `sin(0)`, or the floor of a number."""
    if isinstance(expr, (NormalMean, Integral)):
        raise _NotRationalError
    if isinstance(expr, Exceeds) and _value(expr.args[0], point).p > _LONGEST:
        raise _NotRationalError
    arguments = [_rational(_value(part, point)) for part in expr.args]
    placed = expr.func(*arguments)
    found = placed if placed.is_Rational else placed.doit()
    if not found.is_Rational:
        raise _NotRationalError
    return _fraction(found)


def _rational(number: fmpq) -> Rational:
    return Rational(int(number.p), int(number.q))
