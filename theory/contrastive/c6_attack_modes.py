"""C6, the paper's third open question: the attack on which pairs purifies, similar or dissimilar ones."""

from dataclasses import dataclass

from sympy import And, Basic, Derivative, Eq, Expr, Gt, Integer, LambertW, Lt, Rational, Symbol, exp, log, oo

from theory.algebra import Box
from theory.assumptions import (
    Assumption,
    balanced_pairs,
    features_occur,
    isotropic_encoder,
    no_noise,
    pairs_of_views,
    signed_permutations,
)
from theory.claims import Claim, Clause, NearMiss
from theory.contrastive.c2_scale import ONE_FEATURE
from theory.contrastive.c3_collapse import RADIUS, mean_score
from theory.contrastive.c3_losses import scale, score, similar_norm
from theory.contrastive.c3_slopes import pair_of_images
from theory.contrastive.pairs import DISSIMILAR, FLIP, HALF, inner, other_norm
from theory.contrastive_training import ALL_PAIRS, CLEAN, GATE, PAIRS_BY_ENERGY, RUNS, SIZES, PairArm
from theory.contrastive_training import DISSIMILAR as DISSIMILAR_PAIRS
from theory.contrastive_training import SIMILAR as SIMILAR_PAIRS
from theory.derivation import Derivation, Proof, begin, opening, prove
from theory.model import eps, p, r
from theory.quantities.attacked_pairs import (
    DISSIMILAR_OPTIMUM,
    DISSIMILAR_RATE,
    DISSIMILAR_START,
    SIMILAR_OPTIMUM,
    SIMILAR_RATE,
    SIMILAR_START,
)
from theory.quantities.pairs import CLEAN_OPTIMUM, MEAN_NORM, Tilt
from theory.ranges import NONNEGATIVE, POSITIVE, Range, at_least, between, closed
from theory.relations import above, smaller
from theory.statistics import Fall, each
from theory.theorems.calculus import ArgMin
from theory.theorems.expectation import (
    force_under_the_mean,
    linearity,
    named_moment,
    ordered_means,
    positive_product,
    symmetrised,
)
from theory.theorems.indicators import Mean
from theory.theorems.logistic import by_exponentials, lambert, sigmoid, softplus
from theory.theorems.roots import (
    Root,
    minimum_at_zero,
    minimum_before,
    minimum_inside,
    rises_up_to,
    root_decreases,
    root_moves,
)
from theory.theorems.tilt import FLOOR, floor_chain, slope_under_the_mean

_W = LambertW(exp(-1))

_RANDOM = (score, inner, similar_norm, other_norm)


@dataclass(frozen=True)
class Mode:
    """An attack on pairs of one kind alone: exponents `t` of the worst-case losses `sp(lambda t)`, and names."""

    similar: Expr
    dissimilar: Expr
    optimum: Symbol
    at_zero: Symbol

    @property
    def loss(self) -> Mean:
        """Expected worst-case loss at scale `lambda`."""
        return Mean(softplus(scale * self.similar) / 2 + softplus(scale * self.dissimilar) / 2)

    @property
    def force(self) -> Mean:
        """Its derivative in the scale."""
        return Mean(sum((HALF * t * sigmoid(scale * t) for t in (self.similar, self.dissimilar)), Integer(0)))


SIMILAR = Mode(-score + eps * similar_norm, inner, SIMILAR_OPTIMUM, SIMILAR_START)
DISSIMILAR_ONLY = Mode(-score, inner + eps * other_norm, DISSIMILAR_OPTIMUM, DISSIMILAR_START)


