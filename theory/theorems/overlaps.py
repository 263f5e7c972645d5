"""The law of the inner product of two independent sparse vectors, by generating functions."""

from collections.abc import Mapping
from typing import Any

from sympy import Expr, Function, Integer, Max, Sum, Symbol, binomial, floor

from theory.algebra import Box, is_nonnegative, reduces_to_zero
from theory.derivation import Derivation, Step, StepError
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


def independent_product(name: Expr, law: Law, t: Symbol, count: Expr, box: Box) -> Step:
    """The link from the generating function of a sum of `count` independent numbers to the power of that of one.

    Raises
    ------
    StepError
        If `law` is no law on `box`.
    """
    if not reduces_to_zero(sum(law.values(), Integer(0)) - 1):
        raise StepError("the probabilities do not add up to one", sum(law.values(), Integer(0)) - 1)
    for weight in law.values():
        if not is_nonnegative(weight, box):
            raise StepError("a probability may be negative", weight)
    one = sum((weight * t**value for value, weight in law.items()), Integer(0))
    hypotheses = ("the coordinates are independent and have this law",)
    return Step(name, "=", one**count, "independent coordinates multiply", "theorem", hypotheses)


def binomial_theorem(power: Expr, first: Expr, second: Expr, index: Symbol) -> Step:
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
    return Step(power, "=", total, "binomial theorem", "theorem", (f"{n} is a natural number",))


def mean_by_law(mean: Mean, variable: Symbol, unit: Expr, law: Derivation, weight: Expr, value: Expr) -> Step:
    """The link `E f(X) = sum weight f(unit value)` for a number `X` whose generating function was derived.

    Parameters
    ----------
    law
        A chain that ends in the generating function of `X/unit`, a sum of `weight * t^value`.
    weight, value
        In the indices of that sum.

    Raises
    ------
    StepError
        If the chain ends in something else.
    """
    t = law.steps[0].right.args[0].base
    summand, limits = _flattened(law.end)
    if not reduces_to_zero(summand - weight * t**value):
        raise StepError("law: another generating function was derived", summand - weight * t**value)
    total = Sum(mean.args[0].subs(variable, unit * value) * weight, *limits)
    hypotheses = (f"the coefficients of its generating function are the law of {variable}",)
    return Step(mean, "=", total, "expectation over a finite law", "theorem", hypotheses)


def _flattened(total: Expr) -> tuple[Expr, tuple[Expr, ...]]:
    """Summand and limits of a sum, one level of sums inside its summand included."""
    inner = [part for part in total.function.args if isinstance(part, Sum)]
    if not inner:
        return total.function, total.limits
    (only,) = inner
    return total.function / only * only.function, (*only.limits, *total.limits)


def common_sign(mean: Mean, variable: Symbol, unit: Expr, overlap: Expr, count: Expr, box: Box) -> Step:
    """The link `E|D| >= unit (1 - (1 - overlap)^count)`, `D/unit` a sum of independent signs, one a common feature.

    Given one of the signs, the sum has that sign for its mean, so its modulus has mean at least 1 (Jensen's
    inequality) as soon as there is one: each of `count` features is common with probability `overlap`.

    Raises
    ------
    StepError
        If `mean` is not that of the modulus, or `unit` or the probability may be negative.
    """
    if mean.args[0] != abs(variable) or not (is_nonnegative(unit) and is_nonnegative(overlap, box)):
        raise StepError("Jensen's inequality: not the modulus of this sum", mean)
    some = 1 - (1 - overlap) ** count
    hypotheses = ("the modulus is convex", "the signs are independent and symmetric")
    return Step(mean, ">=", unit * some, "Jensen's inequality, given one sign", "theorem", hypotheses)
