r"""How many sign patterns can leave a node silent, if each of its features fires it alone.

Of `n` active features with fair signs, at most the share $s_n$ of the patterns is silent, where $s_0 = 1$ and

    s_{2k} = C(2k, k)/4^k,    s_{2k+1} = s_{2k} k/(k+1).

B. Bollobas, "Sperner systems consisting of pairs of complementary subsets", J. Combinatorial Theory A 15 (1973).
"""

from collections.abc import Callable
from fractions import Fraction
from math import comb

from sympy import Expr, Function, Integer, Pow, Rational, Sum, Symbol, binomial, floor

from theory.algebra import Box, is_nonnegative, is_positive, reduces_to_zero
from theory.assumptions import Assumption
from theory.derivation import Conclusion, Derivation, StepError, theorem


class MostSilent(Function):  # type: ignore[misc]
    """The largest share of the patterns of `n` fair signs that can be silent: `MostSilent(n)`."""

    nargs = 1
    is_extended_real = True
    is_extended_nonnegative = True
    is_finite = True

    def doit(self, **_hints: object) -> Expr:
        """Its value, where `n` is a number."""
        (n,) = self.args
        return _largest_share(int(n)) if n.is_Integer else self

    def _latex(self, printer: object, exp: object = None) -> str:
        return rf"s_{{{printer._print(self.args[0])}}}"  # type: ignore[attr-defined]


