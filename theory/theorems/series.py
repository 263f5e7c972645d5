"""Finite sums and integrals: bounds and signs."""

from sympy import Expr, Integer, Integral, Sum, Symbol

from theory.algebra import Box, is_nonnegative, is_positive, reduces_to_zero
from theory.derivation import Step, StepError


def first_term(total: Sum, box: Box) -> Step:
    """The link `sum_j f(j) >= f(0)` for a sum from 0 of terms that are not negative.

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
    return Step(total, ">=", first, "the other terms are not negative", "theorem", ("f(j) >= 0 for j >= 1",))


def bernoulli(base: Expr, n: Expr, box: Box) -> Step:
    """The link `base^n >= 1 + n (base - 1)` for `base >= 0` and a positive integer `n`.

    Raises
    ------
    StepError
        If one of these is not shown.
    """
    if not (n.is_integer and n.is_positive and is_nonnegative(base, box)):
        raise StepError("Bernoulli's inequality: the base may be negative", base)
    hypotheses = (f"{base} >= 0", f"{n} is a positive integer")
    return Step(base**n, ">=", 1 + n * (base - 1), "Bernoulli's inequality", "theorem", hypotheses)


def one_integral(difference: Expr, integrand: Expr, x: Symbol, low: Expr, high: Expr) -> Step:
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
    return Step(difference, "=", whole, "linearity of the integral", "theorem", ("one range of integration",))


def positive_integral(integral: Integral, witness: Expr, box: Box, wide: Box) -> Step:
    """The link `integral > 0`: a continuous integrand that is nowhere negative and positive at a point inside.

    Parameters
    ----------
    integral
        Of an integrand built from continuous functions.
    witness
        Inside the range of integration; the integrand is positive there.
    box
        Ranges of the parameters, whose closure is meant.
    wide
        Open ranges that hold that closure, for the strict inequality.

    Raises
    ------
    StepError
        If one of these is not shown.
    """
    ((x, low, high),) = integral.limits
    if not is_nonnegative(integral.function, box):
        raise StepError("positive integral: the integrand may be negative", integral.function)
    value = integral.function.subs(x, witness)
    if not (low < witness < high and is_positive(value, wide)):
        raise StepError("positive integral: not positive at the witness", value)
    hypotheses = ("continuous", "nowhere negative", f"positive at {x} = {witness}")
    return Step(integral, ">", Integer(0), "a continuous integrand, positive somewhere", "theorem", hypotheses)
