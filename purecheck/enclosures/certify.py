"""Certified values of closed forms: ball arithmetic (Arb, through python-flint) over SymPy expressions."""

from collections.abc import Mapping

import sympy
from flint import acb, arb, ctx
from sympy import Basic, Expr, Symbol
from sympy.core.relational import Relational
from sympy.logic.boolalg import And

from purecheck.enclosures.balls import ball
from purecheck.enclosures.problems import NotEnclosedError, NotRealError

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
        value = ball(expr, {symbol: acb(values) for symbol, values in box.items()})
    finally:
        ctx.prec = before
    if not value.imag.contains(0):
        raise NotRealError(f"{expr} is not real")
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