def _largest_share(n: int) -> Rational:
    """Two complementary patterns for each set of an intersecting antichain of largest size on `n - 1` points."""
    share = Fraction(2 * comb(n - 1, n // 2 - 1), 2**n) if n > 1 else Fraction(1 - n)
    return Rational(share.numerator, share.denominator)


def even_share(k: Expr) -> Expr:
    """`s_{2k}`."""
    return binomial(2 * k, k) * Pow(4, -k)


def odd_share(k: Expr) -> Expr:
    """`s_{2k+1}`."""
    return even_share(k) * k / (k + 1)


@theorem(cites="Bollobas, Sperner systems consisting of pairs of complementary subsets, J. Comb. Theory A 15 (1973)")
def silent_patterns(share: Expr, apart: Derivation, threshold: Expr, alone: Assumption) -> Conclusion:
    r"""The link from the share of silent patterns, given `n` active features, to `s_n`.

    If one silent pattern had more pluses than another, in the sense of inclusion, the pre-activations would differ by
    at least twice the threshold, although both are smaller than it. So the silent patterns form an antichain; it is
    closed under complements, and one set of each complementary pair gives an intersecting antichain.

    Parameters
    ----------
    share
        A function of `n`.
    apart
        A chain from what the signs of a feature, and of further ones, change down to twice the threshold.
    alone
        The assumption that each feature fires the node alone.

    Raises
    ------
    StepError
        If the chain does not end at twice the threshold, or bounds from the wrong side.
    """
    (n,) = share.args
    if apart.relation not in ("=", ">", ">=") or not reduces_to_zero(apart.end - 2 * threshold):
        raise StepError("antichain: comparable patterns are not shown to be two thresholds apart", apart.end)
    hypotheses = ("comparable silent patterns would be two thresholds apart", "closed under complements", "fair signs")
    return Conclusion(share, "<=", MostSilent(n), "an antichain of complementary pairs", hypotheses, given=(alone,))


@theorem(cites="Erdos, On a lemma of Littlewood and Offord, Bulletin of the American Mathematical Society 51 (1945)")
def silent_patterns_with_offset(share: Expr, apart: Derivation, threshold: Expr, alone: Assumption) -> Conclusion:
    r"""The link from the share of silent patterns to $\binom{n}{\lfloor n/2\rfloor}/2^n$, whatever is added to them.

    An offset breaks the symmetry under complements; the silent patterns are still an antichain, and Sperner's theorem
    bounds it. Given the offset, which is independent of the signs, the bound is the same; parameters as in
    `silent_patterns`.

    Raises
    ------
    StepError
        If the chain does not end at twice the threshold, or bounds from the wrong side.
    """
    (n,) = share.args
    if apart.relation not in ("=", ">", ">=") or not reduces_to_zero(apart.end - 2 * threshold):
        raise StepError("antichain: comparable patterns are not shown to be two thresholds apart", apart.end)
    hypotheses = ("comparable silent patterns would be two thresholds apart", "fair signs, independent of the offset")
    right = binomial(n, floor(n / 2)) / 2**n
    return Conclusion(share, "<=", right, "an antichain", hypotheses, given=(alone,))


@theorem(cites="Feller, An Introduction to Probability Theory and Its Applications, vol. 1, section III.1")
def tilted_patterns(share: Expr, tilt: Derivation, given: Assumption) -> Conclusion:
    r"""The link from the share of silent patterns to `s_n` for the weights $b(1 + \delta 2^i)$, `i = 1, ..., m`.

    The tilts of all features together stay below one threshold, so that a pattern is silent if its signs balance, or
    if they add up to one and the tilt of the last active feature, which exceeds those of all before it, has the other
    sign. There are $\binom{n}{n/2}$ patterns of the first kind and $2\binom{n-1}{(n-3)/2}$ of the second.

    Parameters
    ----------
    tilt
        A chain from the sum of all tilts to one.

    Raises
    ------
    StepError
        If the tilts are not shown to stay below one, or the two counts are not `s_n`.
    """
    (n,) = share.args
    if tilt.relation != "<" or tilt.end != 1:
        raise StepError("tilted weights: the tilts may reach the threshold", tilt.end)
    k = Symbol("k", integer=True, positive=True)
    counts = (binomial(2 * k, k) / 4**k, 2 * binomial(2 * k, k - 1) / 2 ** (2 * k + 1))
    for count, closed in zip(counts, (even_share(k), odd_share(k)), strict=True):
        if not reduces_to_zero(count - closed):
            raise StepError("tilted weights: another count", count - closed)
    hypotheses = ("the sum of all tilts is below one", "2^i exceeds the sum of the powers before it", "fair signs")
    return Conclusion(
        share, "=", MostSilent(n), "balanced patterns, and those that the tilt balances", hypotheses, given=(given,)
    )


@theorem(cites="Graham, Knuth and Patashnik, Concrete Mathematics, section 2.4")
def by_parity(total: Sum, k: Symbol) -> Conclusion:
    r"""The link $\sum_{n=0}^m c(n) s_n = \sum_k c(2k) s_{2k} + \sum_k c(2k+1) s_{2k+1}$, with both in closed form.

    Raises
    ------
    StepError
        If the sum has another form.
    """
    ((n, low, high),) = total.limits
    weight = total.function.coeff(MostSilent(n))
    if low != 0 or weight.has(MostSilent) or not reduces_to_zero(total.function - weight * MostSilent(n)):
        raise StepError("parity: the sum has another form", total)
    even = Sum(weight.subs(n, 2 * k) * even_share(k), (k, 0, floor(high / 2)))
    odd = Sum(weight.subs(n, 2 * k + 1) * odd_share(k), (k, 0, floor((high - 1) / 2)))
    return Conclusion(total, "=", even + odd, "even and odd numbers of active features", ("a finite sum",))


_CASES = 7
"""Numbers of features that are compared one by one; the shares fall from then on, and the bound stays above them."""


@theorem(cites="Graham, Knuth and Patashnik, Concrete Mathematics, section 1.1")
def below_geometric(n: Symbol) -> Conclusion:
    r"""The link $s_n \le \frac{1}{3} + \frac{2}{3}(-\frac{1}{2})^n$ for every integer `n >= 0`.

    It is compared for the first numbers. Both `s_{2k}` and `s_{2k+1}` fall from `k = 1` on, so that later shares are at
    most the larger of the last two; and no later value of the bound is below that at `n = 5`.

    Raises
    ------
    StepError
        If one of these comparisons fails, or the index may be negative.
    """
    if not (n.is_integer and n.is_nonnegative):
        raise StepError("geometric bound: not a number of features", n)
    for number in range(_CASES):
        if _geometric(Integer(number)) < _largest_share(number):
            raise StepError("geometric bound: fails", Integer(number))
    k = Symbol("k", integer=True, positive=True)
    # Ratios of successive shares of one parity, less than one: (2k+1)/(2k+2), and that times (k+1)^2/(k (k+2)).
    ratio = (2 * k + 1) / (2 * k + 2)
    for closed, quotient in ((even_share, ratio), (odd_share, ratio * (k + 1) ** 2 / (k * (k + 2)))):
        if not _falls(closed, quotient, k):
            raise StepError("geometric bound: the shares may grow", quotient)
    last = max(_largest_share(_CASES - 1), _largest_share(_CASES - 2))
    if last > _geometric(Integer(_CASES - 2)) or _CASES % 2 == 0:
        raise StepError("geometric bound: a later share may exceed it", last)
    hypotheses = (f"compared for n < {_CASES}", "the shares fall for even and for odd n", "the bound does not")
    return Conclusion(MostSilent(n), "<=", _geometric(n), "a geometric bound of the shares", hypotheses)


def _geometric(n: Expr) -> Expr:
    return Rational(1, 3) + Rational(2, 3) * Rational(-1, 2) ** n


def _falls(closed: Callable[[Expr], Expr], quotient: Expr, k: Symbol) -> bool:
    """Whether the quotient is that of successive values, and at most one."""
    return reduces_to_zero(closed(k + 1) - quotient * closed(k)) and is_nonnegative(1 - quotient)


@theorem(cites="Graham, Knuth and Patashnik, Concrete Mathematics, section 5.1")
def binomial_theorem(total: Sum, base: Expr, terms: tuple[tuple[Expr, Expr], ...]) -> Conclusion:
    r"""The link $\sum_n \binom{m}{n} y^{m-n} \sum_i c_i x_i^n = \sum_i c_i (x_i + y)^m$.

    Parameters
    ----------
    base, terms
        `y`, and the pairs `(c_i, x_i)`.

    Raises
    ------
    StepError
        If the sum has another form.
    """
    ((n, low, high),) = total.limits
    expected = sum((c * x**n for c, x in terms), Integer(0)) * binomial(high, n) * base ** (high - n)
    if low != 0 or not reduces_to_zero(total.function - expected):
        raise StepError("binomial theorem: the sum has another form", total)
    value = sum((c * (x + base) ** high for c, x in terms), Integer(0))
    return Conclusion(total, "=", value, "binomial theorem", ("a finite sum",))


@theorem(cites="Rudin, Principles of Mathematical Analysis, proposition 1.18")
def power_falls(base: Expr, n: Expr, least: Expr, box: Box) -> Conclusion:
    """The link `base^n <= base^least` for a base from 0 to 1 and exponents `n >= least`.

    Raises
    ------
    StepError
        If the base may lie outside, or the exponents are not shown to be in that order.
    """
    if not (is_nonnegative(base, box) and is_nonnegative(1 - base, box)):
        raise StepError("falling power: the base may leave [0, 1]", base)
    if not is_positive(n - least + 1, box):
        raise StepError("falling power: the exponents are not in order", n - least)
    return Conclusion(base**n, "<=", base**least, "powers of a number from 0 to 1", ("0 <= base <= 1", f"n >= {least}"))
