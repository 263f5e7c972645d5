"""P3c: on constant amplitudes look-up nodes beat purified ones, and nothing beats look-up nodes."""

from sympy import Abs, And, Eq, Expr, Ge, Gt, IndexedBase, Integer, Lt, Product, Rational, Sum, Symbol

from theory.claims import Claim, Clause, Mutation
from theory.derivation import Derivation, Proof, begin, definition, opening, prove
from theory.laws import bounded, constant, indicator, random
from theory.model import ZERO_TO_ONE, d, named, p
from theory.theorems.duality import reverse_triangle
from theory.theorems.expectation import ordered_means
from theory.theorems.fits import least_norm
from theory.theorems.indicators import Mean
from theory.theorems.modulus import (
    dominant_term,
    integer_modulus,
    integer_power,
    last_entry,
    strict_bernoulli,
    triangle,
)
from theory.theorems.support import (
    complement_of_product,
    independent_product,
    of_indicator,
    termwise_mean,
)
from theory.theorems.symmetry import equal_shares, odd_products_vanish
from theory.theorems.windows import own_window, window

_i, _k = Symbol("i", integer=True), Symbol("k", integer=True)
_n = Symbol("n", integer=True, positive=True)
theta, g = (constant(IndexedBase(name, real=True)) for name in ("theta", "g"))
w = bounded(IndexedBase("w", integer=True), Integer(-2), Integer(2))
x = random(IndexedBase("x", real=True), identical=True)
beta = random(IndexedBase("beta", real=True))
B = indicator(IndexedBase("B", nonnegative=True), p, independent=True)
nonempty = random(Symbol(r"\iota", nonnegative=True), low=Integer(0), high=Integer(1))
"""Indicator of a support that is not empty."""

_RANGE = (_k, 1, d)
_LENGTH = Sum(x[_k] ** 2, _RANGE)
_TARGET = Sum(theta[_k] * x[_k], _RANGE)
_TARGET_ENERGY = Sum(theta[_k] ** 2, _RANGE)

ENERGY = named(r"\mathbb{E}\|\beta\|^2")
FIT = named(r"f(Mx)")
LEAST = named(r"E_{min}")
SQUARE = named(r"\|\beta(x)\|^2")
APART = named(r"|u^Tw|")
LEAST_SHARE = (1 - (1 - p) ** d) / d
"""The bound over `||theta||^2`."""
RATIO = named(r"E_{min}/\|\theta\|^2")
LEAST_ENERGY = Mean(nonempty * _TARGET**2 / _LENGTH)
"""E[(theta^T X)^2/||X||^2], an empty support counting 0."""
LEAST_VALUE = _TARGET_ENERGY * LEAST_SHARE
ratio = Symbol("c", real=True)
"""`theta^T x/||x||^2`, twice the modulus of the heads of a pair `+-x`."""


def derive_bound(clause: Clause) -> Proof:
    """Proof that no fit has a smaller mean square than the least-norm fit of every single input."""
    pointwise = (
        begin(SQUARE, Sum(beta[_k] ** 2, _RANGE), "squared length at x", box={nonempty: ZERO_TO_ONE})
        .at_least(
            nonempty * Sum(beta[_k] ** 2, _RANGE),
            "an empty support counts 0",
            gap=(1 - nonempty) * Sum(beta[_k] ** 2, _RANGE),
        )
        .within(least_norm(beta[_k], theta[_k], x[_k], _RANGE))
    )
    mean = Mean(Sum(beta[_k] ** 2, _RANGE))
    chain = begin(ENERGY, mean, "mean over the inputs").by(ordered_means(pointwise))
    return prove(clause.formula, chain, lemmas=(pointwise,))


def _probability_nonempty() -> Derivation:
    """The chain `E[iota] = 1 - (1 - p)^d`."""
    empty = Product(1 - B[_k], _RANGE)
    some = definition(nonempty, 1 - empty, "empty when every B_k is 0", sign=complement_of_product(empty))
    start = opening(Mean(nonempty)).within(some)
    return (
        start.by(termwise_mean(start.end, Mean(Integer(1)) - Mean(empty)))
        .within(independent_product(Mean(empty), B))
        .within(of_indicator(Mean(1 - B[_k]), B[_k], p))
        .within(of_indicator(Mean(Integer(1)), B[_k], p))
        .equals(1 - (1 - p) ** d, "d equal factors")
    )


def _evaluated(chain: Derivation, probability: Derivation) -> Derivation:
    """The chain, which ends in `E[(theta^T X)^2/||X||^2]`, continued to the value."""
    share = x[_i] ** 2 / _LENGTH
    return (
        chain.by(odd_products_vanish(LEAST_ENERGY, _TARGET, x, _i))
        .within(equal_shares(Mean(nonempty * share), nonempty, share, x[_i], (_i, 1, d)))
        .within(probability.as_step("probability of a support that is not empty"))
        .equals(LEAST_VALUE, "collect")
    )


