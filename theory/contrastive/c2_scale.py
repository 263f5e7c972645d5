"""C2: the scale of the clean optimum, and its finite sums for constant amplitude."""

from functools import cache
from itertools import product

from sympy import Abs, And, Derivative, Eq, Expr, Gt, Integer, Lt, Rational, Sum, Symbol, binomial, exp, log, oo

from theory.assumptions import (
    Assumption,
    balanced_pairs,
    constant_amplitude,
    features_occur,
    independent_features,
    isotropic_encoder,
    no_attack,
    no_noise,
    pairs_of_views,
    signed_permutations,
    symmetric_features,
)
from theory.claims import Claim, Clause
from theory.contrastive.pairs import FLIP, inner, x, y
from theory.derivation import Derivation, Proof, begin, prove
from theory.laws import constant, random
from theory.model import ZERO_TO_ONE, d, p, r
from theory.quantities.pairs import CLEAN_OPTIMUM, CURVATURE, OVERLAP, SLOPE
from theory.ranges import ACTIVE, COUNT, POSITIVE
from theory.theorems.calculus import ArgMin, unique_minimum
from theory.theorems.expectation import (
    linearity,
    named_moment,
    ordered_means,
    positive_product,
    symmetrised,
    under_the_mean,
)
from theory.theorems.indicators import Mean
from theory.theorems.logistic import of_modulus, sigmoid, softplus
from theory.theorems.overlaps import binomial_theorem, generating_function_of_sum, mean_by_law, some_sign
from theory.theorems.roots import least_value, minimum_is_root, root_above_zero, root_at_most

scale = constant(Symbol("lambda", positive=True))
energy = random(Symbol("Q", nonnegative=True))
"""`||X||^2`, the score of a similar pair at scale one."""

_AT_ZERO = Symbol("L'(0)")
OVERLAPS = {inner: x.T * y, energy: x.T * x}
_RANDOM = (energy, inner)
_pull = -energy * sigmoid(-scale * energy)
_push = inner * sigmoid(scale * inner)
SLOPE_MEAN = Mean(_push / 2 + _pull / 2)
"""The derivative of the loss in the scale: dissimilar pairs push it down, similar pairs pull it up."""


LOSS = Mean(softplus(-scale * energy) / 2 + softplus(scale * inner) / 2)
"""The loss of balanced pairs."""


def derive_slope(clause: Clause) -> Proof:
    """Proof of the derivative of the loss in the scale."""
    return prove(clause.formula, _slope())


def _slope() -> Derivation:
    similar = under_the_mean(Mean(softplus(-scale * energy)), scale, energy)
    dissimilar = under_the_mean(Mean(softplus(scale * inner)), scale, inner)
    start = begin(SLOPE, similar.left / 2 + dissimilar.left / 2, "derivative of the loss of balanced pairs")
    return (
        start.within(similar).within(dissimilar).equals(Mean(_push) / 2 + Mean(_pull) / 2, "e^-t/(1 + e^-t) = sig(-t)")
    )


@cache
def curvature_chain() -> Derivation:
    """Chain from the second derivative of the loss in the scale to zero, strict."""
    weight = sigmoid(scale * energy) * sigmoid(-scale * energy)
    push = inner**2 * sigmoid(scale * inner) * sigmoid(-scale * inner)
    step = under_the_mean(SLOPE_MEAN, scale, inner**2 + energy**2)
    whole = begin(Symbol("s"), step.right.args[0], "second derivative of the loss, for both kinds of pairs")
    whole = whole.equals((push + energy**2 * weight) / 2, "sig' = sig(t) sig(-t)")
    bound = whole.at_least(energy**2 * weight / 2, "drop the nonnegative term of dissimilar pairs", gap=push / 2)
    moment = begin(Symbol("q"), Mean(energy**2), "positive because features occur").by(
        named_moment(Mean(energy**2), Symbol(r"\mathbb{E}Q^2", positive=True))
    )
    chain = begin(CURVATURE, Derivative(SLOPE_MEAN, scale), "derivative of the slope").by(step).by(ordered_means(bound))
    return chain.by(positive_product(chain.end, weight / 2, energy**2, moment))


