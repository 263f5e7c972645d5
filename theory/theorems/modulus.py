"""Moduli of integers and of declared numbers, and the last term of a sum."""

from sympy import Abs, Expr, IndexedBase, Integer, Sum, Symbol

from theory.algebra import is_nonnegative
from theory.assumptions import Assumption
from theory.derivation import Conclusion, StepError, theorem
from theory.laws import closed_range

LAST_ENTRY = Assumption("last entry", "The number $t$ is the position of the last nonzero entry of $w$.", defines=True)


@theorem(cites="Graham, Knuth and Patashnik, Concrete Mathematics, section 2.3")
def last_entry(total: Sum, w: IndexedBase, top: Symbol) -> Conclusion:
    r"""The link $\sum_k w_k c_k = \sum_{k \le t} w_k c_k$, where `t` is the place of the last nonzero entry of `w`.

    Raises
    ------
    StepError
        If the sum is not linear in `w`.
    """
    ((k, low, _),) = total.limits
    _require_linear(total, w)
    hypotheses = (f"w_k = 0 for k > {top}, which is in the range",)
    return Conclusion(
        total, "=", Sum(total.function, (k, low, top)), "zeros at the end", hypotheses, given=(LAST_ENTRY,)
    )


@theorem(cites="Rudin, Principles of Mathematical Analysis, proposition 1.18")
def last_entry_counts(w: IndexedBase, top: Symbol) -> Conclusion:
    """The link `|w_t| >= 1` for integers `w`, where `t` is the position of the last nonzero entry.

    Raises
    ------
    StepError
        If the entries are not declared to be integers.
    """
    if not w[top].is_integer:
        raise StepError("last entry: not declared to be an integer", w[top])
    hypotheses = (f"{w[top]} is an integer and not zero",)
    return Conclusion(Abs(w[top]), ">=", Integer(1), "an integer other than zero", hypotheses, given=(LAST_ENTRY,))


@theorem(cites="Graham, Knuth and Patashnik, Concrete Mathematics, section 2.3")
def last_term_apart(total: Sum) -> Conclusion:
    """The link that splits the last term off a sum over one index.

    Raises
    ------
    StepError
        If the sum may be empty.
    """
    ((k, low, last),) = total.limits
    if not is_nonnegative(last - low):
        raise StepError("last term: the sum may have none", total)
    apart = total.function.subs(k, last) + Sum(total.function, (k, low, last - 1))
    return Conclusion(total, "=", apart, "the last term apart", (f"{last} >= {low}",))


@theorem(cites="Rudin, Principles of Mathematical Analysis, proposition 1.18")
def within_declared_range(number: Expr, bound: Expr) -> Conclusion:
    """The link `|x| <= h` for a number that the model declares to lie between `-h` and `h`.

    Raises
    ------
    StepError
        If the model does not declare that.
    """
    ends = closed_range(number)
    if ends is None or not all(is_nonnegative(gap) for gap in (bound - ends[1], bound + ends[0])):
        raise StepError("declared range: the number is not declared to be so small", number)
    return Conclusion(Abs(number), "<=", bound, "range of the number", (f"{ends[0]} <= {number} <= {ends[1]}",))


def _require_linear(total: Sum, w: IndexedBase) -> None:
    """Check that a sum is one of multiples of the entries of `w`."""
    k = total.limits[0][0]
    coefficient = total.function.xreplace({w[k]: Integer(1)})
    if coefficient.has(w) or total.function != coefficient * w[k]:
        raise StepError("last entry: not linear", total)


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
        If one of the hypotheses is not shown.
    """
    if not (base.is_integer and base.is_positive and n.is_integer and n.is_nonnegative):
        raise StepError("power of an integer: a negative exponent, or no positive integer", base**n)
    return Conclusion(base**n, ">=", Integer(1), "power of a positive integer", (f"{n} >= 0",))
