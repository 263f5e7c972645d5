"""Decides by exact algebra whether an expression vanishes or keeps a sign.

This is the kernel that every derivation rests on. It answers True only when an exact rewriting ended in the
literal zero, or in an expression whose sign can be read off term by term; False means "not shown". It never lets
SymPy integrate. An equation holds wherever both sides are defined.
"""

from collections.abc import Callable, Mapping
from functools import cache
from itertools import count

from sympy import (
    Add,
    Basic,
    Derivative,
    Dummy,
    Expr,
    Indexed,
    Integer,
    MatrixExpr,
    Mul,
    Pow,
    Rational,
    S,
    Sum,
    Symbol,
    acosh,
    binomial,
    combsimp,
    expand,
    expand_log,
    expand_power_base,
    factor,
    fraction,
    gammasimp,
    logcombine,
    oo,
    powsimp,
    simplify,
    together,
)
from sympy import exp as exponential
from sympy.assumptions import Q, refine
from sympy.core.function import AppliedUndef
from sympy.core.relational import Relational

Box = Mapping[Symbol, tuple[Expr, Expr]]
"""Open ranges of symbols: `{p: (0, 2/3)}`; an end may be infinite or name symbols that come later."""

_DIGITS, _FAR = 30, Rational(1, 10**6)


def _counts(expr: Expr) -> Expr:
    """`expr`, if its binomials count something, else 1: at negative numbers SymPy's rules for them do not hold."""
    return expr if all(e.args[0].is_nonnegative for e in expr.atoms(binomial)) else S.One


def _simplified(expr: Expr) -> Expr:
    """`simplify(expr)`, or `expr` where SymPy (1.14) runs out of sums while it combines nested ones."""
    try:
        return simplify(_counts(expr), doit=False)
    except StopIteration:
        return expr


_REWRITES: tuple[Callable[[Expr], Expr], ...] = (
    lambda e: e,
    lambda e: e.doit(integrals=False),
    expand,
    lambda e: expand(fraction(together(e))[0]),
    lambda e: expand(expand_power_base(powsimp(e), force=False)),
    lambda e: expand(e.rewrite(exponential)),
    lambda e: expand(fraction(together(e.rewrite(exponential)))[0]),
    lambda e: expand(gammasimp(combsimp(_counts(e)))),
    lambda e: _simplified(expand_log(logcombine(e))),
    _simplified,
    lambda e: _simplified(e.doit(integrals=False)),
)


def reduces_to_zero(expr: Basic, orthogonal: tuple[MatrixExpr, ...] = ()) -> bool:
    """Whether an exact rewriting of `expr` ends in zero.

    Parameters
    ----------
    expr
        A scalar expression or a matrix expression of symbolic shape.
    orthogonal
        Matrices `M` with `M^T M = M M^T = I`.

    Returns
    -------
    bool
        True if some exact rewriting ended in the literal zero; False says only that none did.
    """
    if getattr(expr, "is_Matrix", False) or isinstance(expr, MatrixExpr):
        return _matrix_is_zero(expr, orthogonal)
    merged = merge_sums(expr)
    if merged != 0 and _is_plainly_nonzero(merged):
        return False
    return any(rewrite(merged) == 0 for rewrite in _REWRITES)


def _is_plainly_nonzero(expr: Expr) -> bool:
    """Whether `expr` is far from zero at one point of its symbols' range, which saves the rewritings; never a proof.

    Only expressions of plain symbols are looked at.
    """
    free = sorted(expr.free_symbols, key=str)
    if not all(isinstance(x, Symbol) for x in free) or expr.has(AppliedUndef, Derivative, Indexed, MatrixExpr):
        return False
    point = {x: Integer(2 + i) if x.is_integer else Rational(2 * i + 1, 2 * i + 4) for i, x in enumerate(free)}
    # Finite sums are added up: SymPy would look at terms that hold names, and cannot compare them.
    value = expr.xreplace(point).doit(integrals=False).evalf(_DIGITS)
    return bool(value.is_Number and value.is_finite and abs(value) > _FAR)


def _matrix_is_zero(expr: MatrixExpr, orthogonal: tuple[MatrixExpr, ...]) -> bool:
    facts = [Q.orthogonal(matrix) for matrix in orthogonal]
    current = expr.doit().expand()
    for _ in count():
        refined = current
        for fact in facts:
            refined = refine(refined, fact).doit()
        if refined == current:
            break
        current = refined
    return bool(current.is_ZeroMatrix) or all(entry == 0 for entry in _entries(current))


def _entries(matrix: MatrixExpr) -> list[Expr]:
    """Entries of an explicit matrix, simplified; one non-zero stand-in where the shape is symbolic."""
    if not all(isinstance(size, Integer) for size in matrix.shape):
        return [S.One]
    return [simplify(entry) for entry in matrix.as_explicit()]


