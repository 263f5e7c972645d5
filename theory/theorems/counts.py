"""Averages over independent counts, and the probability that a sum of random signs is far from zero."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import comb

from sympy import Abs, Expr, Function, Gt, Integer, Piecewise, Rational, Sum, Symbol, binomial, ceiling

from theory.derivation import Conclusion, StepError, theorem
from theory.laws import count, is_constant
from theory.theorems.indicators import Mean


@dataclass(frozen=True)
class Count:
    """A binomial count, declared with its law.

    Attributes
    ----------
    name
        Symbol for the count.
    trials, probability
        It counts which of `trials` independent events of that probability happen.
    index
        Symbol for its values.
    """

    name: Symbol
    trials: Expr
    probability: Expr
    index: Symbol

    def __post_init__(self) -> None:
        count(self.name, self.trials, self.probability)

    @property
    def weight(self) -> Expr:
        """Probability of the value `index`."""
        k, n, q = self.index, self.trials, self.probability
        return binomial(n, k) * q**k * (1 - q) ** (n - k)


@theorem(cites="Feller, An Introduction to Probability Theory and Its Applications, vol. 1, section IX.2")
def mean_over_counts(mean: Mean, counts: Sequence[Count]) -> Conclusion:
    """The link from the mean of a function of independent counts to the sum over all their values.

    Raises
    ------
    StepError
        If the mean is of a number that does not depend on each count, or a count cannot be one.
    """
    total = mean.args[0]
    for one in counts:
        if not total.has(one.name) or one.trials.is_nonnegative is False or one.trials.is_integer is False:
            raise StepError("mean over counts: not a function of this count", one.name)
        total = total.subs(one.name, one.index)
    if not is_constant(total, [one.index for one in counts]):
        raise StepError("mean over counts: something else may be random", total)
    for one in counts:
        total = total * one.weight
    right = Sum(total, *((one.index, 0, one.trials) for one in counts))
    hypotheses = ("the counts are independent", "each counts independent events of one probability")
    return Conclusion(mean, "=", right, "law of independent counts", hypotheses)


class Exceeds(Function):  # type: ignore[misc]
    """Probability that `n` independent random signs add up to more than `x >= 0` in modulus: `Exceeds(n, x)`."""

    nargs = 2

    def doit(self, **hints: object) -> Expr:
        """Its exact value, where `n` and `x` are numbers."""
        n, x = (part.doit(**hints) for part in self.args)
        if not (n.is_Integer and x.is_number):
            return self.func(n, x)
        # k minuses leave n - 2k: both tails hold the k with n - 2k > x.
        tail = sum(comb(int(n), k) for k in range(max(int(ceiling((n - x) / 2)), 0)))
        return Rational(2 * tail, 2 ** int(n))

    def _latex(self, printer: object, exp: object = None) -> str:
        n, x = (printer._print(part) for part in self.args)  # type: ignore[attr-defined]
        return rf"P\left(|S_1 + \dots + S_{{{n}}}| > {x}\right)"


@theorem(cites="Feller, An Introduction to Probability Theory and Its Applications, vol. 1, section VI.2")
def law_of_signs(tail: Exceeds, k: Symbol) -> Conclusion:
    r"""The link $P(|S_1 + \dots + S_n| > x) = 2^{-n} \sum_k \binom{n}{k} 1\{|n - 2k| > x\}$, where `k` signs are minus.

    Raises
    ------
    StepError
        If the number of signs cannot be one.
    """
    n, x = tail.args
    if n.is_nonnegative is not True or n.is_integer is not True:
        raise StepError("law of signs: not a number of signs", n)
    counted = Piecewise((binomial(n, k), Gt(Abs(n - 2 * k), x)), (Integer(0), True))
    hypotheses = ("all strings of signs are equally likely", "k of the n signs are minus")
    return Conclusion(tail, "=", Sum(counted, (k, 0, n)) / 2**n, "law of a sum of signs", hypotheses)
