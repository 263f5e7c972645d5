"""Exact algebra: decide whether an expression vanishes or keeps a sign.

Every derivation rests on this kernel. It answers True only if an exact rewriting ended in the literal zero, or in an
expression whose sign follows node by node (`theory.signs`); False means "not shown". It never lets SymPy integrate. An
equation holds wherever both sides are defined.
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
    Integral,
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
    nan,
    oo,
    powsimp,
    simplify,
    together,
    zoo,
)
from sympy import exp as exponential
from sympy.assumptions import Q, refine
from sympy.concrete.expr_with_limits import ExprWithLimits
from sympy.core.function import AppliedUndef, Function

from theory.laws import closed_range
from theory.signs import Signs, from_one, is_whole, ordered, signs

NOT_NEGATIVE: Signs = frozenset({0, 1})
POSITIVE: Signs = frozenset({1})

Box = Mapping[Symbol, tuple[Expr, Expr]]
"""Open ranges of symbols, as `{p: (0, 2/3)}`; an end may be infinite or contain symbols that come later."""

_DIGITS, _FAR = 50, Rational(1, 10**25)
"""Digits of the numerical test that saves rewritings, and how far from zero a value must be to count as nonzero. The
test can only skip work, never confirm a link, so half of the digits as a margin is ample."""

_UNROLLED = 40
"""Number of terms up to which costly rewritings are tried; the work for a common denominator doubles with each."""


def _counts(expr: Expr) -> Expr:
    """`expr`, if its binomials count something, else 1: at negative numbers SymPy's rules for them do not hold."""
    return expr if all(_has_sign(e.args[0], NOT_NEGATIVE) for e in expr.atoms(binomial)) else S.One


def _simplified(expr: Expr) -> Expr:
    """`simplify(expr)`, or `expr` where SymPy (1.14) runs out of sums while it combines nested ones."""
    try:
        return simplify(_counts(expr), doit=False)
    except StopIteration:
        return expr


