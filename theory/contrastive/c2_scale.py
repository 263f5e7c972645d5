"""C2: the scale of the clean optimum, and its finite sums for constant amplitude."""

from functools import cache
from itertools import product

from sympy import (
    Abs,
    And,
    Derivative,
    E,
    Eq,
    Expr,
    Gt,
    Integer,
    Le,
    Rational,
    Sum,
    Symbol,
    binomial,
    exp,
    log,
    oo,
)

from theory.claims import Claim, Clause, Mutation
from theory.contrastive.pairs import FLIP, HALF, inner, x, y
from theory.derivation import Derivation, Proof, begin, prove
from theory.model import ZERO_TO_ONE, d, p, r
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
from theory.theorems.logistic import of_modulus, peak_of_decay, sigmoid, softplus
from theory.theorems.overlaps import binomial_theorem, independent_product, mean_by_law, some_sign
from theory.theorems.roots import minimum_is_root, root_above_zero, root_at_most

scale = Symbol("lambda", positive=True)
energy = Symbol("Q", nonnegative=True)
"""`||X||^2`, the score of a similar pair at scale one."""

SLOPE = Symbol("L'(\\lambda)")
AT_ZERO = Symbol("L'(0)")
CURVATURE = Symbol("L''(\\lambda)")
OVERLAP = Symbol(r"\mathbb{E}\,t^{D/r^2}")
OPTIMUM = Symbol(r"\lambda^*")
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
    whole = begin(Symbol("s"), step.right.args[0], "second derivative of the loss of a pair, both kinds")
    whole = whole.equals((push + energy**2 * weight) / 2, "sig' = sig(t) sig(-t)")
    bound = whole.at_least(energy**2 * weight / 2, "leave out the dissimilar pairs", gap=push / 2)
    moment = begin(Symbol("q"), Mean(energy**2), "features occur").by(
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
    chain = begin(AT_ZERO, SLOPE_MEAN.subs(scale, 0), "the slope at scale zero")
    chain = chain.by(linearity(chain.end, _RANDOM))
    chain = chain.within(symmetrised(Mean(inner), {inner: -inner}, FLIP, OVERLAPS))
    chain = chain.by(linearity(chain.end, _RANDOM))
    return chain.within(named_moment(Mean(energy), moment))


@cache
def far_chain() -> Derivation:
    """Chain from the slope at any scale to a lower bound that is positive at a large scale."""
    turned = symmetrised(SLOPE_MEAN, {inner: -inner}, FLIP, OVERLAPS)
    (both,) = turned.right.args
    modulus = Abs(inner)
    decays = modulus * exp(-scale * modulus), energy * exp(-scale * energy)
    gap = decays[0] / (1 + exp(scale * modulus)) / 2 + decays[1] / (1 + exp(scale * energy)) / 2
    pointwise = (
        begin(Symbol("s"), both, "both signs of one view")
        .by(of_modulus(both, inner))
        .at_least(modulus / 4 - decays[0] / 2 - decays[1] / 2, "1/(1 + e^t) = e^-t - e^-t/(1 + e^t)", gap=gap)
        .within(peak_of_decay(modulus, scale, -HALF))
        .within(peak_of_decay(energy, scale, -HALF))
    )
    chain = begin(SLOPE, SLOPE_MEAN, "derivative of the loss of balanced pairs").by(turned)
    chain = chain.by(ordered_means(pointwise))
    return chain.by(linearity(chain.end, _RANDOM))


def _optimum() -> Derivation:
    """The chain from the scale of least loss to the zero of its slope."""
    argmin, high = ArgMin(LOSS, scale), 4 / (E * Mean(Abs(inner)))
    chain = begin(OPTIMUM, argmin, "least loss of balanced pairs over scales >= 0")
    return chain.by(minimum_is_root(argmin, SLOPE_MEAN, curvature_chain(), start_chain(), far_chain(), high))


def derive_only_minimiser(clause: Clause) -> Proof:
    """Proof that the slope has one zero, and where it lies."""
    high = 4 / (E * Mean(Abs(inner)))
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


HIGH = 4 / (E * r**2 * (1 - (1 - p**2) ** d))
"""The optimum is at most this, for constant amplitude."""

_t = Symbol("t", positive=True)
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
    mean = Mean(_t ** (energy / r**2))
    law = {Integer(1): p, Integer(0): 1 - p}
    chain = begin(Symbol("G_Q"), mean, "generating function of Q/r^2 = N, the number of active features")
    chain = chain.by(independent_product(mean, law, _t, d, box))
    return chain.by(binomial_theorem(chain.end, p * _t, 1 - p, N))


def _generating_function() -> Derivation:
    mean = Mean(_t ** (inner / r**2))
    chain = begin(OVERLAP, mean, "generating function of D/r^2, a sum over features")
    chain = chain.by(independent_product(mean, overlap_law(), _t, d, {p: ZERO_TO_ONE}))
    return chain.equals((1 - p**2 + p**2 * (_t + 1 / _t) / 2) ** d, "a feature is common with probability p^2")


def overlap_chain() -> Derivation:
    """Chain from the generating function of `D/r^2` to its coefficients."""
    chain, common = _generating_function(), p**2 * (_t + 1 / _t) / 2
    chain = chain.by(binomial_theorem(chain.end, common, 1 - p**2, n))
    return chain.within(binomial_theorem(common**n, p**2 * _t / 2, p**2 / (2 * _t), k))


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
    chain = begin(OPTIMUM, ArgMin(f, scale), "the loss of balanced pairs, d = 1").by(
        unique_minimum(f, scale, factor, core, log(1 + 2 / p) / r**2, box)
    )
    return prove(clause.formula, chain)


_ONE = {d: Integer(1), p: Rational(3, 10), r: Rational(7, 10)}
_TRUE = log(Rational(23, 3)) / Rational(49, 100)

STATIONARY = Clause(
    name="stationary equation",
    says=r"On $G = \lambda I$ the loss has the derivative $\frac12 \mathbb{E}[D\,\mathrm{sig}(\lambda D)] - "
    r"\frac12 \mathbb{E}[Q\,\mathrm{sig}(-\lambda Q)]$ with $Q = \|X\|^2$, $D = X^T X'$.",
    formula=Eq(SLOPE, Mean(_push) / 2 + Mean(_pull) / 2),
    derive=derive_slope,
    mutation=Mutation(
        "similar pairs not attracted (at $Q = D = 1$)",
        Eq(SLOPE, Mean(_push) / 2 - Mean(_pull) / 2),
        {scale: Integer(1), energy: Integer(1), inner: Integer(1)},
        Eq((_push + _pull) / 2, (_push - _pull) / 2),
    ),
)

CONVEX = Clause(
    name="strictly convex",
    says=r"The loss is strictly convex in $\lambda$.",
    formula=Gt(CURVATURE, 0),
    derive=derive_convexity,
    mutation=Mutation(
        "convex with a modulus of at least 1/8 for every scale ($d = p = r = 1$)",
        Gt(CURVATURE, Rational(1, 8)),
        {scale: Integer(10), energy: Integer(1), inner: Integer(1)},
        Gt((_push / 2 + _pull / 2).diff(scale), Rational(1, 8)),
    ),
)

MINIMISER = Clause(
    name="one finite minimiser",
    says=r"It has one minimiser, which is finite and positive: $0 < \lambda^* \le 4/(e\,\mathbb{E}|D|)$.",
    formula=And(Gt(OPTIMUM, 0), Le(OPTIMUM, 4 / (E * Mean(Abs(inner))))),
    derive=derive_only_minimiser,
    mutation=Mutation(
        "a quarter of the upper end ($d = p = r = 1$)",
        And(Gt(OPTIMUM, 0), Le(OPTIMUM, 1 / (E * Mean(Abs(inner))))),
        {d: Integer(1), p: Integer(1), r: Integer(1)},
        Le(log(1 + 2 / p) / r**2, 1 / (E * p**2 * r**2)),
    ),
)

LAW = Clause(
    name="law of the overlap",
    says=r"Constant amplitude: $D = r^2(S_1 + \dots + S_n)$ with $n \sim \mathrm{Bin}(d, p^2)$ independent signs.",
    formula=Eq(OVERLAP, (1 - p**2 + p**2 * (_t + 1 / _t) / 2) ** d),
    box={p: ZERO_TO_ONE},
    derive=derive_law,
    mutation=Mutation(
        r"$n \sim \mathrm{Bin}(d, p)$",
        Eq(OVERLAP, (1 - p + p * (_t + 1 / _t) / 2) ** d),
        {**_ONE, _t: Integer(2)},
        Eq(sum(w * _t**v for v, w in overlap_law().items()) ** d, (1 - p + p * (_t + 1 / _t) / 2) ** d),
    ),
)

FINITE = Clause(
    name="finite sums",
    says=r"Constant amplitude: the slope is a finite sum over that law and $Q = r^2 N$, $N \sim \mathrm{Bin}(d, p)$; "
    r"$\lambda^*$ is its root.",
    formula=Eq(SLOPE, FINITE_PUSH / 2 - FINITE_PULL / 2),
    box={p: ZERO_TO_ONE},
    derive=derive_finite_sums,
    mutation=Mutation(
        "the slope at scale zero added",
        Eq(SLOPE, FINITE_PUSH / 2 - FINITE_PULL / 2 - d * p * r**2 / 4),
        {**_ONE, scale: _TRUE},
        Eq(FINITE_PUSH / 2 - FINITE_PULL / 2 - d * p * r**2 / 4, 0),
    ),
)

BRACKET = Clause(
    name="bracket",
    says=r"Constant amplitude: $\lambda^* \le 4/(e r^2 (1 - (1 - p^2)^d))$.",
    formula=Le(OPTIMUM, HIGH),
    box={p: ZERO_TO_ONE},
    derive=derive_bracket,
    mutation=Mutation(
        "a tenth of the upper end ($d = 1$)",
        Le(OPTIMUM, HIGH / 10),
        {d: Integer(1), p: Rational(9, 10), r: Integer(1)},
        Le(log(1 + 2 / p) / r**2, HIGH / 10),
    ),
)

ONE_FEATURE = Clause(
    name="one feature",
    says=r"$d = 1$: $\lambda^* = \log((2+p)/p)/r^2$.",
    formula=Eq(OPTIMUM, log(1 + 2 / p) / r**2),
    derive=derive_one_feature,
    mutation=Mutation(
        r"a common feature with probability $p$: $\log(3)/r^2$ (2.24 for 4.16)",
        Eq(OPTIMUM, log(3) / r**2),
        _ONE,
        Eq(one_feature_loss(overlap_law()).diff(scale).subs(scale, log(3) / r**2), 0),
    ),
)

C2 = Claim(
    id="C2",
    title="Scale of the clean contrastive optimum",
    clauses=(STATIONARY, CONVEX, MINIMISER, LAW, FINITE, BRACKET, ONE_FEATURE),
    setting=(
        r"Balanced pairs, no noise, $p > 0$; isotropic linear encoder, $G = \lambda I$",
        r"any symmetric law of the amplitude with finite fourth moment, constant where that is said",
    ),
    source="beyond the paper",
    kind="sharpened",
    depends_on=("C1",),
)
