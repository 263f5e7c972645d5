"""C6, the paper's third open question: the attack on which pairs purifies, similar or dissimilar ones."""

from dataclasses import dataclass

from sympy import (
    And,
    Basic,
    Derivative,
    Eq,
    Expr,
    Ge,
    Gt,
    Integer,
    Lt,
    Rational,
    Symbol,
    log,
    oo,
)

from theory.claims import Claim, Clause, Mutation
from theory.contrastive.c3_collapse import RADIUS, mean_score
from theory.contrastive.c3_losses import scale, score, similar_norm
from theory.contrastive.c3_slopes import pair_of_images
from theory.contrastive.pairs import DISSIMILAR, FLIP, HALF, inner, other_norm
from theory.contrastive_training import RUNS
from theory.derivation import Derivation, Proof, begin, prove
from theory.model import eps
from theory.quantities.pairs import MEAN_ENERGY, MEAN_NORM, Tilt
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
from theory.theorems.logistic import sigmoid, softplus
from theory.theorems.roots import Root, minimum_at_zero, minimum_inside, root_decreases
from theory.theorems.tilt import FLOOR, derived, floor_chain, instance, slope_under_the_mean

_RANDOM = (score, inner, similar_norm, other_norm)
_BEFORE = {eps: (Integer(0), 2 * RADIUS)}
_BEYOND = {eps: (2 * RADIUS, oo)}


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


SIMILAR = Mode(-score + eps * similar_norm, inner, Symbol(r"\lambda^{sim}"), Symbol(r"\partial_\lambda L^{sim}(0)"))
DISSIMILAR_ONLY = Mode(
    -score, inner + eps * other_norm, Symbol(r"\lambda^{dis}"), Symbol(r"\partial_\lambda L^{dis}(0)")
)
RATE = Symbol(r"d\lambda^{dis}/d\epsilon")


def _curvature(mode: Mode) -> Derivation:
    """Chain from the second derivative in the scale to zero, strict."""
    weights = [sigmoid(scale * t) * sigmoid(-scale * t) / 2 for t in (mode.similar, mode.dissimilar)]
    step = force_under_the_mean(mode.force, scale, ((HALF, mode.similar), (HALF, mode.dissimilar)))
    squared = mode.dissimilar**2
    bound = (
        begin(Symbol("s"), step.right.args[0], "second derivative of the loss of a pair")
        .equals(mode.similar**2 * weights[0] + squared * weights[1], "sig' = sig(t) sig(-t)")
        .at_least(squared * weights[1], "leave out similar pairs", gap=mode.similar**2 * weights[0])
    )
    moment = begin(Symbol("q"), Mean(squared), "features occur").by(
        named_moment(Mean(squared), Symbol(r"\mathbb{E}t^2", positive=True))
    )
    chain = begin(Symbol(r"\partial_\lambda^2 L"), Derivative(mode.force, scale), "second derivative in the scale")
    chain = chain.by(step).by(ordered_means(bound))
    return chain.by(positive_product(chain.end, weights[1], squared, moment))


def _at_zero(mode: Mode, box: dict[Symbol, tuple[Expr, Expr]] | None = None) -> Derivation:
    start = mode.force.subs(scale, 0)
    chain = begin(mode.at_zero, start, "slope at scale zero, where sig = 1/2", box=box)
    chain = chain.by(linearity(chain.end, _RANDOM))
    chain = chain.within(symmetrised(Mean(inner), {inner: -inner}, FLIP, DISSIMILAR))
    chain = chain.by(linearity(chain.end, _RANDOM)).within(derived(mean_score()))
    attacked = similar_norm if mode is SIMILAR else other_norm
    chain = chain.within(named_moment(Mean(attacked), MEAN_NORM))
    return chain.equals(MEAN_NORM * (eps - 2 * RADIUS) / 4, "collect")


def derive_slopes(clause: Clause) -> Proof:
    """Proof of the slopes at scale zero."""
    return prove(clause.formula, _at_zero(SIMILAR), _at_zero(DISSIMILAR_ONLY))


def derive_collapsed(clause: Clause) -> Proof:
    """Proof that either optimum is zero from twice the collapse radius on."""
    chains, slopes = [], []
    for mode in (SIMILAR, DISSIMILAR_ONLY):
        argmin, slope = ArgMin(mode.loss, scale), _at_zero(mode, _BEYOND)
        chain = begin(mode.optimum, argmin, "least worst-case loss over scales >= 0", box=_BEYOND)
        chains.append(chain.by(minimum_at_zero(argmin, mode.force, _curvature(mode), slope)))
        slopes.append(slope)
    return prove(clause.formula, *chains, lemmas=tuple(slopes))


def derive_before(clause: Clause) -> Proof:
    """Proof that either optimum is positive before."""
    chains, slopes = [], []
    for mode in (SIMILAR, DISSIMILAR_ONLY):
        argmin, slope = ArgMin(mode.loss, scale), _at_zero(mode, _BEFORE)
        chain = begin(mode.optimum, argmin, "least worst-case loss over scales >= 0", box=_BEFORE)
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
        .equals(other_norm / 4 * mirrored, "collect")
        .within(instance(pair_of_images(), {u: centre, w: scale * inner}))
    )
    chain = chain.by(ordered_means(pointwise))
    return chain.by(linearity(chain.end, _RANDOM)).within(named_moment(Mean(other_norm), MEAN_NORM))