_CHEAP: tuple[Callable[[Expr], Expr], ...] = (
    lambda e: e,
    lambda e: e.doit(integrals=False),
    expand,
)
_COSTLY: tuple[Callable[[Expr], Expr], ...] = (
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
    if not is_well_formed(expr, shown=False):
        return False
    expr = _with_names_kept(expr)
    merged = merge_sums(expr)
    if merged != 0 and _is_plainly_nonzero(merged):
        return False
    if any(rewrite(merged) == 0 for rewrite in _CHEAP):
        return True
    return _is_short(merged) and any(rewrite(merged) == 0 for rewrite in _COSTLY)


def _with_names_kept(expr: Expr) -> Expr:
    """`expr` with a dummy for each function that has a meaning by definition only: evaluating it is not algebra."""
    names = [f for f in expr.atoms(Function) if not has_meaning(type(f))]
    return expr.xreplace({name: _stand_in(name) for name in names})


def has_meaning(kind: type[Function]) -> bool:
    """Whether a function has a meaning by itself: one of SymPy, of the normal law or of a theorem.

    A quantity of the model has one if its class sets `by_definition`.
    """
    if getattr(kind, "by_definition", False):
        return True
    return not issubclass(kind, AppliedUndef) and kind.__module__.startswith(
        ("sympy.", "theory.theorems.", "theory.model")
    )


@cache
def _stand_in(name: Function) -> Dummy:
    return Dummy(type(name).__name__, **{key: value for key, value in name.assumptions0.items() if value is not None})


def _is_short(expr: Expr) -> bool:
    """Whether every sum in `expr`, also after writing out summation signs, is short enough for costly rewritings."""
    return all(len(e.args) <= _UNROLLED for e in expr.doit(integrals=False).atoms(Add))


def _is_plainly_nonzero(expr: Expr) -> bool:
    """Whether `expr` is nonzero at one point in the range of its symbols, which saves the rewritings; never a proof.

    Only expressions in plain symbols are tested.
    """
    if not expr.free_symbols:
        found = signs(expr.doit(integrals=False))
        if found is not None and 0 not in found:
            return True
    free = sorted(expr.free_symbols, key=str)
    if not all(isinstance(x, Symbol) for x in free):
        return False
    # Integrals have a value, too, but it takes longer than the rewritings.
    if expr.has(AppliedUndef, Derivative, Indexed, Integral, MatrixExpr):
        return False
    point = {x: Integer(2 + i) if x.is_integer else Rational(2 * i + 1, 2 * i + 4) for i, x in enumerate(free)}
    # Finite sums are written out first: SymPy cannot compare terms that contain names.
    value = _added_up(expr.xreplace(point)).doit(integrals=False).evalf(_DIGITS, maxn=2 * _DIGITS)
    return bool(value.is_Number and value.is_finite and abs(value) > _FAR)


def _added_up(expr: Expr) -> Expr:
    """`expr` with every sum between whole numbers written out, the outermost first.

    SymPy's `doit` takes the innermost first, whose limits are symbols then: it searches for a telescoping form, which
    takes minutes for a summand with exponentials.
    """
    return expr.xreplace({total: _written_out(total) for total in expr.atoms(Sum)})


def _written_out(total: Sum) -> Expr:
    index, low, high = total.limits[-1]
    if not (isinstance(low, Integer) and isinstance(high, Integer)) or not -1 <= high - low < _UNROLLED:
        return total  # the limits stay symbols, run backwards, or are too far apart
    inner = total.function if len(total.limits) == 1 else Sum(total.function, *total.limits[:-1])
    return Add(*(_added_up(inner.xreplace({index: Integer(value)})) for value in range(low, high + 1)))


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
    """`expr` with sums over the same range combined under one summation sign; a vanishing summand is dropped."""
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
    """Whether `expr >= 0` follows node by node on the closure of `box`; False means "not shown".

    Examples
    --------
    >>> x = Symbol("x", real=True)
    >>> is_nonnegative(x**2 + 1), is_nonnegative(x)
    (True, False)
    >>> is_nonnegative(x, {x: (0, oo)})
    True
    """
    return _keeps_sign(expr, box or {}, NOT_NEGATIVE)


def is_positive(expr: Expr, box: Box | None = None) -> bool:
    """Whether `expr > 0` follows node by node on the open `box`; False means "not shown"."""
    return _keeps_sign(expr, box or {}, POSITIVE)


def _keeps_sign(expr: Expr, box: Box, allowed: Signs) -> bool:
    if not is_well_formed(expr, shown=False):
        return False
    if _has_sign(expr, allowed):
        return True
    free = onto_positive_axis(_name_sums(_name_arccosh(expr, box), box), box)
    if _has_sign(free, allowed):
        return True
    if not _is_short(free):
        return _sign_by_factors(expand(free), allowed)
    candidates = (free, expand(free), factor(together(free)), _expanded_fraction(free))
    return any(_sign_by_factors(candidate, allowed) for candidate in candidates)


def _has_sign(expr: Expr, allowed: Signs) -> bool:
    found = signs(expr)
    return found is not None and found <= allowed


def _name_arccosh(expr: Expr, box: Box) -> Expr:
    """`expr` with a nonnegative name for each `acosh(y)`, `y >= 1`: its sign is all that is used of it."""
    shown = [node for node in expr.atoms(acosh) if is_nonnegative(node.args[0] - 1, box)]
    return expr.xreplace({node: Dummy("arccosh", nonnegative=True) for node in shown})


def _name_sums(expr: Expr, box: Box) -> Expr:
    """`expr` with a nonnegative name for each finite sum of nonnegative terms."""
    shown = [node for node in expr.atoms(Sum) if is_well_formed(node, box) and is_nonnegative(node.function, box)]
    return expr.xreplace({node: Dummy("sum", nonnegative=True) for node in shown})


def _sign_by_factors(expr: Expr, allowed: Signs) -> bool:
    """Whether the sign follows, where every factor of a product may be multiplied out first."""
    if _has_sign(expr, allowed):
        return True
    if not isinstance(expr, Mul):
        return False
    return _has_sign(Mul(*(_sharper(part) for part in expr.args), evaluate=False), allowed)


def _sharper(part: Expr) -> Expr:
    """A factor, or the same multiplied out where that leaves fewer signs; a power by its base."""
    base, power = part.as_base_exp() if isinstance(part, Pow) and is_whole(part.exp) else (part, S.One)
    opened = expand(base)
    known, found = signs(base), signs(opened)
    return part if found is None or (known is not None and known <= found) else Pow(opened, power, evaluate=False)


def _expanded_fraction(expr: Expr) -> Expr:
    numerator, denominator = fraction(together(expr))
    return expand(numerator) / expand(denominator)


def is_well_formed(expr: Basic, box: Box | None = None, *, shown: bool = True) -> bool:
    """Whether every sum and product in `expr` is finite and runs forwards, and every index keeps its assumptions.

    Parameters
    ----------
    box
        Ranges of the symbols in the limits.
    shown
        Whether the order of the limits must be shown; if not, it must not be refuted.
    """
    if expr.has(nan, zoo):
        return False
    for node in expr.atoms(ExprWithLimits):
        if any(len(limits) != 3 for limits in node.limits):
            return False
        for index, low, high in node.limits:
            if not _supports(index, low, high, box, is_sum=not isinstance(node, Integral)):
                return False
        if isinstance(node, Integral):
            continue
        for _, low, high in node.limits:
            if low.has(oo, -oo) or high.has(oo, -oo) or _has_sign(high - low + 1, frozenset({-1})):
                return False
            if shown and not (ordered(low, high) or is_nonnegative(high - low + 1, box)):
                return False
    return True


def _supports(index: Symbol, low: Expr, high: Expr, box: Box | None, *, is_sum: bool) -> bool:
    """Whether each value between the limits has the assumptions that the index declares.

    Numbers beyond the lower limit are not negative if it is not, and likewise below the upper one.
    """
    declared = {name for name, value in index.assumptions0.items() if value and name in _RANGES}
    if (index.is_integer and not is_sum) or any(index.assumptions0.get(name) for name in _SPECIAL):
        return False
    for name in declared:
        end, side = (low, 1) if _RANGES[name] > 0 else (high, -1)
        strict = abs(_RANGES[name]) == 2 and is_sum
        if end in (oo, -oo):
            if end != side * oo:
                return False
        elif not (is_positive if strict else is_nonnegative)(side * end, box):
            return False
    return True


_RANGES = {"positive": 2, "nonnegative": 1, "negative": -2, "nonpositive": -1}
"""What an index may declare of its range: the side of zero, 2 where zero itself is excluded."""
_SPECIAL = ("even", "odd", "prime", "composite", "zero", "irrational", "imaginary", "noninteger")
"""What no range of an index supports."""


def lies_within(box: Box, other: Box, *, strict: bool = False) -> bool:
    """Whether a box lies inside another; a symbol that a box does not name ranges over what it declares.

    Parameters
    ----------
    strict
        Whether what is said on the other box may fail at its ends: the closed ranges of the model do not lie in it.
    """
    for x, ends in other.items():
        known = None if strict else closed_range(x)
        if not _covers(ends, box.get(x, known or _declared_range(x)), box):
            return False
    return True


def meet(box: Box, other: Box) -> Box:
    """The ranges that two boxes share.

    Raises
    ------
    ValueError
        If both name a symbol, and neither range is shown to lie in the other.
    """
    shared = {**box, **other}
    for x in box:
        if x in other and not _covers(box[x], other[x], shared):
            if not _covers(other[x], box[x], shared):
                raise ValueError(f"neither range of {x} lies in the other")
            shared[x] = box[x]
    return shared


def _covers(ends: tuple[Expr, Expr], inner: tuple[Expr, Expr], box: Box) -> bool:
    (low, high), (start, stop) = ends, inner
    below = low in (start, -oo) or (start != -oo and is_nonnegative(start - low, box))
    above = high in (stop, oo) or (stop != oo and is_nonnegative(high - stop, box))
    return below and above


def _declared_range(symbol: Basic) -> tuple[Expr, Expr]:
    return (S.Zero if symbol.is_nonnegative else -oo, S.Zero if symbol.is_nonpositive else oo)


def onto_positive_axis(expr: Expr, box: Box) -> Expr:
    """`expr` with each boxed symbol written through one positive variable: `x = (lo + hi t)/(1 + t)`.

    An infinite end becomes `x = lo + t` or `x = hi - t`. The map is a bijection from `t > 0` to the open range. A
    positive integer `n` becomes `1 + k`.
    """
    for symbol, ends in box.items():
        expr = expr.subs(symbol, _image(Dummy(f"t_{symbol.name}", positive=True), *ends))
    return from_one(expr)


def _image(t: Expr, low: Expr, high: Expr) -> Expr:
    if (low, high) == (-oo, oo):
        return t - 1 / t
    if high == oo:
        return low + t
    return high - t if low == -oo else (low + high * t) / (1 + t)
