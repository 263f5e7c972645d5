"""P3c: at constant amplitudes, look-up nodes beat purified ones, and nothing beats look-up nodes."""

from sympy import Abs, And, Eq, Expr, Ge, Gt, IndexedBase, Integer, Lt, Product, Rational, Sum, Symbol

from theory.assumptions import Assumption, constant_amplitude, exact_fit, independent_features, symmetric_features
from theory.claims import Claim, Clause
from theory.derivation import Derivation, Proof, Step, begin, definition, opening, prove
from theory.laws import bounded, constant, indicator, random
from theory.model import ZERO_TO_ONE, d, named, p
from theory.purification.p3_purification_bound import equal_rates
from theory.quantities.firing import ENERGY
from theory.quantities.fits import APART, LEAST, LEAST_RATIO, OUTPUT, SHIFT
from theory.ranges import ACTIVE, COUNT, PROBABILITY
from theory.theorems.expectation import linearity, ordered_means
from theory.theorems.indicators import Mean
from theory.theorems.inner_products import cauchy_schwarz
from theory.theorems.modulus import (
    LAST_ENTRY,
    integer_modulus,
    integer_power,
    last_entry,
    last_entry_counts,
    last_term_apart,
    within_declared_range,
)
from theory.theorems.norms import reverse_triangle, triangle_inequality
from theory.theorems.series import bernoulli
from theory.theorems.support import complement_of_product, independent_product, of_indicator
from theory.theorems.symmetry import equal_shares, odd_products_vanish
from theory.theorems.windows import own_window, window

_i, _k = Symbol("i", integer=True), Symbol("k", integer=True)
more = Symbol("n", integer=True, positive=True)
"""Number of features beyond the first."""
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

SQUARE = named(r"\|\beta(x)\|^2")
LEAST_SHARE = (1 - (1 - p) ** d) / d
"""The bound over `||theta||^2`."""
LEAST_ENERGY = Mean(nonempty * _TARGET**2 / _LENGTH)
"""E[(theta^T X)^2/||X||^2], an empty support counting 0."""
LEAST_VALUE = _TARGET_ENERGY * LEAST_SHARE
ratio = Symbol("c", real=True)
"""`theta^T x/||x||^2`, twice the modulus of the heads of a pair `+-x`."""


def derive_bound(clause: Clause) -> Proof:
    """Proof that no fit has a smaller mean square than the least-norm fit of every single input."""
    given = (exact_fit, nonempty_indicator)
    fit = Step(Sum(beta[_k] * x[_k], _RANGE), "=", _TARGET, "the network fits", "assumption", given=(exact_fit,))
    pointwise = (
        begin(SQUARE, Sum(beta[_k] ** 2, _RANGE), "squared length at x", box={nonempty: ZERO_TO_ONE}, given=given)
        .at_least(
            nonempty * Sum(beta[_k] ** 2, _RANGE),
            "an empty support counts 0",
            gap=(1 - nonempty) * Sum(beta[_k] ** 2, _RANGE),
        )
        .within(cauchy_schwarz(beta[_k], x[_k], _RANGE, quotient=True))
        .within(fit)
    )
    mean = Mean(Sum(beta[_k] ** 2, _RANGE))
    chain = begin(ENERGY, mean, "mean over the inputs").by(ordered_means(pointwise))
    return prove(clause.formula, chain, lemmas=(pointwise,))


def _probability_nonempty() -> Derivation:
    """The chain `E[iota] = 1 - (1 - p)^d`."""
    empty = Product(1 - B[_k], _RANGE)
    some = definition(nonempty, 1 - empty, "the support is empty if every B_k is 0", sign=complement_of_product(empty))
    start = opening(Mean(nonempty)).within(some)
    return (
        start.by(linearity(start.end, Mean(Integer(1)) - Mean(empty)))
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
        .equals(LEAST_VALUE, "collect terms")
    )


