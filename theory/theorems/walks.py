"""Random walks on the integers: one more step, inversion, return, and recursions that keep a sign."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sympy import Expr, Function, I, Integer, Integral, Rational, Sum, Symbol, binomial, exp, floor, pi
from sympy.core.function import AppliedUndef, UndefinedFunction

from theory.algebra import Box, is_nonnegative, is_positive, reduces_to_zero
from theory.derivation import Conclusion, Derivation, StepError, theorem
from theory.laws import is_walk

StepLaw = Mapping[int, Expr]
"""Probability of every step that the walk can take."""

_IS_A_LAW = ("the probabilities of the steps are not negative and add up to 1",)


class Balanced(Function):  # type: ignore[misc]
    """Probability that `n` independent signs add up to zero."""

    nargs = 1

    def doit(self, **hints: object) -> Expr:
        """Its value, where `n` is a number."""
        (n,) = self.args
        if not n.is_Integer:
            return self
        return binomial(n, n / 2) / 2**n if n.is_even else Integer(0)

    def _latex(self, printer: object, exp: object = None) -> str:
        n = printer._print(self.args[0])  # type: ignore[attr-defined]
        return rf"P\left(S_1 + \dots + S_{{{n}}} = 0\right)"


@theorem(cites="Feller, An Introduction to Probability Theory and Its Applications, vol. 1, total probability")
def one_more_step(q: UndefinedFunction, n: Expr, k: Expr, law: StepLaw, box: Box) -> Conclusion:
    """The link `q(n+1, k) = sum_s P(s) q(n, k-s)`, `q(n, k)` the probability to be at `k` after `n` steps.

    Raises
    ------
    StepError
        If `law` is not a probability law on `box`.
    """
    _check_law(law, box)
    _require_walk(q, law)
    total = sum((weight * q(n, k - step) for step, weight in law.items()), Integer(0))
    return Conclusion(q(n + 1, k), "=", total, "law of total probability over the last step", _IS_A_LAW)


@theorem(cites="Feller, An Introduction to Probability Theory and Its Applications, vol. 1, random walks")
def mirrored(q: UndefinedFunction, n: Expr, k: Expr, law: StepLaw) -> Conclusion:
    """The link `q(n, -k) = q(n, k)` for a symmetric law.

    Raises
    ------
    StepError
        If a step and its opposite differ in probability.
    """
    _require_walk(q, law)
    for step, weight in law.items():
        residue = weight - law.get(-step, Integer(0))
        if not reduces_to_zero(residue):
            raise StepError("the walk is not symmetric", residue)
    return Conclusion(q(n, -k), "=", q(n, k), "symmetry of the walk", ("steps s and -s are equally likely",))


@theorem(cites="Billingsley, Probability and Measure, section 26")
def inversion(visit: Expr, n: Expr, law: StepLaw, characteristic: Expr, t: Symbol, box: Box) -> Conclusion:
    r"""The link $q_n(0) = \frac{1}{2\pi} \int_0^{2\pi} \varphi(t)^n dt$, for the probability `visit` to be at 0.

    Raises
    ------
    StepError
        If `law` is not a probability law, or `characteristic` is not $\varphi(t) = \sum_s P(s) e^{ist}$.
    """
    _check_law(law, box)
    _require_walk(visit.func, law)
    if visit.args != (n, Integer(0)):
        raise StepError("inversion: not the probability to be at 0", visit)
    residue = sum((weight * exp(I * step * t) for step, weight in law.items()), Integer(0)) - characteristic
    if not reduces_to_zero(residue):
        raise StepError("inversion: not the characteristic function of a step", residue)
    integral = Integral(characteristic**n, (t, 0, 2 * pi)) / (2 * pi)
    hypotheses = (*_IS_A_LAW, "the walk moves on the integers", "the steps are independent")
    return Conclusion(visit, "=", integral, "inversion of the characteristic function", hypotheses)


@theorem(cites="Feller, An Introduction to Probability Theory and Its Applications, vol. 1, random walks")
def balanced_signs(total: Sum) -> Conclusion:
    r"""The link $\sum_n c(n) P(S_1 + \dots + S_n = 0) = \sum_j c(2j) \binom{2j}{j} 4^{-j}$.

    Of the `2^n` strings of signs those with as many pluses as minuses count; for odd `n` there are none.

    Raises
    ------
    StepError
        If the sum is not over `n = 0, 1, ...` with a summand `c(n) Balanced(n)`.
    """
    ((n, low, high),) = total.limits
    weight = total.function.coeff(Balanced(n))
    if low != 0 or weight.has(Balanced) or not reduces_to_zero(total.function - weight * Balanced(n)):
        raise StepError("balanced signs: the sum has another form", total)
    j = Symbol("j", integer=True, nonnegative=True)
    halved = Sum(weight.subs(n, 2 * j) * binomial(2 * j, j) * Rational(1, 4) ** j, (j, 0, floor(high / 2)))
    reason = "half of an even number of signs are plus; an odd number never balances"
    return Conclusion(total, "=", halved, reason, ("all strings of signs are equally likely",))


@dataclass(frozen=True)
class Recursion:
    """A derived recursion `D(n+1, k) = sum_j weights[j] D(n, k+j)`, or at `k = 0` with `j >= 0`.

    Attributes
    ----------
    derivation
        A chain from a name for `D(n+1, k)`, and its meaning, to the weighted sum, up to algebra.
    weights
        The weights by offset `j`.
    """

    derivation: Derivation
    weights: Mapping[int, Expr]


@theorem(cites="Graham, Knuth and Patashnik, Concrete Mathematics, section 1.1")
def positive_by_recursion(
    D: Callable[[Expr, Expr], Expr], n: Symbol, k: Symbol, inner: Recursion, edge: Recursion, box: Box
) -> Conclusion:
    """The link `D(n, 0) > 0` for all `n >= 0`, by induction on `n` from `D(0, 0) = 1` and `D(0, k) = 0`, `k >= 1`.

    The hypothesis is that `D(n, 0) > 0` and `D(n, k) >= 0` for `k >= 1`. A recursion with weights that are not
    negative, and a positive one from `D(n, 0)` to `D(n+1, 0)`, carries it to `n + 1`.

    Parameters
    ----------
    inner, edge
        The recursions for `k >= 1` and for `k = 0`.

    Raises
    ------
    StepError
        If a walk that starts at 0 has another `D(0, k)`, a weight has the wrong sign on `box`, or a recursion is
        not the one that was derived.
    """
    _check_start(D, k)
    _check_recursion(inner, D, n, k, -1)
    _check_recursion(edge, D, n, Integer(0), 0)
    for weight in (*inner.weights.values(), *edge.weights.values()):
        if not is_nonnegative(weight, box):
            raise StepError("induction: a weight may be negative", weight)
    if not is_positive(edge.weights[0], box):
        raise StepError("induction: D(n, 0) does not feed D(n+1, 0)", edge.weights[0])
    hypotheses = ("base: D(0, 0) = 1 and D(0, k) = 0", "step: the recursion has no negative weight")
    return Conclusion(D(n, Integer(0)), ">", Integer(0), "induction over the number of steps", hypotheses)


def _check_start(D: Callable[[Expr, Expr], Expr], k: Symbol) -> None:
    """Check `D(0, 0) = 1` and `D(0, k) = 0` for `k >= 1` with `q(0, .)` the law of a walk that is still at 0."""
    for place, value in ((Integer(0), 1), (k, 0)):
        start = _at_rest(D(Integer(0), place))
        if not k.is_positive or start != value:
            raise StepError("induction: the start is another", start)


def _at_rest(expr: Expr) -> Expr:
    """`expr` with the value of the probability `q(0, k)`: 1 at `k = 0` and 0 elsewhere."""
    return expr.replace(
        lambda e: isinstance(e, AppliedUndef) and e.args[0] == 0 and e.args[1].is_zero is not None,
        lambda e: Integer(1 if e.args[1].is_zero else 0),
    )


def _check_recursion(
    recursion: Recursion, D: Callable[[Expr, Expr], Expr], n: Symbol, place: Expr, lowest: int
) -> None:
    derivation = recursion.derivation
    if min(recursion.weights) < lowest:
        raise StepError("induction: the recursion leaves the range of the hypothesis", place)
    residues = (
        derivation.subject - D(n + 1, place),
        derivation.end - sum((weight * D(n, place + j) for j, weight in recursion.weights.items()), Integer(0)),
    )
    for residue in residues:
        if derivation.relation != "=" or not derivation.is_complete or not reduces_to_zero(residue):
            raise StepError("induction: another recursion was derived", residue)


def _require_walk(q: UndefinedFunction, law: StepLaw) -> None:
    """Check that a function is declared to be the law of a walk with these steps."""
    if not is_walk(q, law):
        raise StepError("walk: not declared to have these steps", Symbol(str(q)))


def _check_law(law: StepLaw, box: Box) -> None:
    residue = sum(law.values(), Integer(0)) - 1
    if not reduces_to_zero(residue):
        raise StepError("the probabilities of the steps do not add up to 1", residue)
    for weight in law.values():
        if not is_nonnegative(weight, box):
            raise StepError("the probability of a step may be negative", weight)
