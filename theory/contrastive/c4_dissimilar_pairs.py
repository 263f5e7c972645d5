"""C4: attacks raise the loss of dissimilar pairs more than that of similar pairs."""

from sympy import And, Eq, Expr, Ge, Gt, Integer, Le, Symbol, exp

from theory.algebra import Box
from theory.assumptions import (
    Assumption,
    attacked_view,
    features_occur,
    isotropic_encoder,
    no_noise,
    pairs_of_views,
)
from theory.claims import Claim, Clause
from theory.contrastive.pairs import (
    DISSIMILAR,
    EXCHANGE,
    FLIP,
    HALF,
    dissimilar_loss,
    inner,
    norm,
    other_norm,
    similar_loss,
)
from theory.derivation import Derivation, Proof, begin, prove
from theory.laws import constant
from theory.model import ZERO_TO_ONE, eps
from theory.quantities.attacked_pairs import (
    DISSIMILAR_GIVEN,
    DISSIMILAR_SLOPE,
    INCREASE_GAP,
    SIMILAR_INCREASE,
    SIMILAR_SLOPE,
)
from theory.ranges import NONNEGATIVE, POSITIVE, Range, above
from theory.theorems.expectation import (
    COSINE,
    Pair,
    Quantity,
    linearity,
    longer_first,
    ordered_means,
    positive_mean,
    symmetrised,
    under_the_mean,
)
from theory.theorems.indicators import Mean
from theory.theorems.logistic import Growth, by_exponentials, increments_grow, sigmoid, softplus

scale = constant(Symbol("lambda", positive=True))
"""Scale of the encoder; here not zero."""
size = constant(Symbol("epsilon", positive=True))
"""Size of the attack; here not zero."""
length = constant(Symbol("x", positive=True))
"""Norm of a pair's features; here not zero."""
GIVEN_NORM = constant(Symbol(r"\|x'\|", nonnegative=True))
"""Norm of the other view where that view is given, so that it is not random."""

_RANDOM = (inner, norm, other_norm)
_PAIR = Pair(inner, norm, other_norm)


def similar_increase(eps: Expr, length: Expr, scale: Expr = scale) -> Expr:
    """Increase of the loss of a similar pair under the worst attack."""
    return similar_loss(scale, eps, length) - softplus(-scale * length**2)


def dissimilar_increase(eps: Expr, product: Expr, length: Expr, scale: Expr = scale) -> Expr:
    """Increase of the loss of a dissimilar pair with inner product `product` and other norm `length`."""
    return dissimilar_loss(scale, eps, length).subs(inner, product) - softplus(scale * product)


def _similar_chain(box: Box) -> Derivation:
    reason = "the loss of a similar pair under its worst attack minus the clean loss"
    return begin(SIMILAR_INCREASE, similar_increase(size, length), reason, box=box)


def derive_small_attack(clause: Clause) -> Proof:
    """Proof that the increase is at most half the first-order size while `eps <= 2 ||x||`."""
    rise, rest = Symbol("k", nonnegative=True), Symbol("l", nonnegative=True)
    half_step, below = size * scale * length / 2, scale * length * (length - size / 2)
    chain = _similar_chain(clause.box)
    gap = rise * rest * exp(-below) / (1 + exp(-scale * length**2))
    step = by_exponentials(chain.end, "<=", half_step, gap, {rise: half_step, rest: below}, clause.box)
    return prove(clause.formula, chain.by(step))


def derive_large_attack(clause: Clause) -> Proof:
    """Proof that the increase exceeds half the first-order size once `eps > 2 ||x||`."""
    rise, rest = Symbol("k", positive=True), Symbol("l", positive=True)
    half_step, above = size * scale * length / 2, scale * length * (size / 2 - length)
    chain = _similar_chain(clause.box)
    gap = rise * rest / (1 + exp(-scale * length**2))
    step = by_exponentials(chain.end, ">", half_step, gap, {rise: half_step, rest: above}, clause.box)
    return prove(clause.formula, chain.by(step))


def derive_given_view(clause: Clause) -> Proof:
    """Proof of the lower bound for dissimilar pairs, averaged over the attacked view."""
    mean = Mean(dissimilar_increase(size, inner, GIVEN_NORM))
    turned = symmetrised(mean, {inner: -inner}, FLIP, DISSIMILAR)
    (both_signs,) = turned.right.args
    rise, half_step = Symbol("k", nonnegative=True), size * scale * GIVEN_NORM / 2
    gap = rise**2 / ((1 + exp(scale * inner)) * (1 + exp(-scale * inner)))
    pointwise = begin(Symbol("s"), both_signs, "the increase averaged over both signs of the attacked view").by(
        by_exponentials(both_signs, ">=", half_step, gap, {rise: 2 * half_step}, power=2)
    )
    chain = begin(DISSIMILAR_GIVEN, mean, "average over the attacked view, the other view given").by(turned)
    at_constant = linearity(Mean(half_step))
    return prove(clause.formula, chain.by(ordered_means(pointwise)).by(at_constant), lemmas=(pointwise,))


def _pair_chain(integrand: Expr, at: Quantity) -> Derivation:
    """Chain that shows the increases of a pair and its exchange minus those of two similar pairs, to be positive."""
    product, attacked, other = (scale * at[inner], at[norm], at[other_norm])
    step, further = size * scale * other, size * scale * (attacked - other)
    low, high = -scale * attacked**2, -scale * other**2
    growths = (
        Growth(HALF, high, product - high, step),
        Growth(HALF, low, -product - low, step),
        Growth(HALF / 2, low + step, product - low, further),
        Growth(HALF / 2, low + step, -product - low, further),
    )
    reason = "a pair and its exchange, the longer view attacked first, both signs of the inner product"
    box = {COSINE: ZERO_TO_ONE}
    start = begin(Symbol("s"), integrand.xreplace(dict(at)), reason, box=box)
    return start.by(increments_grow(start.end, growths, box, strict=True))