def derive_value(clause: Clause) -> Proof:
    """Proof of the value of the bound."""
    probability = _probability_nonempty()
    reason = "mean square of the least-norm fit of every single input"
    chain = begin(LEAST, LEAST_ENERGY, reason, given=(same_amplitudes, *_LAW))
    return prove(clause.formula, _evaluated(chain, probability), lemmas=(probability,))


_top = Symbol("t", integer=True, nonnegative=True)
"""Position, from 0, of the last nonzero entry of `w`."""
_BASE = Integer(8)
"""Base of the shift. With entries of `w` up to 2, the last nonzero digit outweighs all before it as 1 > 2/7."""
_GRAIN = _BASE ** (-d)
"""Lower bound for the modulus of the inner product of the shift with a difference of supports."""
_OVERLAP = Symbol(r"s^{\top} w", integer=True, nonzero=True)
LARGEST = Rational(2, 7)
"""Upper bound for the same, `2 (1/8 + 1/64 + ...)`: below 1/2, so that the shift never closes a gap of 1."""


def _shift(position: Expr) -> Expr:
    return _BASE ** (position - d)


def derive_separation(clause: Clause) -> Proof:
    """Proof that no other pattern comes as near to a threshold as the pair itself.

    `w` is the difference, or the sum, of two patterns: integers of modulus at most 2, not all zero.
    """
    whole, given = Sum(w[_k] * _shift(_k), (_k, 0, d - 1)), (other_supports,)
    shifted = opening(Abs(SHIFT)).within(definition(SHIFT, whole, "g_k = 8^(k - d)", given=given))
    part = last_entry(whole, w, _top)
    last, others = w[_top] * _shift(_top), Sum(w[_k] * _shift(_k), (_k, 0, _top - 1))
    entry = within_declared_range(w[_k], Integer(2))
    lower = (
        shifted.within(part)
        .within(last_term_apart(part.right))
        .by(reverse_triangle(last, others))
        .within(triangle_inequality(others))
        .within(entry)
        .within(last_entry_counts(w, _top))
        .equals(Rational(5, 7) * _BASE**_top * _GRAIN + LARGEST * _GRAIN, "geometric sum")
        .within(integer_power(_BASE, _top))
    )
    upper = (
        shifted.by(triangle_inequality(whole))
        .within(entry)
        .equals(LARGEST - LARGEST * _GRAIN, "geometric sum")
        .at_most(LARGEST, "8^-d > 0", strict=True)
    )
    apart = (
        begin(APART, Abs(_OVERLAP + SHIFT), "u = s + g or s - g; s^T w is an integer, not 0", given=given)
        .by(reverse_triangle(_OVERLAP, SHIFT))
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
        "each pair +-x_j has four nodes: (u, b_1, c_j) and (u, b_2, -c_j) for u = x_j + g and for u = x_j - g",
        given=(lookup, constant_amplitude),
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
        begin(SQUARE, nonempty * Sum(beta[_k] ** 2, _RANGE), "squared length; at input 0 no node fires")
        .within(effective)
        .equals(nonempty * ratio**2 * _LENGTH, "a common factor")
        .within(slope.as_step("the heads"))
    )
    probability = _probability_nonempty()
    chain = begin(ENERGY, Mean(pointwise.subject), "mean over the inputs", given=_LAW).by(ordered_means(pointwise))
    fit = (
        begin(OUTPUT, Sum(beta[_k] * x[_k], _RANGE), "f(Mx) = beta^T x (P1)")
        .within(effective)
        .equals(ratio * _LENGTH, "a common factor")
        .within(slope.as_step("the heads"))
    )
    lemmas = (looked_up, *parts, slope, pointwise, probability)
    return prove(clause.formula, _evaluated(chain, probability), fit, lemmas=lemmas)


