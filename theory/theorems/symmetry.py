"""Consequences of the symmetry of the law of the features: signs may flip, coordinates may be exchanged."""

from sympy import Dummy, Expr, Indexed, IndexedBase, Integer, Sum, Symbol, Wild

from theory.algebra import reduces_to_zero
from theory.derivation import Conclusion, StepError, theorem
from theory.theorems.indicators import Mean


@theorem(cites="Billingsley, Probability and Measure, theorem 16.13")
def odd_products_vanish(mean: Mean, form: Sum, x: IndexedBase, index: Symbol) -> Conclusion:
    r"""The link $E[w (\sum_i \theta_i x_i)^2] = \sum_i \theta_i^2 E[w x_i^2]$ for `w` even in every coordinate.

    Parameters
    ----------
    mean
        The expectation on the left.
    form
        The linear form `sum_k theta_k x_k`.
    x
        Coordinates, whose signs are independent and symmetric.
    index
        The index `i` of the result, fresh.

    Raises
    ------
    StepError
        If `form` is not linear in `x`, or the weight is not shown to be even in every coordinate.
    """
    ((k, low, high),) = form.limits
    theta = form.function.xreplace({x[k]: Integer(1)})
    weight = mean.args[0] / form**2
    if theta.has(x) or not reduces_to_zero(form.function - theta * x[k]):
        raise StepError("symmetry: not a linear form", form)
    if not _is_even(weight, x):
        raise StepError("symmetry: the weight is not even", weight)
    value = Sum(theta.subs(k, index) ** 2 * Mean(weight * x[index] ** 2), (index, low, high))
    hypotheses = ("signs of different coordinates are independent and symmetric", "the weight is even in each")
    return Conclusion(mean, "=", value, "products of different coordinates average to zero", hypotheses)


def _is_even(weight: Expr, x: IndexedBase) -> bool:
    """Whether every coordinate enters through its square."""
    index, square = Wild("k"), IndexedBase(Dummy("s", nonnegative=True))
    return not weight.replace(x[index] ** 2, lambda k: square[k]).has(x)


@theorem(cites="Billingsley, Probability and Measure, theorem 16.13")
def equal_shares(
    mean: Mean, whole: Expr, share: Expr, coordinate: Indexed, limits: tuple[Expr, Expr, Expr]
) -> Conclusion:
    r"""The link $E[w s_i] = E[w]/n$ for exchangeable shares `s_1 + ... + s_n = 1` of a whole.

    Parameters
    ----------
    mean
        `E[whole * share]`.
    whole
        The symmetric weight `w`, free of the coordinate.
    share
        The generic share `s_i`.
    coordinate
        `x_i`, one of exchangeable coordinates.
    limits
        Index and range of `i`.

    Raises
    ------
    StepError
        If `mean` is another expectation, the weight is not shown to be symmetric, or the shares do not add up to one.
    """
    i, low, high = limits
    if i in whole.free_symbols or not reduces_to_zero(mean.args[0] - whole * share):
        raise StepError("exchangeability: another expectation", mean)
    if not _is_symmetric(whole, coordinate.base, low, high):
        raise StepError("exchangeability: the weight is not symmetric", whole)
    total = Sum(share, limits)
    denominator = 1 / (share / coordinate**2)
    if i in denominator.free_symbols or not reduces_to_zero(Sum(coordinate**2, limits) - denominator):
        raise StepError("exchangeability: the shares do not add up to one", total)
    hypotheses = ("the coordinates are exchangeable", "the shares add up to one")
    return Conclusion(mean, "=", Mean(whole) / (high - low + 1), "equal shares", hypotheses)


def _is_symmetric(weight: Expr, x: IndexedBase, low: Expr, high: Expr) -> bool:
    """Whether the coordinates enter through sums of one function of each alone."""
    plain = (e for e in weight.atoms(Sum) if _is_sum_over_all(e, x, low, high))
    return not weight.xreplace({e: Dummy() for e in plain}).has(x)


def _is_sum_over_all(total: Sum, x: IndexedBase, low: Expr, high: Expr) -> bool:
    """Whether every coordinate has the same term: a function of itself and of nothing else that is indexed."""
    ((index, *ends), *further) = total.limits
    terms = total.function.xreplace({x[index]: Dummy()})
    return not further and ends == [low, high] and not terms.has(index, Indexed)
