"""Kinks and convexity of the worst-case loss, and features that are not in the support."""

from sympy import Abs, Expr, Integer

from theory.algebra import Box, is_nonnegative
from theory.assumptions import Assumption
from theory.derivation import Conclusion, Step, StepError, theorem

OFF_SUPPORT = Assumption("off the support", "The feature is not active: its coordinate is zero.")


def not_in_support(expr: Expr, coordinate: Expr) -> Step:
    """The link from `expr` to its value at `coordinate = 0`, for a feature that is assumed to be inactive.

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