def _curvature(mode: Mode) -> Derivation:
    """Chain from the second derivative in the scale to zero, strict."""
    weights = [sigmoid(scale * t) * sigmoid(-scale * t) / 2 for t in (mode.similar, mode.dissimilar)]
    step = force_under_the_mean(mode.force, scale, ((HALF, mode.similar), (HALF, mode.dissimilar)))
    squared = mode.dissimilar**2
    bound = (
        begin(Symbol("s"), step.right.args[0], "second derivative of the loss of a pair")
        .equals(mode.similar**2 * weights[0] + squared * weights[1], "sig' = sig(t) sig(-t)")
        .at_least(squared * weights[1], "drop the nonnegative term of similar pairs", gap=mode.similar**2 * weights[0])
    )
    moment = begin(Symbol("q"), Mean(squared), "positive because features occur").by(
        named_moment(Mean(squared), Symbol(r"\mathbb{E}t^2", positive=True))
    )
    chain = begin(Symbol(r"\partial_\lambda^2 L"), Derivative(mode.force, scale), "second derivative in the scale")
    chain = chain.by(step).by(ordered_means(bound))
    return chain.by(positive_product(chain.end, weights[1], squared, moment))


def _at_zero(mode: Mode, box: Box | None = None) -> Derivation:
    start = mode.force.subs(scale, 0)
    chain = begin(mode.at_zero, start, "slope at scale zero, where sig = 1/2", box=box)
    chain = chain.by(linearity(chain.end))
    chain = chain.within(symmetrised(Mean(inner), {inner: -inner}, FLIP, DISSIMILAR))
    chain = chain.by(linearity(chain.end)).within(mean_score().as_step("shown above"))
    attacked = similar_norm if mode is SIMILAR else other_norm
    chain = chain.within(named_moment(Mean(attacked), MEAN_NORM))
    return chain.equals(MEAN_NORM * (eps - 2 * RADIUS) / 4, "collect terms")


def derive_slopes(clause: Clause) -> Proof:
    """Proof of the slopes at scale zero."""
    return prove(clause.formula, _at_zero(SIMILAR), _at_zero(DISSIMILAR_ONLY))


def derive_collapsed(clause: Clause) -> Proof:
    """Proof that either optimum is zero from twice the collapse radius on."""
    chains, slopes = [], []
    for mode in (SIMILAR, DISSIMILAR_ONLY):
        argmin, slope = ArgMin(mode.loss, scale), _at_zero(mode, clause.box)
        chain = begin(mode.optimum, argmin, "least worst-case loss over scales >= 0", box=clause.box)
        chains.append(chain.by(minimum_at_zero(argmin, mode.force, _curvature(mode), slope)))
        slopes.append(slope)
    return prove(clause.formula, *chains, lemmas=tuple(slopes))


def _before(clause: Clause) -> Box:
    """Attacks below the upper end of the clause, a size of zero inside."""
    return {eps: (-oo, clause.over[eps].high)}


def derive_before(clause: Clause) -> Proof:
    """Proof that either optimum is positive before."""
    chains, slopes = [], []
    box = _before(clause)
    for mode in (SIMILAR, DISSIMILAR_ONLY):
        argmin, slope = ArgMin(mode.loss, scale), _at_zero(mode, box)
        chain = begin(mode.optimum, argmin, "least worst-case loss over scales >= 0", box=box)
        chains.append(chain.by(minimum_inside(argmin, mode.force, _curvature(mode), slope)))
        slopes.append(slope)
    return prove(clause.formula, *chains, lemmas=tuple(slopes))


def _mixed() -> Derivation:
    """Chain from the mixed derivative under attacks on dissimilar pairs to a multiple of the mean norm."""
    mean = DISSIMILAR_ONLY.force
    slope = other_norm * Tilt(scale * DISSIMILAR_ONLY.dissimilar) / 2
    step = slope_under_the_mean(mean, eps, slope, (1 + FLOOR) * other_norm / 2, floor_chain(), {})
    chain = begin(Symbol(r"\partial_\lambda\partial_\epsilon L"), Derivative(mean, eps), "mixed derivative").by(step)
    chain = chain.by(symmetrised(chain.end, {inner: -inner}, FLIP, DISSIMILAR))
    centre = scale * eps * other_norm
    mirrored = Tilt(centre + scale * inner) + Tilt(centre - scale * inner)
    u, w = Symbol("u", nonnegative=True), Symbol("w", real=True)
    pointwise = (
        begin(Symbol("s"), chain.end.args[0], "both signs of the attacked view")
        .equals(other_norm / 4 * mirrored, "collect terms")
        .within(pair_of_images().at({u: centre, w: scale * inner}))
    )
    chain = chain.by(ordered_means(pointwise))
    return chain.by(linearity(chain.end)).within(named_moment(Mean(other_norm), MEAN_NORM))


