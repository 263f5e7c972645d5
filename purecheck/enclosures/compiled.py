"""Expressions as functions of a few indices, in ball arithmetic.

A function that is compiled here is a tree of closures over balls. No source text is generated and no number passes
through a float, so a constant is always a ball that contains the exact fraction.
"""

from collections.abc import Callable, Mapping, Sequence

import sympy
from flint import arb, ctx, fmpq
from sympy import Expr, Integer, Rational, Symbol

from purecheck.enclosures.certify import enclose
from purecheck.enclosures.problems import NotEnclosedError
from purecheck.enclosures.rational import exact_value
from purecheck.enclosures.signs import SignTail
from theory.theorems.counts import Exceeds

Compiled = Callable[..., arb]
"""One ball for each index, and the ball of the value."""
Point = Mapping[Symbol, Rational]

_PROBABILITY = arb(0).union(arb(1))


def fraction(number: Rational) -> arb:
    """A ball that contains the number, at the working precision."""
    return arb(fmpq(int(number.p), int(number.q)))


def compiled(expr: Expr, indices: Sequence[Symbol], point: Point) -> Compiled:
    """The function of `indices` that `expr` is, where `point` gives the other symbols.

    Constants are computed once, at the precision that holds when the function is compiled.

    Raises
    ------
    NotEnclosedError
        If the expression holds something that has no rule.
    """
    if expr in indices:
        position = list(indices).index(expr)
        return lambda *values: values[position]
    if not expr.has(*indices):
        return _constant(expr, point)
    if isinstance(expr, Exceeds):
        return _tail(expr, indices, point)
    parts = [compiled(part, indices, point) for part in expr.args]
    if isinstance(expr, sympy.Pow):
        return _power(expr, parts[0])
    rule = _RULES.get(expr.func)
    if rule is None:
        raise NotEnclosedError(f"cannot compile {expr}")
    return rule(parts)


def _constant(expr: Expr, point: Point) -> Compiled:
    exact = exact_value(expr, point)
    value = arb(exact) if exact is not None else enclose(expr.subs(list(point.items())), ctx.prec)
    return lambda *_: value


def _power(expr: sympy.Pow, base: Compiled) -> Compiled:
    if expr.exp == Rational(1, 2):
        return lambda *values: arb.nonnegative_part(base(*values)).sqrt()
    if isinstance(expr.exp, Integer) and expr.exp > 0:
        return _mul([base] * int(expr.exp))  # Arb's power is not defined on balls around zero
    raise NotEnclosedError(f"cannot compile {expr}")


def _tail(expr: Exceeds, indices: Sequence[Symbol], point: Point) -> Compiled:
    """The tail of a sum of signs, for lengths that grow; where the length is not known, any probability."""
    tail = SignTail()
    length, threshold = (compiled(part, indices, point) for part in expr.args)

    def exceeds(*values: arb) -> arb:
        n = length(*values).unique_fmpz()
        if n is None:
            return _PROBABILITY
        return tail.exceeds(int(n), threshold(*values), lambda: exact_value(expr.args[1], {**point, **_whole(values)}))

    def _whole(values: Sequence[arb]) -> dict[Symbol, Integer]:
        return {index: Integer(int(value.unique_fmpz())) for index, value in zip(indices, values, strict=True)}

    return exceeds


def _add(parts: Sequence[Compiled]) -> Compiled:
    first, *rest = parts

    def total(*values: arb) -> arb:
        found = first(*values)
        for part in rest:
            found = found + part(*values)
        return found

    return total


def _mul(parts: Sequence[Compiled]) -> Compiled:
    first, *rest = parts

    def product(*values: arb) -> arb:
        found = first(*values)
        for part in rest:
            found = found * part(*values)
        return found

    return product


_RULES: Mapping[type, Callable[[Sequence[Compiled]], Compiled]] = {
    sympy.Add: _add,
    sympy.Mul: _mul,
    sympy.exp: lambda parts: lambda *values: parts[0](*values).exp(),
    sympy.Abs: lambda parts: lambda *values: abs(parts[0](*values)),
}
