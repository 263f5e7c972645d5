"""The law of the inner product of two independent sparse vectors, by generating functions."""

from collections.abc import Mapping
from typing import Any

from sympy import Abs, Expr, Function, Integer, Max, Sum, Symbol, binomial, floor, simplify

from theory.algebra import Box, is_nonnegative, reduces_to_zero
from theory.derivation import Conclusion, Derivation, StepError, theorem
from theory.theorems.indicators import Mean

Law = Mapping[Expr, Expr]
"""Probability of every value of a random number."""


class LazyWalk(Function):  # type: ignore[misc]
    """`LazyWalk(n, v, p)`: probability that a walk stands at `v` after `n` steps, each `+-1` with `p/2` and else 0.

    It is the law of the overlap with a view of `n` active features, in units of the squared amplitude.
    """

    nargs = 3

    def doit(self, **hints: Any) -> Expr:
        """The same as a sum over the number `k` of steps to the left."""
        n, v, p = self.args
        k = Symbol("k", integer=True, nonnegative=True)
        moves = 2 * k + v
        term = binomial(n, moves) * binomial(moves, k) * (p / 2) ** moves * (1 - p) ** (n - moves)
        return Sum(term, (k, Max(0, -v), floor((n - v) / 2))).doit(**hints)

    def _latex(self, printer: Any, exp: Any = None) -> str:
        n, v, _ = (printer._print(a) for a in self.args)
        return rf"P\left(S_1 + \dots + S_{{n({n})}} = {v}\right)"


@theorem(cites="Feller, An Introduction to Probability Theory and Its Applications, vol. 1, section XI.2")
def generating_function_of_sum(name: Expr, law: Law, t: Symbol, count: Expr, box: Box) -> Conclusion:
    """The link from the generating function of a sum of `count` independent numbers to the power of that of one.

    Raises
    ------
    StepError
        If `law` is not a probability law on `box`, or `name` is not an expectation of a power of `t`.
    """
    require_law(law, box)
    base = name.args[0].base if isinstance(name, Mean) else None
    if base != t:
        raise StepError("not a generating function", name)
    one = sum((weight * t**value for value, weight in law.items()), Integer(0))
    hypotheses = ("the coordinates are independent and have this law",)
    return Conclusion(name, "=", one**count, "independent coordinates multiply", hypotheses)


def require_law(law: Law, box: Box) -> None:
    """Check that the probabilities of a law are not negative on `box` and add up to one.

    Raises
    ------
    StepError
        If one of the hypotheses is not shown.
    """
    if not reduces_to_zero(sum(law.values(), Integer(0)) - 1):
        raise StepError("the probabilities do not add up to one", sum(law.values(), Integer(0)) - 1)
    for weight in law.values():
        if not is_nonnegative(weight, box):
            raise StepError("a probability may be negative", weight)


@theorem(cites="Graham, Knuth and Patashnik, Concrete Mathematics, section 5.1")
def binomial_theorem(power: Expr, first: Expr, second: Expr, index: Symbol) -> Conclusion:
    """The link `(first + second)^n = sum_index C(n, index) first^index second^(n - index)`.

    Raises
    ------
    StepError
        If `power` is not the power of that sum.
    """
    n = power.exp
    if not (n.is_integer and n.is_nonnegative) or not reduces_to_zero(power.base - first - second):
        raise StepError("binomial theorem: not a power of this sum", power)
    total = Sum(binomial(n, index) * first**index * second ** (n - index), (index, 0, n))
    return Conclusion(power, "=", total, "binomial theorem", (f"{n} is a natural number",))


@theorem(cites="Feller, An Introduction to Probability Theory and Its Applications, vol. 1, section IX.2")
def mean_by_law(mean: Mean, variable: Symbol, unit: Expr, law: Derivation, weight: Expr, value: Expr) -> Conclusion:
    """The link `E f(X) = sum weight f(unit value)` for a number `X` whose generating function was derived.

    Parameters
    ----------
    law
        A chain that ends in the generating function of `X/unit`, a sum of `weight * t^value`.
    weight, value
        Expressions in the indices of that sum.

    Raises
    ------
    StepError
        If the chain ends in something else.
    """
    t = law.subject.args[0].base
    if law.subject != Mean(t ** (variable / unit)) or law.relation != "=" or not law.is_complete:
        raise StepError("law: the chain is about something else", law.subject)
    summand, limits = _flattened(law.end)
    if not reduces_to_zero(summand - weight * t**value):
        raise StepError("law: another generating function was derived", summand - weight * t**value)
    total = Sum(mean.args[0].subs(variable, unit * value) * weight, *limits)
    hypotheses = (f"the coefficients of its generating function are the law of {variable}",)
    return Conclusion(mean, "=", total, "expectation over a finite law", hypotheses)


def _flattened(total: Expr) -> tuple[Expr, tuple[Expr, ...]]:
    """Summand and limits of a sum, one level of sums inside its summand included."""
    inner = [part for part in total.function.args if isinstance(part, Sum)]
    if not inner:
        return total.function, total.limits
    (only,) = inner
    return total.function / only * only.function, (*only.limits, *total.limits)


@theorem(cites="Feller, An Introduction to Probability Theory and Its Applications, vol. 1, section IX.2")
def some_sign(mean: Mean, variable: Symbol, unit: Expr, law: Law, count: Expr, box: Box) -> Conclusion:
    """The link `E|D| >= unit (1 - q^count)`, `D/unit` a sum of `count` independent numbers -1, 0, 1 of this law.

    `q` is the probability of 0. By induction on the number of terms: one more is 0, and keeps the modulus, with
    probability `q`; otherwise its sign is fair, and `(|y + 1| + |y - 1|)/2 = max(|y|, 1) >= 1`.

    Raises
    ------
    StepError
        If `mean` is not that of the modulus, `unit` may be negative, `law` is not such a law, or a step of the
        induction fails.
    """
    if mean.args[0] != abs(variable) or not is_nonnegative(unit):
        raise StepError("induction on the terms: not the modulus of this sum", mean)
    require_law(law, box)
    if set(law) != {Integer(-1), Integer(0), Integer(1)} or not reduces_to_zero(law[Integer(1)] - law[Integer(-1)]):
        raise StepError("induction on the terms: not fair signs", mean)
    silent, more, n = law[Integer(0)], Symbol("e", nonnegative=True), Symbol("n", integer=True, nonnegative=True)
    # |y| up to 1, and from 1 on
    for y, excess in ((more / (1 + more), Integer(0)), (1 + more, more)):
        if not reduces_to_zero((Abs(1 + y) + Abs(simplify(1 - y))) / 2 - 1 - excess):
            raise StepError("induction on the terms: the modulus may be below 1", y)
    closed = 1 - silent**n
    longer = silent * closed + (1 - silent)
    if closed.subs(n, 0) != 0 or not reduces_to_zero(closed.subs(n, n + 1) - longer):
        raise StepError("induction on the terms: another bound", longer)
    hypotheses = ("the terms are independent", "no terms: the bound is 0", "one more term keeps it")
    return Conclusion(mean, ">=", unit * closed.subs(n, count), "induction on the terms", hypotheses)