def derive_lowers(clause: Clause) -> Proof:
    """Proof that attacks on dissimilar pairs lower the optimal scale."""
    mean, curvature, mixed = DISSIMILAR_ONLY.force, _curvature(DISSIMILAR_ONLY), _mixed()
    root = Root(mean, scale)
    chain = begin(
        DISSIMILAR_RATE,
        Derivative(root, eps),
        "before the collapse the optimum is the zero of the slope",
        box=_before(clause),
    )
    return prove(
        clause.formula, chain.by(root_decreases(root, mean, scale, eps, curvature, mixed)), lemmas=(curvature, mixed)
    )


_GAIN = r * (eps - r)
"""What the attack leaves of the negative score of a similar pair of one active feature."""
_SCORE = log((2 + p) / p)
"""The clean optimum of one feature times `r^2`, by C2."""


def _attracted() -> Expr:
    """The expected loss of one feature under attacks on similar pairs."""
    overlaps = {Integer(0): 1 - p**2, Integer(1): p**2 / 2, Integer(-1): p**2 / 2}
    dissimilar = sum((weight * softplus(scale * r**2 * value) for value, weight in overlaps.items()), Integer(0))
    return (p * softplus(scale * _GAIN) + (1 - p) * log(2) + dissimilar) / 2


def _force() -> Expr:
    """Its derivative in the scale."""
    opposed = sigmoid(scale * r**2) - sigmoid(-scale * r**2)
    return (p * _GAIN * sigmoid(scale * _GAIN) + p**2 * r**2 / 2 * opposed) / 2


def _bell(t: Expr) -> Expr:
    """The derivative of the logistic function."""
    return sigmoid(t) * sigmoid(-t)


def derive_raise(clause: Clause) -> Proof:
    """Proof that small attacks on similar pairs raise the scale of a rare feature, as the zero of the slope moves.

    At the clean optimum `x/r^2` the rate is `(x - 1 - e^-x)/((1 + p) r^3)`; rare features have `x > 1 + W(1/e)`.
    """
    box = {p: clause.box[p]}
    rate = root_moves(_force(), scale, eps, Integer(0), _SCORE / r**2, {**box, scale: (Integer(0), oo)})
    reason = "the optimum is the zero of the slope, at size zero"
    unit = (1 + p) * r**3
    chain = begin(SIMILAR_RATE, rate.left, reason, box=box).by(rate)
    chain = chain.equals((_SCORE - 1 - p / (2 + p)) / unit, "e^x = (2 + p)/p at the clean optimum")
    chain = chain.at_least((_SCORE - 1 - _W) / unit, "p/(2 + p) < W", gap=(_W - p / (2 + p)) / unit)
    above = by_exponentials(_SCORE, ">", log(1 / _W), (2 * _W - p * (1 - _W)) / (p * _W), {}, box)
    return prove(clause.formula, chain.within(above).within(lambert(exp(-1))))


_turn = Symbol("x", real=True)


