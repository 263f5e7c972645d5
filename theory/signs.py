"""Which signs a real expression can have, by rules of our own, node by node.

SymPy answers `is_positive` and the like by rules that slip at the edges: for an integer `w` it holds that
`binomial(w, 3) < 0` and `|atan w| > 0`. Here only a symbol's declared assumptions are taken from it; what a node does
to signs is said below for each kind of node, and a node of any other kind has no known sign.
"""

from collections.abc import Callable, Mapping
from functools import cache, reduce
from itertools import product
from operator import mul
from typing import Any

from mpmath import lambertw, mpf, workprec
from mpmath.ctx_iv import MPIntervalContext
from sympy import (
    Abs,
    Add,
    Dummy,
    E,
    Expr,
    Float,
    Indexed,
    Integer,
    Integral,
    KroneckerDelta,
    LambertW,
    Max,
    Min,
    Mul,
    Number,
    NumberSymbol,
    Piecewise,
    Pow,
    Product,
    Rational,
    S,
    Si,
    Sum,
    Symbol,
    acosh,
    asin,
    asinh,
    atan,
    binomial,
    ceiling,
    cos,
    cosh,
    erf,
    erfc,
    exp,
    expand,
    factorial,
    floor,
    log,
    oo,
    pi,
    sign,
    sin,
    sinh,
    tanh,
)
from sympy.core.function import AppliedUndef

from theory.model import Phi, Q

Signs = frozenset[int]
"""A set of -1, 0 and 1."""

ANY: Signs = frozenset({-1, 0, 1})
_PLUS, _NOT_MINUS, _ZERO = frozenset({1}), frozenset({0, 1}), frozenset({0})

_PRECISIONS = (80, 640)
"""Bits of the intervals that decide the sign of a number; what is closer to zero than the finer one stays open."""


@cache
def signs(expr: Expr) -> Signs | None:
    """The signs that `expr` can have; None if it is not shown to be real and defined.

    Parameters
    ----------
    expr
        A scalar; its symbols range over their declared assumptions.
    """
    if isinstance(expr, Number | NumberSymbol):
        return _of_number(expr)
    if isinstance(expr, Symbol | Indexed | AppliedUndef) or type(expr).__module__.startswith("theory."):
        rule = _RULES.get(type(expr))
        if rule is not None:
            return rule(expr)
        own: Signs | None = getattr(expr, "signs", None)
        return own if own is not None else declared(expr)
    rule = _RULES.get(type(expr))
    if rule is None:
        return None
    found = rule(expr)
    if found is not None and len(found) > 1 and not expr.free_symbols:
        return _of_constant(expr) or found
    return found


def declared(expr: Expr) -> Signs | None:
    """The signs that the declared assumptions of a symbol, an indexed one or a function of the model leave."""
    if not expr.is_extended_real or expr.is_infinite:
        return None
    minus = not expr.is_extended_nonnegative
    plus = not expr.is_extended_nonpositive
    zero = expr.is_zero is not False
    return frozenset({s for s, possible in ((-1, minus), (0, zero), (1, plus)) if possible})


def is_whole(expr: Expr) -> bool:
    """Whether `expr` is shown to be an integer: a polynomial with integer coefficients in integers."""
    if isinstance(expr, Integer):
        return True
    if isinstance(expr, Symbol | Indexed | AppliedUndef):
        return bool(expr.is_integer)
    if isinstance(expr, floor | ceiling):
        return signs(expr.args[0]) is not None
    if isinstance(expr, Pow):
        return is_whole(expr.base) and is_whole(expr.exp) and _within(expr.exp, _NOT_MINUS)
    if isinstance(expr, binomial):
        return all(is_whole(x) and _within(x, _NOT_MINUS) for x in expr.args)
    return isinstance(expr, Add | Mul | Max | Min | KroneckerDelta) and all(
        is_whole(part) for part in expr.args if not isinstance(expr, KroneckerDelta)
    )


def ordered(low: Expr, high: Expr) -> bool:
    """Whether a sum from `low` to `high` is shown to be finite and not to run backwards: `high - low >= -1`."""
    if low.has(oo, -oo) or high.has(oo, -oo):
        return False
    if isinstance(low, Max):
        return all(ordered(start, high) for start in low.args)
    if isinstance(high, floor) and ordered(low, high.args[0]):  # floor(x) > x - 1
        return True
    return _within(expand(from_one(high - low + 1)), _NOT_MINUS)


def from_one(expr: Expr) -> Expr:
    """`expr` with every positive integer `n` written as `1 + k`, so that `n - 1` is seen to be nonnegative."""
    counts = (x for x in expr.free_symbols if isinstance(x, Symbol) and x.is_integer and x.is_positive)
    return expr.xreplace({x: 1 + Dummy(f"n_{x.name}", integer=True, nonnegative=True) for x in counts})


