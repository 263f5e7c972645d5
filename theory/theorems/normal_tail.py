"""A bound on the upper tail of the standard normal law."""

from sympy import Expr, Integer, Symbol, exp, limit, oo, pi, sqrt

from theory.algebra import Box, is_nonnegative, is_positive, reduces_to_zero
from theory.derivation import Conclusion, Relation, StepError, theorem
from theory.model import Q, phi
from theory.theorems.calculus import require_smooth


@theorem(cites="Feller, An Introduction to Probability Theory and Its Applications, vol. 1, section VII.1")
def tail_bound(t: Expr, box: Box | None = None, *, strict: bool = False) -> Conclusion:
    r"""The link $Q(t) \le \tfrac12 e^{-t^2/2}$ for $t \ge 0$; with `strict` $<$ for $t > 0$.

    $h(t) = \tfrac12 e^{-t^2/2} - Q(t)$ vanishes at zero and at infinity, and $h' = \phi(t)\,(1 - t\sqrt{\pi/2})$, whose
    second factor decreases strictly: `h` increases first and decreases then, so it is positive between.

    Raises
    ------
    StepError
        If `t >= 0`, or `t > 0`, is not shown on `box`.
    """
    if not (is_positive if strict else is_nonnegative)(t, box):
        raise StepError("normal tail: the argument may be negative", t)
    x = Symbol("x", positive=True)
    h = exp(-(x**2) / 2) / 2 - Q(x)
    rises_then_falls(h, x, phi(x), 1 - x * sqrt(pi / 2))
    relation: Relation = "<" if strict else "<="
    hypothesis = f"{t} > 0" if strict else f"{t} >= 0"
    return Conclusion(Q(t), relation, exp(-(t**2) / 2) / 2, "bound on the normal tail", (hypothesis,))


@theorem(cites="Rudin, Principles of Mathematical Analysis, theorem 5.11")
def rises_then_falls(h: Expr, x: Symbol, scale: Expr, core: Expr) -> Conclusion:
    """The link `h >= 0` for `x > 0`: `h` vanishes at both ends, `h' = scale * core`, `scale > 0`, `core` decreases.

    Raises
    ------
    StepError
        If one of the hypotheses is not shown.
    """
    for part in (h, core):
        require_smooth(part, x, (Integer(0), oo))
    if not reduces_to_zero(h.diff(x) - scale * core):
        raise StepError("rise and fall: the derivative does not factor so", h.diff(x) - scale * core)
    if not (is_positive(scale) and is_nonnegative(-core.diff(x))):
        raise StepError("rise and fall: the sign of the derivative may change from minus to plus", core)
    for end in (limit(h.doit(), x, 0), limit(h.doit(), x, oo)):
        if not reduces_to_zero(end):
            raise StepError("rise and fall: does not vanish at an end", end)
    hypotheses = ("h(0) = h(oo) = 0", "h' = scale * core", "scale > 0", "core' <= 0")
    return Conclusion(h, ">=", Integer(0), "mean value theorem", hypotheses)
