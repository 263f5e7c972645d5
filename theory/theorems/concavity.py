"""A concave function lies above its chord and below its tangents."""

from sympy import Expr, Integer, Symbol, limit

from theory.algebra import Box, is_nonnegative, reduces_to_zero
from theory.derivation import Conclusion, StepError, theorem
from theory.theorems.calculus import require_smooth


@theorem(cites="Boyd and Vandenberghe, Convex Optimization, section 3.1.1")
def above_chord(f: Expr, x: Symbol, curvature: Expr, at: Expr, box: Box | None = None) -> Conclusion:
    """The link `f(at) >= (1 - at) f(0) + at f(1)` for a concave `f` on `[0, 1]`.

    `curvature` is a form of `f''` whose sign can be read off; that it equals `f''` is checked.

    Raises
    ------
    StepError
        If `f` is not shown to be concave and continuous, or `at` to lie in `[0, 1]` on `box`.
    """
    _require_concave(f, x, curvature)
    _require_within(at, box)
    chord = (1 - at) * f.subs(x, 0) + at * f.subs(x, 1)
    hypotheses = ("f'' <= 0 on (0, 1)", "f is continuous at 0 and 1", f"0 <= {at} <= 1")
    return Conclusion(f.subs(x, at), ">=", chord, "a concave function lies above its chord", hypotheses)


@theorem(cites="Boyd and Vandenberghe, Convex Optimization, section 3.1.3")
def below_tangent(f: Expr, x: Symbol, curvature: Expr, at: Expr, box: Box | None = None) -> Conclusion:
    """The link `f(at) <= f(0) + at f'(0)` for a concave `f` on `[0, 1]`; `curvature` as in `above_chord`.

    Raises
    ------
    StepError
        If `f` is not shown to be concave and continuous, or `at` to lie in `[0, 1]` on `box`.
    """
    _require_concave(f, x, curvature)
    _require_within(at, box)
    tangent = f.subs(x, 0) + at * f.diff(x).subs(x, 0)
    hypotheses = ("f'' <= 0 on (0, 1)", "f is continuous at 0 and 1", f"0 <= {at} <= 1")
    return Conclusion(f.subs(x, at), "<=", tangent, "a concave function lies below its tangent", hypotheses)


def _require_concave(f: Expr, x: Symbol, curvature: Expr) -> None:
    require_smooth(f, x, (Integer(0), Integer(1)))
    if not reduces_to_zero(f.diff(x, 2) - curvature):
        raise StepError("concavity: not the second derivative", f.diff(x, 2) - curvature)
    if not is_nonnegative(-curvature, {x: (Integer(0), Integer(1))}):
        raise StepError("concavity: the second derivative may be positive", curvature)
    for end, side in ((0, "+"), (1, "-")):
        jump = limit(f, x, end, side) - f.subs(x, end)
        if not reduces_to_zero(jump):
            raise StepError("concavity: not continuous at an end", jump)


def _require_within(at: Expr, box: Box | None) -> None:
    for gap in (at, 1 - at):
        if not is_nonnegative(gap, box):
            raise StepError("concavity: the point may lie outside [0, 1]", gap)