def derive_gap(clause: Clause) -> Proof:
    """Proof that dissimilar pairs lose more than similar ones on average, by exchanging the views of a pair."""
    means = Mean(dissimilar_increase(size, inner, other_norm)) - Mean(similar_increase(size, norm))
    integrand = dissimilar_increase(size, inner, other_norm) - similar_increase(size, norm)
    exchange = {norm: other_norm, other_norm: norm}
    chain = (
        begin(INCREASE_GAP, means, "increase of the expected loss of dissimilar pairs minus that of similar pairs")
        .by(linearity(means, Mean(integrand)))
        .by(symmetrised(Mean(integrand), {inner: -inner}, FLIP, DISSIMILAR))
    )
    chain = chain.by(symmetrised(chain.end, exchange, EXCHANGE, DISSIMILAR))
    pointwise = _pair_chain(chain.end.args[0], longer_first(_PAIR))
    chain = chain.by(positive_mean(chain.end, _PAIR, pointwise))
    return prove(clause.formula, chain, lemmas=(pointwise,))


def derive_first_order(clause: Clause) -> Proof:
    """Proof of the first-order effects, by differentiating under the expectation at `eps = 0`."""
    dissimilar = Mean(dissimilar_loss(scale, eps, other_norm))
    turned = under_the_mean(dissimilar, eps, scale * other_norm, Integer(0))
    first = begin(DISSIMILAR_SLOPE, turned.left, "derivative of the expected loss of dissimilar pairs").by(turned)
    first = first.by(symmetrised(first.end, {inner: -inner}, FLIP, DISSIMILAR))
    halved = begin(Symbol("s"), first.end.args[0], "both signs").equals(scale * other_norm / 2, "sig(t) + sig(-t) = 1")
    first = first.by(ordered_means(halved)).by(linearity(Mean(halved.end)))
    similar = under_the_mean(Mean(similar_loss(scale, eps, norm)), eps, scale * norm, Integer(0))
    second = begin(SIMILAR_SLOPE, similar.left, "derivative of the expected loss of similar pairs").by(similar)
    second = second.by(linearity(second.end))
    return prove(clause.formula, first, second, lemmas=(halved,))


mirrored_laws = Assumption(
    "mirrored laws",
    r"The features $X$ have the law of $-X$, the noise $\xi$ has that of $-\xi$, and second moments are finite.",
)
_ATTACKED_PAIRS = (pairs_of_views, isotropic_encoder, attacked_view)

SMALL_ATTACK = Clause(
    name="similar pair, small attack",
    says=r"An attack of at most twice the norm of the features, $[[range epsilon]]$ with $x$ for $\|x\|$, raises the "
    "loss of a similar pair by at most half of the largest change of its score: $[[formula]]$.",
    formula=Le(SIMILAR_INCREASE, size * scale * length / 2),
    over={scale: POSITIVE, length: POSITIVE, size: Range(Integer(0), 2 * length, open_low=True)},
    assumes=(*_ATTACKED_PAIRS, no_noise),
    derive=derive_small_attack,
)

LARGE_ATTACK = Clause(
    name="similar pair, large attack",
    says=r"An attack of more than twice the norm of the features, $[[range epsilon]]$ with $x$ for $\|x\|$, raises "
    "the loss of a similar pair by more than half of the largest change of its score: $[[formula]]$.",
    formula=Gt(SIMILAR_INCREASE, size * scale * length / 2),
    over={scale: POSITIVE, length: POSITIVE, size: above(2 * length)},
    assumes=(*_ATTACKED_PAIRS, no_noise),
    derive=derive_large_attack,
)

GIVEN_VIEW = Clause(
    name="dissimilar pair, given the other view",
    says="An attack of any size raises the loss of a dissimilar pair, averaged over the attacked view with the other "
    "view given, by at least half of the largest change of its score: $[[formula]]$.",
    formula=Ge(DISSIMILAR_GIVEN, size * scale * GIVEN_NORM / 2),
    over={scale: POSITIVE, size: POSITIVE, GIVEN_NORM: NONNEGATIVE},
    assumes=(*_ATTACKED_PAIRS, mirrored_laws),
    derive=derive_given_view,
)

ON_AVERAGE = Clause(
    name="on average",
    says="At every scale of the encoder and every attack size, the expected loss of dissimilar pairs increases by "
    "more than that of similar pairs: $[[formula]]$.",
    formula=Gt(INCREASE_GAP, 0),
    over={scale: POSITIVE, size: POSITIVE},
    assumes=(*_ATTACKED_PAIRS, no_noise, mirrored_laws, features_occur),
    derive=derive_gap,
)

FIRST_ORDER = Clause(
    name="first order",
    says="To first order in the attack, the expected losses of dissimilar and of similar pairs increase at the rates "
    "$[[formula]]$, where $x$ and $x'$ are the norms of the views.",
    formula=And(
        Eq(DISSIMILAR_SLOPE, scale * Mean(other_norm) / 2),
        Eq(SIMILAR_SLOPE, scale * Mean(norm * sigmoid(-scale * norm**2))),
    ),
    over={scale: POSITIVE},
    assumes=(*_ATTACKED_PAIRS, no_noise, mirrored_laws),
    derive=derive_first_order,
)

C4 = Claim(
    id="C4",
    title="Attacks hit dissimilar pairs harder than similar ones",
    clauses=(ON_AVERAGE, SMALL_ATTACK, LARGE_ATTACK, GIVEN_VIEW, FIRST_ORDER),
    setting=(),
    source="section 5.3",
    kind="paper",
)