def derive_convexity(clause: Clause) -> Proof:
    """Proof that the loss is strictly convex in the scale."""
    return prove(clause.formula, curvature_chain())


@cache
def start_chain() -> Derivation:
    """Chain from the slope at scale zero to a quarter of the mean energy, negative."""
    moment = Symbol(r"\mathbb{E}Q", positive=True)
    chain = begin(_AT_ZERO, SLOPE_MEAN.subs(scale, 0), "the slope at scale zero")
    chain = chain.by(linearity(chain.end))
    chain = chain.within(symmetrised(Mean(inner), {inner: -inner}, FLIP, OVERLAPS))
    chain = chain.by(linearity(chain.end))
    return chain.within(named_moment(Mean(energy), moment))


_PEAK, _ABOVE_PEAK = Rational(557, 2000), Rational(7, 25)
"""Two rationals above the largest value of `t/(1 + e^t)`, which is .27846 at `t = 1.27846`.

The first is below the second, so that the bound by the second is strict.
"""
_t = Symbol("t", real=True)


def _above_decay(t: Expr) -> Expr:
    """`c (1 + e^t) - t`, positive as `t/(1 + e^t) < c`."""
    return _PEAK * (1 + exp(t)) - t


@cache
def _decay_chain() -> Derivation:
    """Chain from `c (1 + e^t) - t` to zero."""
    least = least_value(_above_decay(_t), _t, Integer(1), _PEAK * exp(_t) - 1, -log(_PEAK))
    chain = begin(Symbol("f(t)"), _above_decay(_t), "c (1 + e^t) - t with c = .2785").by(least)
    return chain.at_least(Integer(0), "1 + c + log c > 0")


@cache
def far_chain() -> Derivation:
    """Chain from the slope at any scale to a lower bound that is positive at a large scale."""
    turned = symmetrised(SLOPE_MEAN, {inner: -inner}, FLIP, OVERLAPS)
    (both,) = turned.right.args
    modulus = Abs(inner)
    rests = (_above_decay(scale * t) / (2 * scale * (1 + exp(scale * t))) for t in (modulus, energy))
    pointwise = (
        begin(Symbol("s"), both, "both signs of one view")
        .by(of_modulus(both, inner))
        .equals(modulus / 4 - _PEAK / scale + sum(rests), "t sig(-lambda t) = t/(1 + e^(lambda t))")
        .within(_decay_chain().at({_t: scale * modulus}))
        .within(_decay_chain().at({_t: scale * energy}))
    )
    chain = begin(SLOPE, SLOPE_MEAN, "derivative of the loss of balanced pairs").by(turned)
    chain = chain.by(ordered_means(pointwise))
    chain = chain.by(linearity(chain.end))
    lower = Mean(modulus) / 4 - _ABOVE_PEAK / scale
    return chain.at_least(lower, "a larger constant", gap=(_ABOVE_PEAK - _PEAK) / scale, strict=True)


def _optimum() -> Derivation:
    """The chain from the scale of least loss to the zero of its slope."""
    argmin, high = ArgMin(LOSS, scale), 4 * _ABOVE_PEAK / Mean(Abs(inner))
    chain = begin(CLEAN_OPTIMUM, argmin, "least loss of balanced pairs over scales >= 0")
    return chain.by(minimum_is_root(argmin, SLOPE_MEAN, curvature_chain(), start_chain(), far_chain(), high))


def derive_only_minimiser(clause: Clause) -> Proof:
    """Proof that the slope has one zero, and where it lies."""
    high = 4 * _ABOVE_PEAK / Mean(Abs(inner))
    named = _optimum()
    above = named.by(root_above_zero(SLOPE_MEAN, scale, curvature_chain(), start_chain()))
    below = named.by(root_at_most(SLOPE_MEAN, scale, curvature_chain(), far_chain(), high))
    return prove(clause.formula, above, below, lemmas=(curvature_chain(), start_chain(), far_chain()))


def derive_bracket(clause: Clause) -> Proof:
    """Proof of the upper end for constant amplitude."""
    box = {p: ZERO_TO_ONE}
    far = far_chain().within(some_sign(Mean(Abs(inner)), inner, r**2, overlap_law(), d, box))
    named = _optimum()
    below = named.by(root_at_most(SLOPE_MEAN, scale, curvature_chain(), far, HIGH))
    return prove(clause.formula, below, lemmas=(curvature_chain(), far))


