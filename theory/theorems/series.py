"""Finite sums and integrals: bounds and signs."""

from sympy import Expr, Integer, Integral, Sum, Symbol

from theory.algebra import Box, is_nonnegative, is_positive, lies_within, reduces_to_zero
from theory.derivation import Conclusion, StepError, theorem
from theory.laws import closed_range
from theory.theorems.calculus import require_smooth


@theorem(cites="Rudin, Principles of Mathematical Analysis, proposition 1.18")
def first_term(total: Sum, box: Box) -> Conclusion:
    """The link `sum_j f(j) >= f(0)` for a sum from 0 of nonnegative terms.

    Raises
    ------
    StepError
        If the sum starts elsewhere or a later term may be negative.
    """
    ((j, low, high),) = total.limits
    later = total.function.subs(j, Symbol("i", integer=True, positive=True))
    if low != 0 or not high.is_nonnegative:
        raise StepError("first term: the sum may have none", total)
    if not is_nonnegative(later, box):
        raise StepError("first term: a later term may be negative", later)
    first = total.function.subs(j, 0)
    return Conclusion(total, ">=", first, "the other terms are not negative", ("f(j) >= 0 for j >= 1",))


@theorem(cites="Hardy, Littlewood and Polya, Inequalities, theorem 41")
def bernoulli(base: Expr, n: Expr, box: Box, *, strict: bool = False) -> Conclusion:
    """The link `base^n >= 1 + n (base - 1)` for `base >= 0` and a positive integer `n`.

    With `strict` the inequality is strict, for `-1 < base < 1` and an integer `n >= 2`: the gap vanishes at 1, and its
    slope `n (base^(n-1) - 1)` is negative from -1 to 1.

    Raises
    ------
    StepError
        If one of the hypotheses is not shown.
    """
    if strict:
        inside = is_positive(base + 1, box) and is_positive(1 - base, box)
        hypotheses, least = (f"-1 < {base} < 1", f"{n} >= 2"), 2
    else:
        inside = is_nonnegative(base, box)
        hypotheses, least = (f"{base} >= 0", f"{n} is a positive integer"), 1
    if not inside:
        raise StepError("Bernoulli's inequality: the base may lie outside its range", base)
    if not (n.is_integer and is_nonnegative(n - least)):
        raise StepError(f"Bernoulli's inequality: the exponent may be below {least}, or no integer", n)
    return Conclusion(base**n, ">" if strict else ">=", 1 + n * (base - 1), "Bernoulli's inequality", hypotheses)


@theorem(cites="Rudin, Principles of Mathematical Analysis, theorem 6.12")
def one_integral(difference: Expr, integrand: Expr, x: Symbol, low: Expr, high: Expr) -> Conclusion:
    """The link that writes a linear combination of integrals over one range as the integral of `integrand`.

    Raises
    ------
    StepError
        If the combination of the integrands is not `integrand`.
    """
    combined = difference.replace(
        lambda e: isinstance(e, Integral) and e.limits == ((x, low, high),), lambda e: e.function
    )
    if combined.has(Integral) or not reduces_to_zero(combined - integrand):
        raise StepError("linearity of the integral: the integrands do not combine so", combined - integrand)
    whole = Integral(integrand, (x, low, high))
    return Conclusion(difference, "=", whole, "linearity of the integral", ("one range of integration",))


@theorem(cites="Rudin, Principles of Mathematical Analysis, theorem 6.12")
def positive_integral(integral: Integral, witness: Expr, box: Box, wide: Box) -> Conclusion:
    """The link `integral > 0`: a continuous integrand that is nowhere negative and positive at a point inside.

    Parameters
    ----------
    integral
        The integral of an integrand built from continuous functions.
    witness
        A point inside the range of integration at which the integrand is positive.
    box
        Ranges of the parameters; the link holds on their closure.
    wide
        Open ranges that contain that closure, for the strict inequality.

    Raises
    ------
    StepError
        If one of the hypotheses is not shown.
    """
    ((x, low, high),) = integral.limits
    require_smooth(integral.function, x, (low, high), box)
    if not is_nonnegative(integral.function, box):
        raise StepError("positive integral: the integrand may be negative", integral.function)
    value = integral.function.subs(x, witness)
    if not (low < witness < high and is_positive(value, wide)):
        raise StepError("positive integral: not positive at the witness", value)
    hypotheses = ("continuous", "nowhere negative", f"positive at {x} = {witness}")
    # The ranges of the model are closed: if the wider ranges contain them, the ends are included.
    discharged = tuple(p for p in box if _is_inside(p, box, wide))
    return Conclusion(integral, ">", Integer(0), "a continuous integrand, positive somewhere", hypotheses, discharged)


def _is_inside(p: Symbol, box: Box, wide: Box) -> bool:
    """Whether the range that the model gives a parameter lies in the closed one and inside the wider, open one."""
    known, (low, high) = closed_range(p), wide.get(p, box[p])
    if known is None or not lies_within({p: known}, {p: box[p]}):
        return False
    return bool(known[1] < high and (low < known[0] or (low <= known[0] and p.is_positive)))
