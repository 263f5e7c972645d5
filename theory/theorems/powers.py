"""Sums of powers, as in the l_q norms, and maxima of a few numbers."""

from sympy import Abs, Expr, Max

from theory.algebra import Box, is_nonnegative, is_positive, reduces_to_zero
from theory.derivation import Conclusion, Step, StepError, theorem


@theorem(cites="Rudin, Principles of Mathematical Analysis, proposition 1.18")
def power_on_support(link: Step, indicator: Expr, q: Expr) -> Conclusion:
    """The link `B |x|^q = B |y|^q` from the link `B x = B y`, for an indicator `B`.

    Raises
    ------
    StepError
        If the link is not an equation of that form.
    """
    x, y = (side / indicator for side in (link.left, link.right))
    if link.relation != "=" or x.has(indicator) or y.has(indicator):
        raise StepError("powers: not an equation on the support", link.left)
    hypotheses = (f"{indicator} is 0 or 1", *link.hypotheses)
    left, right = (indicator * Abs(side) ** q for side in (x, y))
    return Conclusion(left, "=", right, f"powers: {link.reason}", hypotheses)


@theorem(cites="Rudin, Principles of Mathematical Analysis, theorem 1.21")
def root_exceeds(total: Expr, bound: Expr, gap: Step, q: Expr) -> Conclusion:
    """The link `total^(1/q) > bound^(1/q)`, where `gap` shows that `total - bound` is at least a positive number.

    Raises
    ------
    StepError
        If `gap` is about something else, the bound may be negative, or `q` is not positive.
    """
    if not reduces_to_zero(total - bound - gap.left) or gap.relation not in (">=", ">"):
        raise StepError("roots keep order: the gap is another", total - bound)
    if not (is_positive(gap.right) and is_nonnegative(bound) and is_positive(q)):
        raise StepError("roots keep order: a sign is not shown", gap.right)
    hypotheses = ("x^(1/q) increases strictly for x >= 0", *gap.hypotheses)
    return Conclusion(total ** (1 / q), ">", bound ** (1 / q), "roots keep order", hypotheses)


@theorem(cites="Rudin, Principles of Mathematical Analysis, proposition 1.18")
def largest_argument(maximum: Max, value: Expr, box: Box | None = None) -> Conclusion:
    """The link `max(x, y, ...) = x`, where no other argument is larger on `box`.

    Raises
    ------
    StepError
        If `x` is not an argument, or another may be larger.
    """
    if value not in maximum.args or not all(is_nonnegative(value - other, box) for other in maximum.args):
        raise StepError("maximum: another argument may be larger", value)
    return Conclusion(maximum, "=", value, "the largest argument", tuple(f"{x} <= {value}" for x in maximum.args))


@theorem(cites="Rudin, Principles of Mathematical Analysis, proposition 1.18")
def reciprocal(step: Step) -> Conclusion:
    """The link `1/x <= 1/y` from the link `x >= y > 0`.

    Raises
    ------
    StepError
        If `y` may not be positive, or the link has another form.
    """
    if step.relation not in (">=", "=") or not is_positive(step.right):
        raise StepError("reciprocal: not a positive lower bound", step.right)
    return Conclusion(1 / step.left, "<=", 1 / step.right, "reciprocals turn the order", step.hypotheses)


@theorem(cites="Rudin, Principles of Mathematical Analysis, proposition 1.18")
def quotient_at_most(quotient: Expr, denominator: Expr, bound: Expr, square: Step, factor: Expr) -> Conclusion:
    """The link `n/m <= bound`, where `square` shows that `factor (bound m - n)` is not negative, `m, factor > 0`.

    Raises
    ------
    StepError
        If `square` is about something else, or a sign is not shown.
    """
    residue = factor * (bound * denominator - quotient * denominator) - square.left
    if not reduces_to_zero(residue) or square.relation != ">=" or square.right != 0:
        raise StepError("quotient: the square is another", residue)
    if not (is_positive(denominator) and is_positive(factor)):
        raise StepError("quotient: the denominator may not be positive", denominator)
    return Conclusion(quotient, "<=", bound, "multiply out", (f"{denominator} > 0", *square.hypotheses))


@theorem(cites="Rudin, Principles of Mathematical Analysis, proposition 1.18")
def plain_modulus(x: Expr, box: Box | None = None) -> Conclusion:
    """The link `|x| = x` for `x >= 0`.

    Raises
    ------
    StepError
        If `x >= 0` is not shown on `box`.
    """
    if not is_nonnegative(x, box):
        raise StepError("modulus: may be negative", x)
    return Conclusion(Abs(x), "=", x, "not negative", (f"{x} >= 0",))