def derive_value(clause: Clause) -> Proof:
    """Proof of the value of the bound."""
    probability = _probability_nonempty()
    chain = begin(LEAST, LEAST_ENERGY, "mean square of the least-norm fit of every single input")
    return prove(clause.formula, _evaluated(chain, probability), lemmas=(probability,))


_top = Symbol("t", integer=True, nonnegative=True)
"""Position, from 0, of the last nonzero entry of `w`."""
_BASE = Integer(8)
_GRAIN = _BASE ** (-d)
_OVERLAP = Symbol("s^Tw", integer=True, nonzero=True)
_SHIFTED = Symbol("g^Tw", real=True)
LARGEST = Rational(2, 7)


def _shift(position: Expr) -> Expr:
    return _BASE ** (position - d)


def derive_separation(clause: Clause) -> Proof:
    """Proof that no other pattern comes as near to a threshold as the pair itself.

    `w` is the difference, or the sum, of two patterns: integers of modulus at most 2, not all zero.
    """
    whole = Sum(w[_k] * _shift(_k), (_k, 0, d - 1))
    shifted = opening(Abs(_SHIFTED)).within(definition(_SHIFTED, whole, "g_k = 8^(k - d)"))
    part = last_entry(whole, w, _top)
    lower = (
        shifted.within(part)
        .by(dominant_term(part.right, w, Integer(1), Integer(2)))
        .equals(Rational(5, 7) * _BASE**_top * _GRAIN + LARGEST * _GRAIN, "geometric sum")
        .within(integer_power(_BASE, _top))
    )
    upper = (
        shifted.by(triangle(whole, w, Integer(2)))
        .equals(LARGEST - LARGEST * _GRAIN, "geometric sum")
        .at_most(LARGEST, "8^-d > 0", strict=True)
    )
    apart = (
        begin(APART, Abs(_OVERLAP + _SHIFTED), "u = s + g, or s - g, and s^T w is an integer; here not 0")
        .by(reverse_triangle(Abs(_OVERLAP + _SHIFTED), _OVERLAP))
        .within(integer_modulus(_OVERLAP))
        .within(upper.as_step("the shift is small"))
    )
    return prove(clause.formula, lower, upper, apart)


_j, _l, _pairs = (Symbol(name, integer=True, positive=True) for name in ("j", "l", "J"))
_patterns, _heads = IndexedBase("X", real=True), IndexedBase("c", real=True)
_seen, _low, _high = (IndexedBase(name, real=True) for name in (r"v^+", r"b_1^+", r"b_2^+"))
_seen_minus, _low_minus, _high_minus = (IndexedBase(name, real=True) for name in (r"v^-", r"b_1^-", r"b_2^-"))


def _looked_up() -> tuple[Derivation, ...]:
    """The chain from the look-up network's effective map to its value, and the lemmas that name its parts."""
    contents = {sign: _heads[_j] * (_patterns[_j, _k] + sign * g[_k]) for sign in (1, -1)}
    ends = {1: (_low, _high), -1: (_low_minus, _high_minus)}
    seen = {1: _seen, -1: _seen_minus}
    totals = {
        sign: Sum(window(seen[sign][_j], *(end[_j] for end in ends[sign])) * contents[sign], (_j, 1, _pairs))
        for sign in (1, -1)
    }
    input_is_own = begin(_patterns[_l, _k], x[_k], "the input, or its negative, is pattern l")
    head = begin(_heads[_l], ratio / 2, "heads +-theta^T x/(2 ||x||^2)")
    chain = begin(
        beta[_k],
        totals[1] + totals[-1],
        "four nodes a pair +-x_j: (u, b_1, c_j), (u, b_2, -c_j) for u = x_j + g and for u = x_j - g",
    )
    for sign in (1, -1):
        chain = chain.within(own_window(totals[sign], contents[sign], seen[sign], ends[sign], _l))
    chain = chain.within(input_is_own.as_step("the input")).within(head.as_step("the heads"))
    return chain.equals(ratio * x[_k], "g cancels"), input_is_own, head


def derive_attained(clause: Clause) -> Proof:
    """Proof that the four nodes of each pair give the least-norm fit there, so that the bound is attained."""
    looked_up, *parts = _looked_up()
    effective = looked_up.as_step("the effective map")
    slope = begin(ratio, _TARGET / _LENGTH, "heads +-theta^T x/(2 ||x||^2)")
    pointwise = (
        begin(SQUARE, nonempty * Sum(beta[_k] ** 2, _RANGE), "squared length; at 0 all gates are shut")
        .within(effective)
        .equals(nonempty * ratio**2 * _LENGTH, "a common factor")
        .within(slope.as_step("the heads"))
    )
    probability = _probability_nonempty()
    chain = begin(ENERGY, Mean(pointwise.subject), "mean over the inputs").by(ordered_means(pointwise))
    fit = (
        begin(FIT, Sum(beta[_k] * x[_k], _RANGE), "f(Mx) = beta^T x (P1)")
        .within(effective)
        .equals(ratio * _LENGTH, "a common factor")
        .within(slope.as_step("the heads"))
    )
    lemmas = (looked_up, *parts, slope, pointwise, probability)
    return prove(clause.formula, _evaluated(chain, probability), fit, lemmas=lemmas)