def merge_sums(expr: Expr) -> Expr:
    """`expr` with sums over the same range added under one sum sign; a vanishing summand drops out."""
    summands: dict[tuple[Basic, ...], Expr] = {}
    rest: list[Expr] = []
    for term in Add.make_args(expand(expr)):
        sums = [f for f in Mul.make_args(term) if isinstance(f, Sum)]
        if len(sums) != 1:
            rest.append(term)
            continue
        factor_outside = term / sums[0]
        limits, function = _canonical(sums[0])
        summands[limits] = summands.get(limits, S.Zero) + factor_outside * function
    merged = [Sum(f, *limits) for limits, f in summands.items() if not reduces_to_zero(f)]
    return Add(*rest, *merged)


@cache
def _index(position: int) -> Dummy:
    """The index of the sum at that depth: a dummy, which no symbol of an expression can equal."""
    return Dummy(f"i_{position}", integer=True)


def _canonical(total: Sum) -> tuple[tuple[Basic, ...], Expr]:
    """Limits and summand with the indices renamed by position, so that equal ranges compare equal."""
    limits, function = list(total.limits), total.function
    for position, (index, low, high) in enumerate(limits):
        fresh = _index(position)
        function = function.xreplace({index: fresh})
        limits = [
            (x.xreplace({index: fresh}), lo.xreplace({index: fresh}), hi.xreplace({index: fresh}))
            if place <= position
            else (x, lo, hi)
            for place, (x, lo, hi) in enumerate(limits)
        ]
        limits[position] = (fresh, low, high)
    return tuple(S(limit) for limit in limits), function


def is_nonnegative(expr: Expr, box: Box | None = None) -> bool:
    """Whether `expr >= 0` follows term by term on the closure of `box`; False means "not shown"."""
    return _keeps_sign(expr, box or {}, lambda e: e.is_nonnegative)


def is_positive(expr: Expr, box: Box | None = None) -> bool:
    """Whether `expr > 0` follows term by term on the open `box`; False means "not shown"."""
    return _keeps_sign(expr, box or {}, lambda e: e.is_positive)


def _keeps_sign(expr: Expr, box: Box, sign: Callable[[Expr], bool | None]) -> bool:
    if sign(expr):
        return True
    free = onto_positive_axis(_name_sums(_name_arccosh(expr, box), box), box)
    candidates = (free, expand(free), factor(together(free)), _expanded_fraction(free))
    return any(_sign_by_factors(candidate, sign) for candidate in candidates)


def _name_arccosh(expr: Expr, box: Box) -> Expr:
    """`expr` with each `acosh(y)`, `y >= 1`, under a name: all that is used of it is that it is not negative."""
    shown = [node for node in expr.atoms(acosh) if is_nonnegative(node.args[0] - 1, box)]
    return expr.xreplace({node: Dummy("arccosh", nonnegative=True) for node in shown})


def _name_sums(expr: Expr, box: Box) -> Expr:
    """`expr` with each finite sum of terms that are not negative under a name: it is a real number, not negative."""
    shown = [node for node in expr.atoms(Sum) if not node.has(oo) and is_nonnegative(node.function, box)]
    return expr.xreplace({node: Dummy("sum", nonnegative=True) for node in shown})


def _sign_by_factors(expr: Expr, sign: Callable[[Expr], bool | None]) -> bool:
    if sign(expr):
        return True
    return isinstance(expr, Mul) and all(
        sign(part) or _sign_of_power(part, sign) or sign(expand(part)) for part in expr.args
    )


def _sign_of_power(expr: Expr, sign: Callable[[Expr], bool | None]) -> bool | None:
    """The sign of an integer power by that of its base, which must not be zero under a negative power."""
    if not (isinstance(expr, Pow) and expr.exp.is_integer):
        return False
    base = expand(expr.base)
    return sign(base) if expr.exp.is_nonnegative else base.is_positive


def _expanded_fraction(expr: Expr) -> Expr:
    numerator, denominator = fraction(together(expr))
    return expand(numerator) / expand(denominator)


def onto_positive_axis(expr: Expr, box: Box) -> Expr:
    """`expr` with each boxed symbol written through one positive variable: `x = (lo + hi t)/(1 + t)`.

    An infinite end becomes `x = lo + t` or `x = hi - t`. The map is a bijection from `t > 0` to the open range.
    """
    for symbol, ends in box.items():
        expr = expr.subs(symbol, _image(Dummy(f"t_{symbol.name}", positive=True), *ends))
    return expr


def _image(t: Expr, low: Expr, high: Expr) -> Expr:
    if (low, high) == (-oo, oo):
        return t - 1 / t
    if high == oo:
        return low + t
    return high - t if low == -oo else (low + high * t) / (1 + t)


def relation_holds(relation: Relational, box: Box | None = None) -> bool:
    """Whether an equation or inequality is shown by exact algebra on the open `box`."""
    gap = relation.rhs - relation.lhs
    match relation.rel_op:
        case "==":
            return reduces_to_zero(gap)
        case "<=":
            return is_nonnegative(gap, box)
        case "<":
            return is_positive(gap, box)
        case ">=":
            return is_nonnegative(-gap, box)
        case ">":
            return is_positive(-gap, box)
    return False
