"""Moduli: triangle inequalities for finite sums, integers, and a strict form of Bernoulli's inequality."""

from sympy import Abs, Expr, IndexedBase, Integer, Sum, Symbol

from theory.algebra import Box, is_nonnegative, is_positive
from theory.assumptions import Assumption
from theory.derivation import Conclusion, StepError, theorem
from theory.laws import closed_range

LAST_ENTRY = Assumption("last entry", "$t$ is the position of the last entry of $w$ that is not zero.", defines=True)


@theorem(cites="Rudin, Principles of Mathematical Analysis, theorem 1.37")
def triangle(total: Sum, w: IndexedBase, high: Expr) -> Conclusion:
    r"""The link $|\sum_k w_k c_k| \le h \sum_k c_k$ for $|w_k| \le h$ and positive `c_k`.

    Raises
    ------
    StepError
        If the sum is not linear in `w`, or a coefficient may be negative.
    """
    ((k, low, last),) = total.limits
    coefficient = _coefficient(total, w)
    _require_bounded(w, k, high)
    value = high * Sum(coefficient, (k, low, last))
    hypotheses = (f"|w_k| <= {high}", f"{coefficient} > 0")
    return Conclusion(Abs(total), "<=", value, "triangle inequality", hypotheses)


@theorem(cites="Rudin, Principles of Mathematical Analysis, theorem 1.37")
def dominant_term(total: Sum, w: IndexedBase, low: Expr, high: Expr) -> Conclusion:
    r"""The link $|\sum_{k \le t} w_k c_k| \ge l c_t - h \sum_{k < t} c_k$ for $|w_t| \ge l$, $|w_k| \le h$, `c_k > 0`.

    Raises
    ------
    StepError
        If the sum is not linear in `w`, or a coefficient may be negative.
    """
    ((k, first, last),) = total.limits
    coefficient = _coefficient(total, w)
    _require_bounded(w, k, high)
    if not (w[k].is_integer and is_nonnegative(1 - low)):
        raise StepError("triangle inequality: the last entry may be smaller", low)
    value = low * coefficient.subs(k, last) - high * Sum(coefficient, (k, first, last - 1))
    hypotheses = (f"|w_{last}| >= {low}", f"|w_k| <= {high}", f"{coefficient} > 0")
    reason = "triangle inequality, the last term apart"
    return Conclusion(Abs(total), ">=", value, reason, hypotheses, given=(LAST_ENTRY,))


@theorem(cites="Graham, Knuth and Patashnik, Concrete Mathematics, section 2.3")
def last_entry(total: Sum, w: IndexedBase, top: Symbol) -> Conclusion:
    r"""The link $\sum_k w_k c_k = \sum_{k \le t} w_k c_k$, where `t` is the place of the last nonzero entry of `w`.

    Raises
    ------
    StepError
        If the sum is not linear in `w`.
    """
    ((k, low, _),) = total.limits
    _coefficient(total, w)
    hypotheses = (f"w_k = 0 for k > {top}, which is in the range",)
    return Conclusion(
        total, "=", Sum(total.function, (k, low, top)), "zeros at the end", hypotheses, given=(LAST_ENTRY,)
    )


def _require_bounded(w: IndexedBase, k: Symbol, high: Expr) -> None:
    """Refuse entries that are not declared to have at most that modulus."""
    ends = closed_range(w[k])
    if ends is None or not all(is_nonnegative(gap) for gap in (high - ends[1], high + ends[0])):
        raise StepError("triangle inequality: the entries are not declared to be so small", high)


def _coefficient(total: Sum, w: IndexedBase) -> Expr:
    k = total.limits[0][0]
    coefficient = total.function.xreplace({w[k]: Integer(1)})
    if coefficient.has(w) or total.function != coefficient * w[k]:
        raise StepError("triangle inequality: not linear", total)
    if not is_positive(coefficient):
        raise StepError("triangle inequality: a coefficient may be negative", coefficient)
    return coefficient


@theorem(cites="Rudin, Principles of Mathematical Analysis, proposition 1.18")
def integer_modulus(n: Expr) -> Conclusion:
    """The link `|n| >= 1` for an integer other than zero.

    Raises
    ------
    StepError
        If `n` is not known to be one.
    """
    if not (n.is_integer and n.is_nonzero):
        raise StepError("modulus of an integer: it may be zero, or no integer", n)
    return Conclusion(Abs(n), ">=", Integer(1), "an integer other than zero", (f"{n} is an integer, not 0",))


@theorem(cites="Rudin, Principles of Mathematical Analysis, proposition 1.18")
def integer_power(base: Integer, n: Expr) -> Conclusion:
    """The link `base^n >= 1` for a positive integer base and an integer `n >= 0`.

    Raises
    ------
    StepError
        If one of these is not shown.
    """
    if not (base.is_integer and base.is_positive and n.is_integer and n.is_nonnegative):
        raise StepError("power of an integer: a negative exponent, or no positive integer", base**n)
    return Conclusion(base**n, ">=", Integer(1), "power of a positive integer", (f"{n} >= 0",))


@theorem(cites="Hardy, Littlewood and Polya, Inequalities, theorem 41")
def strict_bernoulli(base: Expr, n: Expr, box: Box) -> Conclusion:
    """The link `base^n > 1 + n (base - 1)` for `-1 < base < 1` and an integer `n >= 2`.

    The gap vanishes at 1, and its slope `n (base^(n-1) - 1)` is negative from -1 to 1.

    Raises
    ------
    StepError
        If one of these is not shown.
    """
    if not (is_positive(base + 1, box) and is_positive(1 - base, box)):
        raise StepError("Bernoulli's inequality: the base may leave (-1, 1)", base)
    if not (n.is_integer and is_nonnegative(n - 2)):
        raise StepError("Bernoulli's inequality: the exponent may be below 2", n)
    hypotheses = (f"-1 < {base} < 1", f"{n} >= 2")
    return Conclusion(base**n, ">", 1 + n * (base - 1), "Bernoulli's inequality", hypotheses)