HIGH = 4 * _ABOVE_PEAK / (r**2 * (1 - (1 - p**2) ** d))
"""The optimum is at most this, for constant amplitude."""

power = Symbol("t", positive=True)
N, n, k = (Symbol(name, integer=True, nonnegative=True) for name in "Nnk")


def overlap_law() -> dict[Expr, Expr]:
    """Law of one coordinate of `D/r^2`, `B_i B'_i S_i S'_i`, by enumeration."""
    law: dict[Expr, Expr] = {}
    for active, other, sign, other_sign in product((0, 1), (0, 1), (-1, 1), (-1, 1)):
        weight = (p if active else 1 - p) * (p if other else 1 - p) / 4
        value = Integer(active * other * sign * other_sign)
        law[value] = law.get(value, Integer(0)) + weight
    return law


def energy_chain() -> Derivation:
    """Chain from the generating function of `Q/r^2` to its coefficients."""
    box = {p: ZERO_TO_ONE}
    mean = Mean(power ** (energy / r**2))
    law = {Integer(1): p, Integer(0): 1 - p}
    chain = begin(Symbol("G_Q"), mean, "generating function of Q/r^2 = N, the number of active features")
    chain = chain.by(generating_function_of_sum(mean, law, power, d, box))
    return chain.by(binomial_theorem(chain.end, p * power, 1 - p, N))


def _generating_function() -> Derivation:
    mean = Mean(power ** (inner / r**2))
    chain = begin(OVERLAP, mean, "generating function of D/r^2, a sum over features")
    chain = chain.by(generating_function_of_sum(mean, overlap_law(), power, d, {p: ZERO_TO_ONE}))
    return chain.equals((1 - p**2 + p**2 * (power + 1 / power) / 2) ** d, "a feature is common with probability p^2")


def overlap_chain() -> Derivation:
    """Chain from the generating function of `D/r^2` to its coefficients."""
    chain, common = _generating_function(), p**2 * (power + 1 / power) / 2
    chain = chain.by(binomial_theorem(chain.end, common, 1 - p**2, n))
    return chain.within(binomial_theorem(common**n, p**2 * power / 2, p**2 / (2 * power), k))


_FIRE = binomial(d, N) * p**N * (1 - p) ** (d - N)
_COMMON = binomial(d, n) * p ** (2 * n) * (1 - p**2) ** (d - n) * binomial(n, k) / 2**n
_SCORE = r**2 * (2 * k - n)
FINITE_PULL = Sum(_FIRE * r**2 * N * sigmoid(-scale * r**2 * N), (N, 0, d))
"""`E[Q sig(-lambda Q)]` for constant amplitude."""
FINITE_PUSH = Sum(_COMMON * _SCORE * sigmoid(scale * _SCORE), (k, 0, n), (n, 0, d))
"""`E[D sig(lambda D)]` for constant amplitude."""


def derive_law(clause: Clause) -> Proof:
    """Proof of the law of the overlap."""
    return prove(clause.formula, _generating_function())


def derive_finite_sums(clause: Clause) -> Proof:
    """Proof of the stationary equation for constant amplitude."""
    laws = energy_chain(), overlap_chain()
    chain = (
        _slope()
        .within(mean_by_law(Mean(_pull), energy, r**2, laws[0], _FIRE, N))
        .within(mean_by_law(Mean(_push), inner, r**2, laws[1], _COMMON, 2 * k - n))
    )
    return prove(clause.formula, chain, lemmas=laws)


def one_feature_loss(overlap_weights: dict[Expr, Expr]) -> Expr:
    """The loss for `d = 1`, given the law of the overlap."""
    dissimilar = sum((w * softplus(scale * r**2 * v) for v, w in overlap_weights.items()), Integer(0))
    similar = p * softplus(-scale * r**2) + (1 - p) * log(2)
    return (similar + dissimilar) / 2


