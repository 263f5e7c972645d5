"""The effect of an attack of bounded size on a pre-activation."""

from typing import Any

from sympy import Abs, Basic, Expr, Function, Integer, Max, Symbol

from theory.algebra import Box, is_nonnegative, is_positive
from theory.derivation import Conclusion, StepError, theorem

_T = Symbol("t", real=True)


class Largest(Function):  # type: ignore[misc]
    r"""Largest value of `f` over $|t| \le R$: `Largest(f, t, R)`."""

    nargs = 3

    @property
    def bound_symbols(self) -> list[Basic]:
        """The variable."""
        return [self.args[1]]

    def _latex(self, printer: Any, exp: Any = None) -> str:
        return _over_interval(r"\max", self, printer)


class Least(Function):  # type: ignore[misc]
    r"""Least value of `f` over $|t| \le R$: `Least(f, t, R)`."""

    nargs = 3

    @property
    def bound_symbols(self) -> list[Basic]:
        """The variable."""
        return [self.args[1]]

    def _latex(self, printer: Any, exp: Any = None) -> str:
        return _over_interval(r"\min", self, printer)


@theorem(cites="Rudin, Principles of Mathematical Analysis, proposition 1.18")
def largest_modulus(u: Expr, reach: Expr) -> Conclusion:
    r"""The link $\max_{|t| \le R} |u + t| = u + R$ for `u >= 0`.

    The numbers `u + t` fill the interval from `u - R` to `u + R`, whose upper end is farthest from zero.

    Raises
    ------
    StepError
        If `u` or the reach is not shown to be nonnegative.
    """
    _require_nonnegative(u, reach)
    left = Largest(Abs(u + _T), _T, reach)
    return Conclusion(left, "=", u + reach, "the end farthest from zero, at t = R", ("u >= 0", "R >= 0"))


@theorem(cites="Rudin, Principles of Mathematical Analysis, proposition 1.18")
def least_modulus(u: Expr, reach: Expr) -> Conclusion:
    r"""The link $\min_{|t| \le R} |u + t| = \max(0, u - R)$ for `u >= 0`.

    The numbers `u + t` fill the interval from `u - R` to `u + R`. It holds zero if `u <= R`, and otherwise its lower
    end is nearest to zero.

    Raises
    ------
    StepError
        If `u` or the reach is not shown to be nonnegative.
    """
    _require_nonnegative(u, reach)
    left = Least(Abs(u + _T), _T, reach)
    reason = "the point nearest to zero, at t = -min(u, R)"
    return Conclusion(left, "=", Max(Integer(0), u - reach), reason, ("u >= 0", "R >= 0"))


@theorem(cites="Rudin, Principles of Mathematical Analysis, proposition 1.18")
def each_below(greatest: Max, bound: Expr, box: Box | None = None) -> Conclusion:
    """The link `max(x, y, ...) < bound`, where every argument is below it.

    Raises
    ------
    StepError
        If this is not shown for some argument on `box`.
    """
    for argument in greatest.args:
        if not is_positive(bound - argument, box):
            raise StepError("maximum: an argument may reach the bound", bound - argument)
    hypotheses = tuple(f"{argument} < {bound}" for argument in greatest.args)
    return Conclusion(greatest, "<", bound, "every argument of the maximum is below", hypotheses)


@theorem(cites="Rudin, Principles of Mathematical Analysis, proposition 1.18")
def one_of(greatest: Max, argument: Expr) -> Conclusion:
    """The link `max(x, y, ...) >= x`.

    Raises
    ------
    StepError
        If `x` is not among the arguments.
    """
    if argument not in greatest.args:
        raise StepError("maximum: not one of its arguments", argument)
    return Conclusion(greatest, ">=", argument, "a maximum is at least each argument")


def _require_nonnegative(*exprs: Expr) -> None:
    for expr in exprs:
        if not is_nonnegative(expr):
            raise StepError("modulus: may be negative", expr)


def _over_interval(name: str, extreme: Function, printer: Any) -> str:
    f, t, reach = (printer._print(argument) for argument in extreme.args)
    return rf"{name}_{{|{t}| \le {reach}}} {f}"
