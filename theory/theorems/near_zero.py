"""Activations near zero, where the pre-activation of an inactive node lies."""

from typing import Any

from sympy import Abs, Derivative, Expr, Function, Integer, Piecewise, Subs, Symbol, oo, true
from sympy.core.relational import Relational

from theory.algebra import Box, is_nonnegative, is_positive, reduces_to_zero
from theory.derivation import Conclusion, StepError, theorem
from theory.theorems.attack_ball import Largest
from theory.theorems.calculus import require_smooth


class Act(Function):  # type: ignore[misc]
    """An activation, differentiable at zero."""

    nargs = 1
    is_extended_real = True

    def fdiff(self, argindex: int = 1) -> Expr:
        """Its slope at the argument."""
        return Slope(self.args[0])

    def _latex(self, printer: Any, exp: Any = None) -> str:
        return rf"\mathrm{{act}}\left({printer._print(self.args[0])}\right)"


class Slope(Function):  # type: ignore[misc]
    """Derivative of the activation."""

    nargs = 1
    is_extended_real = True

    def _latex(self, printer: Any, exp: Any = None) -> str:
        power = f"^{{{exp}}}" if exp is not None else ""
        return rf"\mathrm{{act}}'{power}\left({printer._print(self.args[0])}\right)"


def slope_at_zero(f: Expr, v: Symbol) -> Subs:
    """The derivative of `f` at `v = 0`, left unevaluated."""
    return Subs(Derivative(f, v), v, 0)


@theorem(cites="Rudin, Principles of Mathematical Analysis, definition 5.1")
def flat_at_zero(f: Piecewise, v: Symbol, reach: Expr, box: Box) -> Conclusion:
    """The link `f'(0) = 0`: `f` is constant where `|v| < reach`, `reach > 0`.

    Raises
    ------
    StepError
        If one of the hypotheses is not shown.
    """
    _require_constant(f, v, reach, box)
    if not is_positive(reach, box):
        raise StepError("flat at zero: the range may be empty", reach)
    hypotheses = (f"constant where |{v}| < {reach}", f"{reach} > 0")
    return Conclusion(slope_at_zero(f, v), "=", Integer(0), "constant around zero", hypotheses)


@theorem(cites="Rudin, Principles of Mathematical Analysis, proposition 1.18")
def still_within(f: Piecewise, v: Symbol, reach: Expr, threshold: Expr, box: Box) -> Conclusion:
    """The link `max |f(v) - f(0)| = 0` over `|v| <= reach`, `f` constant below `threshold > reach >= 0`.

    Raises
    ------
    StepError
        If one of the hypotheses is not shown.
    """
    _require_constant(f, v, threshold, box)
    if not (is_positive(threshold - reach, box) and is_nonnegative(reach, box)):
        raise StepError("constant on the range: it may reach the threshold", threshold - reach)
    change = Largest(Abs(f - f.args[-1].expr), v, reach)
    return Conclusion(change, "=", Integer(0), "constant on the range", (f"|{v}| <= {reach} < {threshold}",))


@theorem(cites="Rudin, Principles of Mathematical Analysis, proposition 1.18")
def of_a_constant(largest: Largest, f: Expr, value: Expr) -> Conclusion:
    """The link from a largest value to the value at `f = value`, for `f` constant on the range.

    Raises
    ------
    StepError
        If the expression still varies then.
    """
    expr, v, _ = largest.args
    right = expr.subs(f, value)
    if right.has(v):
        raise StepError("constant on the range: it still varies", right)
    return Conclusion(largest, "=", right, "constant on the range", (f"{f} = {value} on the range",))


@theorem(cites="Rudin, Principles of Mathematical Analysis, proposition 1.18")
def at_least_anywhere(largest: Largest, share: Symbol, box: Box) -> Conclusion:
    """The link: the largest value over `|v| <= R` is at least the one at `v = share R`, `|share| <= 1`.

    Raises
    ------
    StepError
        If the point may lie outside.
    """
    expr, v, reach = largest.args
    if not (is_nonnegative(1 - share, box) and is_nonnegative(1 + share, box)):
        raise StepError("largest value: the point may lie outside", share)
    return Conclusion(largest, ">=", expr.subs(v, share * reach), "a point of the range", (f"|{share}| <= 1",))


@theorem(cites="Rudin, Principles of Mathematical Analysis, theorem 5.11")
def largest_of_odd(f: Expr, v: Symbol, reach: Expr) -> Conclusion:
    """The link `max |f(v)| = f(reach)` over `|v| <= reach`, for `f` odd and increasing.

    Raises
    ------
    StepError
        If one of these is not shown.
    """
    require_smooth(f, v, (-oo, oo))
    if not reduces_to_zero(f + f.subs(v, -v)) or not is_nonnegative(f.diff(v)):
        raise StepError("largest value: not odd and increasing", f)
    left = Largest(Abs(f), v, reach)
    return Conclusion(left, "=", f.subs(v, reach), "odd and increasing: largest at the end", ("f' >= 0", "f odd"))


def _require_constant(f: Piecewise, v: Symbol, reach: Expr, box: Box) -> None:
    """Check that each branch of `f` but the last, which is constant, lies at `|v| >= reach`."""
    *branches, last = f.args
    if last.expr.has(v) or last.cond is not true:
        raise StepError("constant around zero: the last branch varies", last.expr)
    for branch in branches:
        if not _lies_outside(branch.cond, v, reach, box):
            raise StepError("constant around zero: a branch may be nearer", branch.cond)


def _lies_outside(condition: Relational, v: Symbol, reach: Expr, box: Box) -> bool:
    return condition.gts in (Abs(v), v, -v) and is_nonnegative(condition.lts - reach, box)