def derive_one_feature(clause: Clause) -> Proof:
    """Proof of the closed form for a single feature."""
    f = one_feature_loss(overlap_law())
    core = p * exp(scale * r**2) - p - 2
    factor = r**2 * p / (4 * (1 + exp(scale * r**2)))
    box = {scale: (Integer(0), oo)}
    chain = begin(CLEAN_OPTIMUM, ArgMin(f, scale), "the loss of balanced pairs for d = 1").by(
        unique_minimum(f, scale, factor, core, log(1 + 2 / p) / r**2, box)
    )
    return prove(clause.formula, chain)


one_feature = Assumption("one feature", "There is one feature, $d = 1$.")
_LOSS = (pairs_of_views, isotropic_encoder, no_attack, no_noise)
_SPARSE = (constant_amplitude, independent_features, symmetric_features)

STATIONARY = Clause(
    name="stationary equation",
    says=r"The derivative of the loss with respect to the scale is $[[formula]]$, where $Q = \|X\|^2$ is the score of "
    r"a similar pair and $D = X^\top X'$ is that of a dissimilar pair at scale one.",
    formula=Eq(SLOPE, Mean(_push) / 2 + Mean(_pull) / 2),
    over={scale: POSITIVE},
    assumes=(*_LOSS, balanced_pairs),
    derive=derive_slope,
)

CONVEX = Clause(
    name="strictly convex",
    says="The loss is strictly convex in the scale: $[[formula]]$.",
    formula=Gt(CURVATURE, 0),
    over={scale: POSITIVE},
    assumes=(*_LOSS, balanced_pairs, features_occur),
    derive=derive_convexity,
)

MINIMISER = Clause(
    name="one finite minimiser",
    says="The scale that minimises the loss is positive and finite: $[[formula]]$.",
    formula=And(Gt(CLEAN_OPTIMUM, 0), Lt(CLEAN_OPTIMUM, 4 * _ABOVE_PEAK / Mean(Abs(inner)))),
    assumes=(*_LOSS, balanced_pairs, signed_permutations, features_occur),
    derive=derive_only_minimiser,
    resolution=Rational(1, 50),
)

LAW = Clause(
    name="law of the overlap",
    says="The overlap $D$ of two independent views is a sum of signs, one for each feature that is active in both "
    "views, and its generating function is $[[formula]]$.",
    formula=Eq(OVERLAP, (1 - p**2 + p**2 * (power + 1 / power) / 2) ** d),
    over={d: COUNT, p: ACTIVE, power: POSITIVE},
    assumes=(pairs_of_views, no_noise, *_SPARSE),
    derive=derive_law,
)

FINITE = Clause(
    name="finite sums",
    says="With constant amplitude, the derivative of the loss with respect to the scale, whose zero is the optimal "
    "scale, is a finite sum over the numbers of active and of common features: $[[formula]]$.",
    formula=Eq(SLOPE, FINITE_PUSH / 2 - FINITE_PULL / 2),
    over={d: COUNT, p: ACTIVE, r: POSITIVE, scale: POSITIVE},
    assumes=(*_LOSS, balanced_pairs, *_SPARSE),
    derive=derive_finite_sums,
)

BRACKET = Clause(
    name="bracket",
    says="With constant amplitude, the optimal scale has explicit bounds: $[[formula]]$.",
    formula=Lt(CLEAN_OPTIMUM, HIGH),
    over={d: COUNT, p: ACTIVE, r: POSITIVE},
    assumes=(*_LOSS, balanced_pairs, *_SPARSE),
    derive=derive_bracket,
    resolution=Rational(1, 50),
)

ONE_FEATURE = Clause(
    name="one feature",
    says="For one feature of constant amplitude, the optimal scale is $[[formula]]$.",
    formula=Eq(CLEAN_OPTIMUM, log(1 + 2 / p) / r**2),
    over={p: ACTIVE, r: POSITIVE},
    assumes=(one_feature, *_LOSS, balanced_pairs, constant_amplitude, symmetric_features),
    derive=derive_one_feature,
)

C2 = Claim(
    id="C2",
    title="The scale of the clean contrastive optimum",
    clauses=(STATIONARY, CONVEX, MINIMISER, LAW, FINITE, BRACKET, ONE_FEATURE),
    setting=(),
    source="beyond the paper",
    kind="sharpened",
    depends_on=("C1",),
)
