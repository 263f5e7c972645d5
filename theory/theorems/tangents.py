"""Softplus above its tangent: the excess is not negative, and positive on average where the step is not always zero."""

from typing import Any

from sympy import Expr, Function, Integer, Symbol, exp, expand

from theory.algebra import is_positive, reduces_to_zero
from theory.derivation import Conclusion, Derivation, StepError, theorem
from theory.theorems.indicators import Mean
from theory.theorems.logistic import sigmoid, softplus
from theory.theorems.roots import least_value


class Weight(Function):  # type: ignore[misc]
    """`sig(t)`, the slope of softplus at `t`."""

    nargs = 1

    def doit(self, **hints: Any) -> Expr:
        """The same expression in terms of exponentials."""
        return expand(sigmoid(self.args[0].doit(**hints)))

    def _latex(self, printer: Any, exp: Any = None) -> str:
        return rf"\mathrm{{sig}}\left({printer._print(self.args[0])}\right)"


class Excess(Function):  # type: ignore[misc]
    """`sp(t + k) - sp(t) - k sig(t)`, the excess of softplus at `t + k` over its tangent at `t`."""

    nargs = 2

    def doit(self, **hints: Any) -> Expr:
        """The same expression in terms of exponentials."""
        t, k = (argument.doit(**hints) for argument in self.args)
        return expand(softplus(t + k) - softplus(t) - k * sigmoid(t))

    def _latex(self, printer: Any, exp: Any = None) -> str:
        t, k = (printer._print(argument) for argument in self.args)
        return rf"D\left({t}, {k}\right)"


@theorem(cites="Boyd and Vandenberghe, Convex Optimization, section 3.1.3")
def above_tangent(t: Expr, k: Expr) -> Conclusion:
    """The link `Excess(t, k) >= 0`: as a function of `k` it is least at `k = 0`, where it vanishes.

    Raises
    ------
    StepError
        If a number is not real, or the derivative in `k` is another.
    """
    if not (t.is_real and k.is_real):
        raise StepError("tangent: not real", t + k)
    _require_least_at_zero()
    return Conclusion(Excess(t, k), ">=", Integer(0), "softplus lies above its tangents", ("convexity",))


def _require_least_at_zero() -> None:
    """`d/dk Excess = scale (e^k - 1)` with a positive factor: it changes sign at `k = 0` and nowhere else."""
    t, k = Symbol("t", real=True), Symbol("k", real=True)
    f = softplus(t + k) - softplus(t) - k * sigmoid(t)
    scale = exp(t) / ((1 + exp(t + k)) * (1 + exp(t)))
    least = least_value(f, k, scale, exp(k) - 1, Integer(0))
    if not reduces_to_zero(least.right) or not reduces_to_zero(Excess(t, k).doit() - f):
        raise StepError("tangent: the excess does not vanish at its point", least.right)


@theorem(cites="Boyd and Vandenberghe, Convex Optimization, section 3.1.3")
def positive_excess(mean: Mean, spread: Derivation) -> Conclusion:
    """The link `E Excess(t, k) > 0`, from a chain that shows `E k^2 > 0`: the excess vanishes only where `k` does.

    Raises
    ------
    StepError
        If `mean` is another expectation, or the chain shows something else.
    """
    (excess,) = mean.args
    if not isinstance(excess, Excess):
        raise StepError("tangent: not the expectation of an excess", mean)
    t, k = excess.args
    above_tangent(t, k)
    (square,) = spread.subject.args
    if not isinstance(spread.subject, Mean) or not reduces_to_zero(square - k**2):
        raise StepError("tangent: the chain is about something else", spread.subject)
    if spread.relation not in ("=", ">=", ">") or not is_positive(spread.end):
        raise StepError("tangent: the chain does not show that the step is not always zero", spread.end)
    hypotheses = ("the excess is not negative, and 0 only where the step is", "the step is not always 0")
    return Conclusion(mean, ">", Integer(0), "strict convexity of softplus", hypotheses)