def derive_cheaper(clause: Clause) -> Proof:
    """Proof that the bound lies below the mean square of a purified fit, `p ||theta||^2`, from two features on."""
    box = {p: ZERO_TO_ONE}
    chain = begin(
        RATIO, (1 - (1 - p) ** (_n + 1)) / (_n + 1), "least mean square over ||theta||^2, d = n + 1", box=box
    ).within(strict_bernoulli(1 - p, _n + 1, box))
    return prove(clause.formula, chain)


_t1, _x1, _b1 = (Symbol(name, real=True) for name in ("theta_1", "x_1", "beta_1"))

BOUND = Clause(
    name="lower bound",
    says=r"$\mathbb{E}\|\beta\|^2 \ge \mathbb{E}[(\theta^T X)^2/\|X\|^2]$ for every fit; an empty support counts 0.",
    formula=Ge(ENERGY, LEAST_ENERGY),
    derive=derive_bound,
    mutation=Mutation(
        "twice the bound (d = p = 1, the purified fit)",
        Ge(ENERGY, 2 * LEAST_ENERGY),
        {_t1: Integer(1), _x1: Integer(1)},
        consequence=Ge(_t1**2, 2 * (_t1 * _x1) ** 2 / _x1**2),
    ),
)

VALUE = Clause(
    name="its value",
    says=r"It equals $\|\theta\|^2 (1-(1-p)^d)/d$.",
    formula=Eq(LEAST, LEAST_VALUE),
    derive=derive_value,
    mutation=Mutation(
        "p instead of (1 - (1-p)^d)/d (theta = (1, 0), r = 1, p = 1: the mean of 1/2)",
        Eq(LEAST, p * _TARGET_ENERGY),
        {p: Integer(1), _t1: Integer(1)},
        consequence=Eq(_t1**2 / 2, p * _t1**2),
    ),
)

SEPARATION = Clause(
    name="separation",
    says=r"For the shift $g_k = 8^{k-d}$, $k = 0 \dots d-1$, and the difference or sum $w$ of two signed supports, "
    r"$w \ne 0$: $8^{-d} \le |g^T w| < 2/7$, and $|(s \pm g)^T w| > 5/7$ if $s^T w \ne 0$. So no other support comes "
    r"nearer to $|u^T s|$ than $8^{-d}$, and two thresholds fit in around it.",
    formula=And(Ge(Abs(_SHIFTED), _GRAIN), Lt(Abs(_SHIFTED), LARGEST), Gt(APART, 1 - LARGEST)),
    derive=derive_separation,
    mutation=Mutation(
        "twice as far (w = (1, 0, ...): |g^T w| = 8^-d)",
        And(Ge(Abs(_SHIFTED), 2 * _GRAIN), Lt(Abs(_SHIFTED), LARGEST)),
        {d: Integer(2)},
        consequence=Ge(_GRAIN, 2 * _GRAIN),
    ),
)

ATTAINED = Clause(
    name="attained",
    says=r"For every $d$ it is attained by look-up nodes: for each pair $\pm x \ne 0$ the directions $u = x + g$ and "
    r"$x - g$, and for each the nodes $(u, b_1, c), (u, b_2, -c)$ with $b_1 < |u^T x| < b_2$, no other $|u^T z|$ in "
    r"$[b_1, b_2)$, $c = \theta^T x/(2\|x\|^2)$.",
    formula=And(Eq(ENERGY, LEAST_VALUE), Eq(FIT, _TARGET)),
    derive=derive_attained,
    mutation=Mutation(
        "the mean square of a purified fit (d = 2, p = 1, theta = (1, 1): 1/2 of it)",
        Eq(ENERGY, p * _TARGET_ENERGY),
        {p: Integer(1), _t1: Integer(1)},
        consequence=Eq((_t1**2 + _t1**2) / 2, p * (_t1**2 + _t1**2)),
    ),
)

CHEAPER = Clause(
    name="cheaper than pure",
    says=r"For $d = n + 1 \ge 2$ features and $0 < p < 1$ that is less than the $p\|\theta\|^2$ of a purified fit: "
    "the density in P3 is essential.",
    formula=Lt(RATIO, p),
    box={p: ZERO_TO_ONE},
    derive=derive_cheaper,
    mutation=Mutation("less than p/2", Lt(RATIO, p / 2), {_n: Integer(1), p: Rational(1, 2)}),
)

P3C = Claim(
    id="P3c",
    title="Constant amplitudes: look-up nodes",
    clauses=(BOUND, VALUE, SEPARATION, ATTAINED, CHEAPER),
    setting=(
        r"Constant amplitude $r$",
        r"No noise: $\sigma = 0$",
        r"An exact fit: $f(Mx) = \theta^T x$ for every $x$",
    ),
    source="beyond the paper",
    kind="sharpened",
    depends_on=("P1",),
)