def derive_cheaper(clause: Clause) -> Proof:
    """Proof that the bound lies below the mean square of a purified fit, `p ||theta||^2`, from two features on."""
    box = {p: (Integer(0), Integer(2))}
    chain = begin(
        LEAST_RATIO,
        (1 - (1 - p) ** (more + 1)) / (more + 1),
        "least mean square over ||theta||^2, d = n + 1",
        box=box,
        given=(lookup, constant_amplitude, *_LAW),
    ).within(bernoulli(1 - p, more + 1, box, strict=True))
    return prove(clause.formula, chain)


same_amplitudes = Assumption(
    "same amplitudes",
    "The amplitudes of the features are independent and identically distributed, as constant amplitudes are.",
)
lookup = Assumption(
    "look-up nodes",
    r"For each pair $\pm x \ne 0$ of inputs and for each of the directions $u = x + g$ and $u = x - g$, there are two "
    r"nodes $(u, b_1, c)$ and $(u, b_2, -c)$, where $b_1 < |u^\top x| < b_2$, no other $|u^\top z|$ lies in $[b_1, "
    r"b_2)$, and $c = \theta^\top x/(2\|x\|^2)$.",
    defines=True,
)
other_supports = Assumption(
    "other supports",
    r"The shift is $g_k = 8^{k-d}$ for $k = 0, \dots, d - 1$, the vector $w \ne 0$ is the difference or the sum of "
    r"two signed supports, and $u = s \pm g$ for a signed support $s$ with $s^\top w \ne 0$.",
    defines=True,
)
nonempty_indicator = Assumption(
    "indicator of a support", r"The indicator $\iota$ is $0$ if the support is empty and $1$ otherwise.", defines=True
)
_LAW = (symmetric_features, independent_features, equal_rates)

BOUND = Clause(
    name="lower bound",
    says="Every exact fit satisfies $[[formula]]$ under every law of the input, where an empty support counts as $0$.",
    formula=Ge(ENERGY, LEAST_ENERGY),
    over={d: COUNT},
    assumes=(exact_fit, nonempty_indicator),
    derive=derive_bound,
)

VALUE = Clause(
    name="its value",
    says="The effective map that at every single input has the least norm among those that fit there has the mean "
    "squared norm $[[rhs]]$.",
    formula=Eq(LEAST, LEAST_VALUE),
    over={p: PROBABILITY, d: COUNT},
    assumes=(same_amplitudes, *_LAW),
    derive=derive_value,
)

SEPARATION = Clause(
    name="separation",
    says="The shift separates the two directions of a pair of inputs from all other supports, $[[formula]]$, so two "
    "thresholds fit in between.",
    formula=And(Ge(Abs(SHIFT), _GRAIN), Lt(Abs(SHIFT), LARGEST), Gt(APART, 1 - LARGEST)),
    over={d: COUNT},
    assumes=(other_supports, LAST_ENTRY),
    derive=derive_separation,
)

ATTAINED = Clause(
    name="attained",
    says="Look-up nodes fit every input and attain the lower bound for every number of features: $[[formula]]$.",
    formula=And(Eq(ENERGY, LEAST_VALUE), Eq(OUTPUT, _TARGET)),
    over={p: PROBABILITY, d: COUNT},
    assumes=(lookup, constant_amplitude, *_LAW),
    derive=derive_attained,
)

CHEAPER = Clause(
    name="cheaper than pure",
    says="For two or more features, $d = n + 1$, look-up nodes have a smaller mean squared norm than the purified "
    r"fit, whose value is $p\|\theta\|^2$: $[[formula]]$ for $[[range p]]$. The density of the amplitudes in P3 is "
    "therefore essential.",
    formula=Lt(LEAST_RATIO, p),
    over={p: ACTIVE, more: COUNT},
    assumes=(lookup, constant_amplitude, *_LAW),
    derive=derive_cheaper,
)

P3C = Claim(
    id="P3c",
    title="Constant amplitudes: look-up nodes",
    clauses=(BOUND, VALUE, SEPARATION, ATTAINED, CHEAPER),
    setting=(),
    source="beyond the paper",
    kind="sharpened",
    depends_on=("P1",),
)
