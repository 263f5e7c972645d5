"""Means over a binomial number, summed around its mode with a certified bound on both tails."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from flint import arb, ctx
from sympy import Expr, Mul, Sum, Symbol, binomial

from purecheck.enclosures.problems import NotEnclosedError

LONGEST = 10**6
"""Largest number of trials: a mean takes about a third of a second there."""
_SPARE_BITS = 32
"""Of the working precision, kept for the roundings of a sum: its tails are left out below the others."""


@dataclass(frozen=True)
class BinomialMean:
    """`E f(K)` for `K ~ Bin(trials, chance)`, as a sum over `index` writes it.

    Attributes
    ----------
    index
        The index of the sum.
    trials, chance
        Parameters of the law.
    function
        What is averaged, in the index.
    """

    index: Symbol
    trials: Expr
    chance: Expr
    function: Expr

    @property
    def total(self) -> Expr:
        """The sum."""
        k, n, p = self.index, self.trials, self.chance
        return Sum(binomial(n, k) * p**k * (1 - p) ** (n - k) * self.function, (k, 0, n))


def as_binomial_mean(total: Expr) -> BinomialMean | None:
    """The mean over a binomial number that a sum is; None if its terms do not hold the weights of such a law."""
    if not isinstance(total, Sum) or len(total.limits) != 1 or total.limits[0][1] != 0:
        return None
    index, _, n = total.limits[0]
    factors = list(Mul.make_args(total.function))
    successes = [x for x in factors if x.as_base_exp()[1] == index]
    for success in successes:
        p = success.as_base_exp()[0]
        weights = (binomial(n, index), success, (1 - p) ** (n - index))
        if all(weight in factors for weight in weights):
            return BinomialMean(index, n, p, Mul(*(x for x in factors if x not in weights)))
    return None


@dataclass(frozen=True)
class Weights:
    """The likely values of a binomial number.

    Attributes
    ----------
    first
        The least of them.
    probabilities
        Of each value in turn, from `first` on.
    rest
        An upper bound of the probability of all other values.
    """

    first: int
    probabilities: tuple[arb, ...]
    rest: arb

    def __iter__(self) -> Iterator[tuple[int, arb]]:
        return iter(enumerate(self.probabilities, self.first))

    def mean(self, function: Callable[[arb], arb], bound: arb) -> arb:
        """A ball around the mean of a function that `bound` bounds in modulus."""
        found = arb(0)
        for k, weight in self:
            found += weight * function(arb(k))
        return found + arb(0, (self.rest * bound).upper())


def weights_of(n: int, p: arb, complement: arb) -> Weights:
    """The weights of `Bin(n, p)` around its mode; `complement` is `1 - p`.

    They end where the ratio `t` of neighbouring terms is below 1 and `t/(1 - t)` times the last term, the rest of the
    geometric series, is below the working precision relative to the probability of what is not zero.

    Raises
    ------
    NotEnclosedError
        If `n` exceeds 10^6.
    """
    if n > LONGEST:
        raise NotEnclosedError(f"a sum runs over {n + 1} values; expected at most {LONGEST + 1}")
    if n == 0 or p.is_zero():
        return Weights(0, (arb(1),), arb(0))
    if complement.is_zero():
        return Weights(n, (arb(1),), arb(0))
    mode = min(int(float((p * n).mid())), n)
    peak = arb.bin_uiui(n, mode) * p**mode * complement ** (n - mode)
    share = arb(2) ** (_SPARE_BITS - ctx.prec) / (n + 1) ** 2
    odds = p / complement
    up, above = _tail(peak, mode, n, lambda k: odds * (n - k) / (k + 1), share)
    down, below = _tail(peak, n - mode, n, lambda k: (n - k) / (odds * (k + 1)), share)
    return Weights(mode - len(down), (*reversed(down), peak, *up), above + below)


def _tail(peak: arb, start: int, end: int, ratio: Callable[[int], arb], share: arb) -> tuple[list[arb], arb]:
    """The terms after `start`, and a bound of those that are left out; the ratio falls along the way."""
    terms: list[arb] = []
    term, occurs = peak, arb(0)
    for k in range(start, end):
        step = ratio(k)
        if step < 1:
            rest = term * step / (1 - step)
            if rest < share * occurs:
                return terms, arb(rest.upper())
        term = term * step
        occurs += term
        terms.append(term)
    return terms, arb(0)


def whole(value: arb) -> int:
    """The number of trials that a ball denotes.

    Raises
    ------
    NotEnclosedError
        If it is no single nonnegative integer.
    """
    found = value.unique_fmpz()
    if found is None or found < 0 or not value.is_exact():
        raise NotEnclosedError(f"{value} is no number of trials")
    return int(found)