def _within(expr: Expr, allowed: Signs) -> bool:
    found = signs(expr)
    return found is not None and found <= allowed


def _of_number(number: Expr) -> Signs | None:
    if isinstance(number, Rational):
        return frozenset({(number.p > 0) - (number.p < 0)}) if number.q != 0 else None
    return _PLUS if number in (pi, E) else None


def _of_constant(expr: Expr) -> Signs | None:
    """The sign of a number, from an interval that contains it but not zero."""
    for precision in _PRECISIONS:
        context = MPIntervalContext()
        context.prec = precision
        interval = _enclosed(expr, context)
        if interval is None:
            return None
        if interval.a > 0 or interval.b < 0:
            return frozenset({1 if interval.a > 0 else -1})
    return None


def _enclosed(expr: Expr, context: MPIntervalContext) -> Any:
    """An interval that contains a number built from rationals, powers, exponentials and logarithms; None for others."""
    if isinstance(expr, Float):
        return None
    if isinstance(expr, Rational):
        return context.mpf(int(expr.p)) / int(expr.q)
    if expr in (pi, E):
        return context.pi if expr == pi else context.exp(1)
    parts = [_enclosed(part, context) for part in expr.args]
    if not parts or any(part is None for part in parts):
        return None
    if isinstance(expr, Add | Mul):
        return reduce(lambda x, y: x + y if isinstance(expr, Add) else x * y, parts)
    if isinstance(expr, Pow) and (parts[0].a > 0 or isinstance(expr.exp, Integer)):
        if isinstance(expr.exp, Integer):
            return parts[0] ** int(expr.exp) if expr.exp > 0 or 0 not in parts[0] else None
        return context.exp(parts[1] * context.log(parts[0]))
    if isinstance(expr, exp):
        return context.exp(parts[0])
    if isinstance(expr, log) and parts[0].a > 0:
        return context.log(parts[0])
    if isinstance(expr, LambertW) and len(parts) == 1 and parts[0].a > 0:
        return _lambert(parts[0], context)
    if isinstance(expr, cos | sin):
        return (context.cos if isinstance(expr, cos) else context.sin)(parts[0])
    return None


