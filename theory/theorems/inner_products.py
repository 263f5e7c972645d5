"""The Cauchy-Schwarz inequality, for finite sums and for expectations."""

from sympy import Dummy, Expr, Sum, Tuple

from theory.algebra import is_nonnegative, reduces_to_zero
from theory.derivation import Conclusion, StepError, theorem
from theory.theorems.indicators import Mean


@theorem(cites="Rudin, Principles of Mathematical Analysis, theorem 1.35")
def cauchy_schwarz(x: Expr, y: Expr, limits: Tuple | None = None, *, quotient: bool = False) -> Conclusion:
    r"""The link $\langle x, y\rangle^2 \le \|x\|^2 \|y\|^2$, with `<x, y>` the sum of `x y` over an index, or `E[x y]`.

    The expansion of $\|x - t y\|^2 \ge 0$ at $t = \langle x, y\rangle/\|y\|^2$ is checked here; where `y` vanishes,
    both sides are zero.

    Parameters
    ----------
    x, y
        Generic entries of two vectors, or two random numbers with finite second moments.
    limits
        Index and range of the sum; without them the inner product is the expectation of the product.
    quotient
        Whether to state it as $\|x\|^2 \ge \langle x, y\rangle^2/\|y\|^2$, where `y` is not zero.

    Raises
    ------
    StepError
        If `x` or `y` is not known to be real, or the expansion is another.
    """
    if not (is_nonnegative(x**2) and is_nonnegative(y**2) and is_nonnegative((x + y) ** 2)):
        raise StepError("Cauchy-Schwarz inequality: not real", x * y)
    t, xx, xy, yy = (Dummy(name, real=True) for name in ("t", "xx", "xy", "yy"))
    length = xx - 2 * t * xy + t**2 * yy
    if not reduces_to_zero(yy * length.subs(t, xy / yy) - (xx * yy - xy**2)):
        raise StepError("Cauchy-Schwarz inequality: the expansion is another", length)
    product, first, second = (Mean(f) if limits is None else Sum(f, limits) for f in (x * y, x**2, y**2))
    hypotheses = ("x and y are real", "finite second moments" if limits is None else "a finite sum")
    reason = "Cauchy-Schwarz inequality"
    if quotient:
        return Conclusion(first, ">=", product**2 / second, reason, (*hypotheses, "y is not zero"))
    return Conclusion(product**2, "<=", first * second, reason, hypotheses)