def derive_lowers(clause: Clause) -> Proof:
    """Proof that attacks on dissimilar pairs lower the optimal scale."""
    mean, curvature, mixed = DISSIMILAR_ONLY.force, _curvature(DISSIMILAR_ONLY), _mixed()
    root = Root(mean, scale)
    chain = begin(RATE, Derivative(root, eps), "before the collapse the optimum is the zero of the slope")
    return prove(
        clause.formula, chain.by(root_decreases(root, mean, scale, eps, curvature, mixed)), lemmas=(curvature, mixed)
    )


_AT_ONE = {MEAN_ENERGY: Integer(1), MEAN_NORM: Integer(1)}
_ONE_SIGN = (eps - 1) / 4
"""Either slope at scale zero for `d = p = r = 1`."""


def _both(relation: type[Basic], left: tuple[Symbol, Symbol], right: Expr) -> Basic:
    return And(*(relation(one, right) for one in left))


_SLOPES = (SIMILAR.at_zero, DISSIMILAR_ONLY.at_zero)
_OPTIMA = (SIMILAR.optimum, DISSIMILAR_ONLY.optimum)

SLOPE = Clause(
    name="slopes at scale zero",
    says=r"Linear encoder: with attacks on similar pairs alone, and on dissimilar pairs alone, the slope of the loss "
    r"at scale zero is $\frac14\mathbb{E}\|X+\xi\|(\epsilon - 2\epsilon_c)$, $\epsilon_c$ as in C3.",
    formula=_both(Eq, _SLOPES, MEAN_NORM * (eps - 2 * RADIUS) / 4),
    derive=derive_slopes,
    mutation=Mutation(
        r"$\epsilon_c$ ($d = p = r = 1$, $\epsilon = .6$)",
        _both(Eq, _SLOPES, MEAN_NORM * (eps - RADIUS) / 4),
        {eps: Rational(3, 5), **_AT_ONE},
        Eq(_ONE_SIGN, MEAN_NORM * (eps - RADIUS) / 4),
    ),
)

COLLAPSED = Clause(
    name="each alone collapses",
    says=r"Attacks on either kind alone collapse the optimal linear encoder from $2\epsilon_c$ on.",
    formula=_both(Eq, _OPTIMA, Integer(0)),
    box=_BEYOND,
    derive=derive_collapsed,
    mutation=Mutation(
        r"positive still ($d = p = r = 1$, $\epsilon = 1.2$)",
        _both(Gt, _OPTIMA, Integer(0)),
        {eps: Rational(6, 5)},
        Lt(_ONE_SIGN, 0),
    ),
)

BEFORE = Clause(
    name="not before",
    says=r"Before $2\epsilon_c$ either optimal scale is positive.",
    formula=_both(Gt, _OPTIMA, Integer(0)),
    box=_BEFORE,
    derive=derive_before,
    mutation=Mutation(
        r"collapsed already, as under attacks on both ($d = p = r = 1$, $\epsilon = .6$)",
        _both(Eq, _OPTIMA, Integer(0)),
        {eps: Rational(3, 5)},
        Ge(_ONE_SIGN, 0),
    ),
)

LOWERS = Clause(
    name="dissimilar pairs lower the scale",
    says=r"Attacks on dissimilar pairs alone lower the optimal scale $\lambda^{dis}$ strictly until it is zero.",
    formula=Lt(RATE, 0),
    derive=derive_lowers,
    mutation=Mutation(
        r"by at least 100 a unit ($d = p = r = 1$, $\epsilon = 0$, $\lambda = \log 3$)",
        Lt(RATE, -100),
        {scale: log(3)},
        Lt(-1 / (4 * sigmoid(scale) * sigmoid(-scale)), -100),
    ),
)

RAISE = Clause(
    name="similar pairs can raise the scale",
    says=r"Attacks on similar pairs alone can raise it: $d = r = 1$, $p = .05$, 3.714 without attack and largest, "
    r"11.14, at $\epsilon = .885$.",
)

BOTH_PURIFY = Clause(
    name="each alone purifies",
    kind="open question",
    says="Trained gated encoders: attacks on similar pairs alone, and on dissimilar pairs alone, each leave smaller "
    r"mixtures than clean training, at gate ratios 0.1 and 0.2 and attack sizes $0.3 r$ and $0.5 r$.",
)

DISSIMILAR_MORE = Clause(
    name="dissimilar pairs purify more",
    kind="open question",
    says="At equal size, attacks on dissimilar pairs alone leave smaller mixtures than those on similar pairs alone.",
)

SUFFICES = Clause(
    name="dissimilar pairs nearly suffice",
    kind="open question",
    says="Attacks on dissimilar pairs alone attain more than 0.85 of the fall in participation ratio (weighted by "
    "energy) that attacks on both attain.",
)

C6 = Claim(
    id="C6",
    title="Which pairs purify: the dissimilar ones, mostly",
    clauses=(SLOPE, COLLAPSED, BEFORE, LOWERS, RAISE, BOTH_PURIFY, DISSIMILAR_MORE, SUFFICES),
    setting=(
        "Linear encoders as in C3: l2 attack on one view, both views noisy, balanced pairs, $p > 0$; the curves in the "
        "scale, not a trained network",
        *RUNS,
    ),
    source="open question 3",
    kind="open question",
    depends_on=("C3", "C5"),
)