def derive_raise_only(clause: Clause) -> Proof:
    """Proof that attacks on similar pairs lower the scale of a more frequent feature, whatever their size.

    The slope of the loss at the clean optimum `x/r^2` is a positive multiple of `psi(x) - psi(x (1 - eps/r))`, where
    `psi(s) = s/(1 + e^s)` rises up to `1 + W(1/e)`.
    """
    # The chain makes no use of p <= 1, so that the end of the range lies inside.
    box = {**clause.box, p: (clause.box[p][0], oo)}
    core = exp(-_turn) + 1 - _turn
    top = log(1 / _W)
    vanishes = opening(core.subs(_turn, top)).within(lambert(exp(-1)))
    below = by_exponentials(_SCORE, "<=", top, (p * (1 - _W) - 2 * _W) / (p * _W), {}, box)
    psi = _turn / (1 + exp(_turn))
    left = _SCORE - _SCORE * eps / r
    rises = rises_up_to(psi, _turn, exp(_turn) / (1 + exp(_turn)) ** 2, core, vanishes, below, left, {eps: box[eps]})
    loss, point = _attracted(), _SCORE / r**2
    slope = opening(loss.diff(scale).subs(scale, point), box=box)
    slope = slope.equals(_force().subs(scale, point), "collect the two signs of the overlap")
    slope = slope.equals(p * r**2 / (2 * _SCORE) * rises.left, "in terms of psi").within(rises)
    argmin = ArgMin(loss, scale)
    chain = begin(SIMILAR_OPTIMUM, argmin, "least worst-case loss over scales >= 0, one feature", box=box)
    spread = p * _GAIN**2 * _bell(scale * _GAIN) + p**2 * r**4 * _bell(scale * r**2)
    chain = chain.by(minimum_before(argmin, point, spread / 2, slope, box))
    (clean,) = ONE_FEATURE.proof().chains
    chain = chain.equals(clean.end, "one logarithm").by(clean.as_step("C2").turned())
    return prove(clause.formula, chain, lemmas=(slope, clean))


def _both(relation: type[Basic], left: tuple[Symbol, Symbol], right: Expr) -> Basic:
    return And(*(relation(one, right) for one in left))


_OPTIMA = (SIMILAR.optimum, DISSIMILAR_ONLY.optimum)
one_kind_attacked = Assumption(
    "one kind attacked",
    "The attack is restricted to pairs of one kind, similar or dissimilar: to one view of each of these pairs it "
    r"adds the vector of $l_2$ norm at most $\epsilon$ that raises the loss most.",
    defines=True,
)
one_feature = Assumption(
    "one feature",
    "There is one feature, which is active with probability $p$, has amplitude $r$ and is as likely to be negative "
    "as positive.",
    defines=True,
)
_PAIRS = (isotropic_encoder, pairs_of_views, one_kind_attacked, balanced_pairs)
_LINEAR = (*_PAIRS, signed_permutations, features_occur)
_ONE_FEATURE = (*_PAIRS, one_feature, no_noise)
_UNTIL_COLLAPSE = Range(Integer(0), 2 * RADIUS, open_high=True)
_OFTEN = 2 * _W / (1 - _W)
"""Activity of one feature at which the clean optimum is `t/r^2`, `t = 1 + W(1/e)`: the force of a similar pair at scale
one, `-t sig(-t)`, has its largest modulus at this zero of `h(-t)`."""

SLOPE = Clause(
    name="slopes at scale zero",
    says="If only similar or only dissimilar pairs are attacked, the slope of the loss at scale zero changes sign at "
    "twice the collapse radius of C3: $[[formula]]$.",
    formula=_both(Eq, (SIMILAR.at_zero, DISSIMILAR_ONLY.at_zero), MEAN_NORM * (eps - 2 * RADIUS) / 4),
    over={eps: NONNEGATIVE},
    assumes=_LINEAR,
    derive=derive_slopes,
)

COLLAPSED = Clause(
    name="each alone collapses",
    says="Attacks of size $[[range]]$ on similar pairs alone, or on dissimilar pairs alone, collapse the optimal "
    "encoder: $[[formula]]$.",
    formula=_both(Eq, _OPTIMA, Integer(0)),
    over={eps: at_least(2 * RADIUS)},
    assumes=_LINEAR,
    derive=derive_collapsed,
    near_miss=NearMiss("attacks from 19/10 of the radius on", over={eps: at_least(Rational(19, 10) * RADIUS)}),
)

BEFORE = Clause(
    name="not before",
    says="Under attacks of size $[[range]]$ on similar pairs alone, or on dissimilar pairs alone, the optimal scale "
    "is positive: $[[formula]]$.",
    formula=_both(Gt, _OPTIMA, Integer(0)),
    over={eps: _UNTIL_COLLAPSE},
    assumes=_LINEAR,
    derive=derive_before,
    near_miss=NearMiss(
        "attacks up to 21/10 of the radius",
        over={eps: Range(Integer(0), Rational(21, 10) * RADIUS, open_high=True)},
    ),
)