def _lambert(z: Any, context: MPIntervalContext) -> Any:
    """An interval around `W(z)`, `z > 0`: a guess is widened, and `w e^w`, which increases, is seen to pass `z`."""
    with workprec(context.prec):
        guess, width = lambertw(mpf(z.mid)).real, mpf(2) ** -(context.prec // 2)
        low, high = guess * (1 - width), guess * (1 + width)
    ends = context.mpf([low, low]), context.mpf([high, high])
    below, above = (end * context.exp(end) for end in ends)
    return context.mpf([low, high]) if below.b <= z.a and above.a >= z.b else None


def _combined(expr: Expr, combine: Callable[[int, int], int | None]) -> Signs | None:
    """The signs of the result over all combinations of signs of the arguments; None for one of them leaves all open."""
    found = [signs(part) for part in expr.args]
    outcomes: Signs | None = None
    for one in found:
        if one is None:
            return None
        outcomes = one if outcomes is None else _both(outcomes, one, combine)
    return outcomes


def _both(some: Signs, others: Signs, combine: Callable[[int, int], int | None]) -> Signs:
    outcomes = {combine(x, y) for x, y in product(some, others)}
    return ANY if None in outcomes else frozenset(one for one in outcomes if one is not None)


def _add(x: int, y: int) -> int | None:
    return None if x * y < 0 else x or y


def _of_sum(expr: Add) -> Signs | None:
    """Like terms are collected first, so that `x + sqrt(2) x - 2 x` is seen to be positive where `x` is."""
    if not expr.free_symbols:
        return _combined(expr, _add)
    gathered: dict[Expr, Expr] = {}
    for part in expr.args:
        number, rest = _number_apart(part)
        gathered[rest] = gathered.get(rest, S.Zero) + number
    found = _ZERO
    for rest, number in gathered.items():
        of_rest, of_number = signs(rest), _of_constant(number) or signs(number)
        if of_rest is None or of_number is None:
            return None
        found = _both(found, _both(of_rest, of_number, mul), _add)
    return found


def _number_apart(term: Expr) -> tuple[Expr, Expr]:
    """The numerical factor of a term, and the product of its other factors."""
    numbers = [part for part in Mul.make_args(term) if not part.free_symbols]
    rest = [part for part in Mul.make_args(term) if part.free_symbols]
    return Mul(*numbers), Mul(*rest)


def _of_power(expr: Pow) -> Signs | None:
    base, power = signs(expr.base), signs(expr.exp)
    if base is None or power is None:
        return None
    if 0 in base and not power <= _NOT_MINUS:
        return None
    if base == _PLUS:
        return _PLUS
    if base <= _NOT_MINUS:
        # 0^0 is 1, so that a base that may be zero may still have a positive power.
        return base if power == _PLUS else _NOT_MINUS
    if is_whole(expr.exp / 2):
        return frozenset(abs(s) for s in base) if power == _PLUS or 0 not in base else _NOT_MINUS
    if not is_whole(expr.exp):
        return None
    is_odd = is_whole((expr.exp - 1) / 2)
    return base if is_odd else base | frozenset(abs(s) for s in base)


def _of_log(expr: log) -> Signs | None:
    (x,) = expr.args
    if signs(x) != _PLUS:
        return None
    return signs(expand(x - 1)) or ANY


def _odd(expr: Expr) -> Signs | None:
    """An odd function that increases from 0 on."""
    return signs(expr.args[0])


def _positive(expr: Expr) -> Signs | None:
    """A positive function of a real number."""
    return _PLUS if signs(expr.args[0]) is not None else None


def _bounded(expr: Expr) -> Signs | None:
    return ANY if signs(expr.args[0]) is not None else None


def _of_modulus(expr: Abs) -> Signs | None:
    found = signs(expr.args[0])
    return None if found is None else frozenset(abs(s) for s in found)


def _of_acosh(expr: acosh) -> Signs | None:
    above = signs(expand(expr.args[0] - 1))
    return above if above is not None and above <= _NOT_MINUS else None


def _of_lambert(expr: LambertW) -> Signs | None:
    """The principal branch, for arguments that are not negative."""
    found = signs(expr.args[0]) if len(expr.args) == 1 else None
    return found if found is not None and found <= _NOT_MINUS else None


def _of_asin(expr: asin) -> Signs | None:
    (x,) = expr.args
    return signs(x) if _within(expand(1 - x**2), _NOT_MINUS) else None


def _of_binomial(expr: binomial) -> Signs | None:
    n, k = expr.args
    if not all(is_whole(x) and _within(x, _NOT_MINUS) for x in (n, k)):
        return None
    return _PLUS if _within(expand(n - k), _NOT_MINUS) else _NOT_MINUS


def _of_factorial(expr: factorial) -> Signs | None:
    (n,) = expr.args
    return _PLUS if is_whole(n) and _within(n, _NOT_MINUS) else None


def _rounded(expr: Expr) -> Signs | None:
    found = signs(expr.args[0])
    return None if found is None else _NOT_MINUS if found <= _NOT_MINUS else ANY


def _of_piecewise(expr: Piecewise) -> Signs | None:
    if expr.args[-1].cond != S.true:
        return None
    found = [signs(branch.expr) for branch in expr.args]
    return None if any(one is None for one in found) else frozenset().union(*(one for one in found if one is not None))


def _of_total(expr: Sum | Product) -> Signs | None:
    """Signs of a finite sum or product that does not run backwards."""
    term = signs(expr.function)
    if term is None or not all(ordered(low, high) for _, low, high in expr.limits):
        return None
    neutral = 0 if isinstance(expr, Sum) else 1
    if isinstance(expr, Product):
        return term | {neutral} if term <= _NOT_MINUS else ANY
    if not (term <= _NOT_MINUS or term <= {-1, 0}):
        return ANY
    some = all(_within(expand(from_one(high - low)), _NOT_MINUS) for _, low, high in expr.limits)
    return term if some else term | {neutral}


def _of_integral(expr: Integral) -> Signs | None:
    """Signs of an integral of a nonnegative function that does not run backwards, where it exists."""
    term, forwards = signs(expr.function), True
    for _, low, high in expr.limits:
        if low != -oo and high != oo:
            found = signs(expand(high - low))
            if found is None or -1 in found:
                return None
            forwards = forwards and found == _PLUS
    if term is None or not term <= _NOT_MINUS:
        return None
    return term if forwards else _NOT_MINUS


_RULES: Mapping[type[Expr], Callable[[Expr], Signs | None]] = {
    Add: _of_sum,
    Mul: lambda e: _combined(e, mul),
    Pow: _of_power,
    exp: _positive,
    cosh: _positive,
    erfc: _positive,
    Phi: _positive,
    Q: _positive,
    log: _of_log,
    sinh: _odd,
    tanh: _odd,
    asinh: _odd,
    atan: _odd,
    erf: _odd,
    Si: _odd,
    sign: _odd,
    cos: _bounded,
    sin: _bounded,
    acosh: _of_acosh,
    asin: _of_asin,
    LambertW: _of_lambert,
    Abs: _of_modulus,
    Max: lambda e: _combined(e, max),
    Min: lambda e: _combined(e, min),
    binomial: _of_binomial,
    factorial: _of_factorial,
    floor: _rounded,
    ceiling: _rounded,
    KroneckerDelta: lambda _: _NOT_MINUS,
    Piecewise: _of_piecewise,
    Sum: _of_total,
    Integral: _of_integral,
    Product: _of_total,
}
