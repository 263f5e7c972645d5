"""Kinks and convexity of the worst-case loss, and features that are not in the support."""

from sympy import Abs, Expr, Function, Integer

from theory.algebra import Box, is_nonnegative, reduces_to_zero
from theory.assumptions import Assumption
from theory.derivation import Conclusion, Derivation, Step, StepError, theorem

OFF_SUPPORT = Assumption("off the support", "The feature is not active: its coordinate is zero.")


def not_in_support(expr: Expr, coordinate: Expr) -> Step:
    """The link from `expr` to its value at `coordinate = 0`, for a feature that is assumed not to be active.

    Raises
    ------
    StepError
        If the coordinate does not occur.
    """
    if not expr.has(coordinate):
        raise StepError("support: the coordinate does not occur", expr)
    value = expr.subs(coordinate, Integer(0))
    hypotheses = (f"the feature is not in the support: {coordinate} = 0",)
    reason = "coordinates off the support vanish"
    return Step(expr, "=", value, reason, "assumption", hypotheses, given=(OFF_SUPPORT,))


@theorem(cites="Rockafellar, Convex Analysis, section 23")
def above_its_slopes(argument: Expr, slope: Expr, box: Box) -> Conclusion:
    """The link `|x| >= slope x`, for a subgradient of the modulus at 0: `|slope| <= 1`.

    Raises
    ------
    StepError
        If `1 - slope^2 >= 0` is not shown on `box`.
    """
    if not is_nonnegative(1 - slope**2, box):
        raise StepError("subgradient of the modulus: larger than 1", 1 - slope**2)
    return Conclusion(Abs(argument), ">=", slope * argument, "subgradient of the modulus", ("|slope| <= 1",))


class Norm(Function):  # type: ignore[misc]
    """A norm of a vector: `Norm(x)`."""

    nargs = 1
    is_extended_nonnegative = True
    is_extended_real = True
    is_finite = True

    def _latex(self, printer: object, exp: object = None) -> str:
        norm = rf"\left\|{printer._print(self.args[0])}\right\|"  # type: ignore[attr-defined]
        return norm if exp is None else rf"{norm}^{{{exp}}}"


@theorem(cites="Rudin, Principles of Mathematical Analysis, theorem 1.37")
def below_chord(norm: Abs | Norm, ends: tuple[Expr, Expr], t: Expr, box: Box) -> Conclusion:
    """The link `||(1-t) x + t y|| <= (1-t) ||x|| + t ||y||`, for a norm or a modulus; `ends` are `x` and `y`.

    Raises
    ------
    StepError
        If the argument is another, or `0 <= t <= 1` is not shown on `box`.
    """
    for gap in (t, 1 - t):
        if not is_nonnegative(gap, box):
            raise StepError("triangle inequality: the point may lie off the segment", gap)
    point = (1 - t) * ends[0] + t * ends[1]
    if norm.func not in (Abs, Norm) or not any(reduces_to_zero(norm.args[0] - sign * point) for sign in (1, -1)):
        raise StepError("triangle inequality: not the point of the segment", norm.args[0] - point)
    bound = (1 - t) * norm.func(ends[0]) + t * norm.func(ends[1])
    return Conclusion(norm, "<=", bound, "triangle inequality", (f"0 <= {t} <= 1",))


@theorem(cites="Rudin, Principles of Mathematical Analysis, proposition 1.18")
def square_keeps_order(chain: Derivation) -> Conclusion:
    """The link `x^2 <= y^2` from a chain that leads from `x >= 0` to `x <= y`.

    Raises
    ------
    StepError
        If the chain says something else, or `x` may be negative.
    """
    small = chain.definitions.get(chain.start, chain.start)
    if chain.relation not in ("<=", "<") or not is_nonnegative(small):
        raise StepError("order of squares: not shown", chain.end - small)
    return Conclusion(small**2, "<=", chain.end**2, "squaring keeps the order", ("0 <= x <= y",))