LOWERS = Clause(
    name="dissimilar pairs lower the scale",
    says="Before the collapse, for $[[range]]$, attacks on dissimilar pairs alone strictly lower the optimal scale: "
    "$[[formula]]$.",
    formula=Lt(DISSIMILAR_RATE, 0),
    over={eps: _UNTIL_COLLAPSE},
    assumes=_LINEAR,
    derive=derive_lowers,
)

RAISE = Clause(
    name="similar pairs can raise the scale",
    says="Small attacks on similar pairs alone, $[[range epsilon]]$, raise the optimal scale of a single feature if "
    "it is active with probability $[[range p]]$: $[[formula]]$.",
    formula=Gt(SIMILAR_RATE, 0),
    over={p: between(0, _OFTEN), r: POSITIVE, eps: closed(0, 0)},
    assumes=_ONE_FEATURE,
    derive=derive_raise,
)

RAISE_ONLY = Clause(
    name="only of rare features",
    says="If a single feature is active with probability $[[range p]]$, attacks of any size on similar pairs lower "
    "the optimal scale: $[[formula]]$.",
    formula=Lt(SIMILAR_OPTIMUM, CLEAN_OPTIMUM),
    over={p: Range(_OFTEN, Integer(1), open_low=True, natural_high=True), r: POSITIVE, eps: POSITIVE},
    assumes=_ONE_FEATURE,
    derive=derive_raise_only,
)

THREEFOLD = Clause(
    name="up to threefold",
    says="Attacks on similar pairs alone raise the optimal scale of a single feature that is active with probability "
    "$[[low p]]$ by a factor below $[[factor]]$: $[[formula]]$.",
    formula=Lt(SIMILAR_OPTIMUM, 3 * CLEAN_OPTIMUM),
    parts={"factor": lambda clause: clause.formula.rhs / CLEAN_OPTIMUM},
    over={p: closed(Rational(1, 20), Rational(1, 20)), r: POSITIVE, eps: NONNEGATIVE},
    assumes=_ONE_FEATURE,
)

_CLEAN, _BOTH = PAIRS_BY_ENERGY(CLEAN), PAIRS_BY_ENERGY(PairArm(GATE, ALL_PAIRS, each(*SIZES)))
_SIMILAR_ALONE = PAIRS_BY_ENERGY(PairArm(GATE, SIMILAR_PAIRS, each(*SIZES)))
_DISSIMILAR_ALONE = PAIRS_BY_ENERGY(PairArm(GATE, DISSIMILAR_PAIRS, each(*SIZES)))

BOTH_PURIFY = Clause(
    name="each alone purifies",
    says="Attacks on gated encoders leave smaller mixtures than clean training, whether they are restricted to "
    "similar pairs or to dissimilar pairs: [[relations]].",
    relations=(smaller(_SIMILAR_ALONE, _CLEAN), smaller(_DISSIMILAR_ALONE, _CLEAN)),
    kind="open question",
)

DISSIMILAR_MORE = Clause(
    name="dissimilar pairs purify more",
    says="At equal size, attacks on dissimilar pairs alone leave smaller mixtures than attacks on similar pairs "
    "alone: [[relations]].",
    relations=(smaller(_DISSIMILAR_ALONE, _SIMILAR_ALONE),),
    kind="open question",
)

SUFFICES = Clause(
    name="dissimilar pairs nearly suffice",
    says="Attacks on dissimilar pairs alone achieve most of the reduction in the participation ratio that attacks on "
    "all pairs achieve: [[relations]].",
    relations=(above(Fall(_CLEAN, _DISSIMILAR_ALONE), Rational(17, 20), Fall(_CLEAN, _BOTH)),),
    kind="open question",
)

C6 = Claim(
    id="C6",
    title="Mostly dissimilar pairs purify",
    clauses=(SLOPE, COLLAPSED, BEFORE, LOWERS, RAISE, RAISE_ONLY, THREEFOLD, BOTH_PURIFY, DISSIMILAR_MORE, SUFFICES),
    setting=RUNS,
    source="open question 3",
    kind="open question",
    depends_on=("C3", "C5"),
)
