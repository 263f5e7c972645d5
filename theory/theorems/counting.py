"""Counts of large entries, bounded by their squares."""

from sympy import Abs, Expr, Integer, Piecewise, Sum

from theory.algebra import Box, is_positive, reduces_to_zero
from theory.derivation import Conclusion, StepError, theorem


def indicator(entry: Expr, threshold: Expr) -> Piecewise:
    """One where `|entry| >= threshold`, and zero elsewhere."""
    return Piecewise((Integer(1), Abs(entry) >= threshold), (Integer(0), True))


@theorem(cites="Billingsley, Probability and Measure, section 5")
def chebyshev_count(count: Sum, entry: Expr, threshold: Expr, box: Box | None = None) -> Conclusion:
    r"""The link $\sum_i 1\{|x_i| \ge b\} \le \sum_i x_i^2/b^2$ for `b > 0`.

    Where `|x_i| >= b` the summand `x_i^2/b^2` is at least one, and elsewhere it is nonnegative.

    Raises
    ------
    StepError
        If `count` is not a sum of these indicators, the entry is not real, or `b > 0` is not shown on `box`.
    """
    if count.function != indicator(entry, threshold):
        raise StepError("count: not a sum of indicators of large entries", count.function)
    if not is_positive(threshold, box):
        raise StepError("count: the threshold may not be positive", threshold)
    if not entry.is_real:
        raise StepError("count: the entries may not be real", entry)
    right = Sum(entry**2 / threshold**2, *count.limits)
    hypotheses = (f"{threshold} > 0", "the entries are real")
    return Conclusion(count, "<=", right, "an entry counts once it exceeds the threshold", hypotheses)


@theorem(cites="Graham, Knuth and Patashnik, Concrete Mathematics, section 2.3")
def scaled_sum(total: Sum, factor: Expr, summand: Expr) -> Conclusion:
    """The link `sum of factor * summand = factor * sum of summand`, for a factor free of the index.

    Raises
    ------
    StepError
        If the factor depends on the index, or the product is not the summand of `total`.
    """
    ((index, *_),) = total.limits
    if factor.has(index) or not reduces_to_zero(total.function - factor * summand):
        raise StepError("constant factor: not a common factor of the terms", total.function)
    right = factor * Sum(summand, *total.limits)
    return Conclusion(total, "=", right, "a constant factor leaves the sum", (f"{factor} is free of {index}",))
