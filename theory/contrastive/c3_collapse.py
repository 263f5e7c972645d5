"""C3: the optimum under attack shrinks and collapses at an explicit radius."""

from sympy import (
    Abs,
    Derivative,
    E,
    Eq,
    Expr,
    Ge,
    Gt,
    Integer,
    Lt,
    MatrixSymbol,
    Rational,
    Sum,
    Symbol,
    binomial,
    log,
    oo,
    sqrt,
)

from theory.claims import Claim, Clause, ClosedForm, ImplicitForm, Mutation
from theory.contrastive.c2_scale import HIGH
from theory.contrastive.c3_losses import (
    CONVEX,
    CURVED,
    INVARIANT,
    ISOTROPIC,
    LOSS,
    MEAN_NORM,
    RANDOM,
    STRICT,
    WORST,
    curvature_chain,
    force_mean,
    scale,
    score,
    similar_norm,
)
from theory.contrastive.c3_slopes import BELOW, IMAGES, MIRROR, MIXED, SLOPES, WEIGHTED, far_chain, mixed_chain
from theory.contrastive.pairs import DISSIMILAR, FLIP, HALF, inner, other_norm
from theory.derivation import Derivation, Proof, begin, prove
from theory.model import d, eps, p, r
from theory.ranges import COUNT, NONNEGATIVE, POSITIVE, Range
from theory.theorems.calculus import ArgMin
from theory.theorems.expectation import linearity, named_moment, symmetrised
from theory.theorems.indicators import Mean
from theory.theorems.logistic import sigmoid
from theory.theorems.overlaps import LazyWalk
from theory.theorems.roots import Root, minimum_at_zero, minimum_is_root, root_above_zero, root_decreases
from theory.theorems.tilt import Tilt, derived

MEAN_ENERGY = Symbol(r"\mathbb{E}\|X\|^2", positive=True)
RADIUS = MEAN_ENERGY / (2 * MEAN_NORM)
"""The collapse radius."""

OPTIMUM = Symbol(r"\lambda_\epsilon")
AT_ZERO = Symbol(r"\partial_\lambda L(0, \epsilon)")
RATE = Symbol(r"d\lambda_\epsilon/d\epsilon")


def _optimum(box: dict[Symbol, tuple[Expr, Expr]]) -> Derivation:
    """Chain from the optimal scale to the zero of the slope, for attacks in the box."""
    argmin, high = ArgMin(LOSS, scale), 4 / (E * Mean(Abs(inner)))
    chain = begin(OPTIMUM, argmin, "least worst-case loss over scales >= 0", box=box)
    return chain.by(minimum_is_root(argmin, force_mean(), curvature_chain(), _at_zero(box), far_chain(), high))


def _at_zero(box: dict[Symbol, tuple[Expr, Expr]] | None = None) -> Derivation:
    start = force_mean().subs(scale, 0)
    chain = begin(AT_ZERO, start, "slope at scale zero, where sig = 1/2", box=box)
    chain = chain.by(linearity(chain.end, RANDOM))
    flip = symmetrised(Mean(inner), {inner: -inner}, FLIP, DISSIMILAR)
    chain = chain.within(flip)
    chain = chain.by(linearity(chain.end, RANDOM)).within(derived(mean_score()))
    chain = chain.within(named_moment(Mean(similar_norm), MEAN_NORM))
    chain = chain.within(named_moment(Mean(other_norm), MEAN_NORM))
    return chain.equals(MEAN_NORM * (eps - RADIUS) / 2, "collect")


def mean_score() -> Derivation:
    """Chain from `E x^T x'` to `E||X||^2`, `x` and `x'` the two noisy views of one `X`."""
    X, one, two = (MatrixSymbol(name, d, 1) for name in ("X", r"\xi", r"\xi'"))
    energy = Symbol(r"\|X\|^2", nonnegative=True)
    crossed, first, both = (Symbol(name, real=True) for name in (r"X^T\xi'", r"\xi^TX", r"\xi^T\xi'"))
    quantities = {energy: X.T * X, crossed: X.T * two, first: one.T * X, both: one.T * two}
    chain = begin(Mean(score), Mean(energy + crossed + first + both), "the views are X + xi and X + xi'")
    chain = chain.by(symmetrised(chain.end, {first: -first, both: -both}, {one: -one}, quantities))
    chain = chain.by(symmetrised(chain.end, {crossed: -crossed, both: -both}, {two: -two}, quantities))
    return chain.within(named_moment(Mean(energy), MEAN_ENERGY))


def derive_slope_at_zero(clause: Clause) -> Proof:
    """Proof of the slope at scale zero."""
    return prove(clause.formula, _at_zero())


def derive_collapsed(clause: Clause) -> Proof:
    """Proof that the optimum is zero from the collapse radius on."""
    slope = _at_zero({eps: (RADIUS, oo)})
    argmin = ArgMin(LOSS, scale)
    chain = begin(OPTIMUM, argmin, "least worst-case loss over scales >= 0", box={eps: (RADIUS, oo)})
    return prove(
        clause.formula, chain.by(minimum_at_zero(argmin, force_mean(), curvature_chain(), slope)), lemmas=(slope,)
    )


def derive_before(clause: Clause) -> Proof:
    """Proof that the optimum is positive before the collapse radius."""
    box = {eps: (Integer(0), RADIUS)}
    slope, curvature = _at_zero(box), curvature_chain()
    chain = _optimum(box).by(root_above_zero(force_mean(), scale, curvature, slope))
    return prove(clause.formula, chain, lemmas=(slope, curvature, far_chain()))


def derive_decrease(clause: Clause) -> Proof:
    """Proof that the optimum decreases strictly in the size of the attack."""
    mean = force_mean()
    root, optimum = Root(mean, scale), _optimum({eps: (Integer(0), RADIUS)})
    chain = begin(RATE, Derivative(optimum.definitions[OPTIMUM], eps), "before the collapse", box=optimum.box)
    chain = chain.within(optimum.steps[-1])
    step = root_decreases(root, mean, scale, eps, curvature_chain(), mixed_chain(MIXED, HALF))
    return prove(clause.formula, chain.by(step), lemmas=(curvature_chain(), mixed_chain(MIXED, HALF)))


START = Clause(
    name="slope at scale zero",
    says=r"At $\lambda = 0$ the slope is $\frac12\mathbb{E}\|X+\xi\|(\epsilon - \epsilon_c)$ with "
    r"$\epsilon_c = \mathbb{E}\|X\|^2/(2\,\mathbb{E}\|X+\xi\|)$.",
    formula=Eq(AT_ZERO, MEAN_NORM * (eps - RADIUS) / 2),
    derive=derive_slope_at_zero,
    mutation=Mutation(
        r"$2\epsilon_c$ ($d = p = r = 1$, $\epsilon = .6$)",
        Eq(AT_ZERO, MEAN_NORM * (eps - 2 * RADIUS) / 2),
        {eps: Rational(3, 5), MEAN_NORM: Integer(1), MEAN_ENERGY: Integer(1)},
        Eq((eps - 1) / 4 + (1 + eps) / 8 + (eps - 1) / 8, MEAN_NORM * (eps - 2 * RADIUS) / 2),
    ),
)

COLLAPSED = Clause(
    name="collapsed",
    says=r"$\lambda_\epsilon = 0$ if $\epsilon \ge \epsilon_c$.",
    formula=Eq(OPTIMUM, 0),
    box={eps: (RADIUS, oo)},
    derive=derive_collapsed,
    mutation=Mutation(
        "positive still, up to $2\\epsilon_c$ ($d = p = r = 1$, $\\epsilon = .6$)",
        Gt(OPTIMUM, 0),
        {eps: Rational(3, 5)},
        Lt((eps - 1) / 4 + (1 + eps) / 8 + (eps - 1) / 8, 0),
    ),
)

BEFORE = Clause(
    name="not before",
    says=r"$\lambda_\epsilon > 0$ if $\epsilon < \epsilon_c$: a finite minimum, at most "
    r"$4/(e\,\mathbb{E}|D|)$ (as in C2).",
    formula=Gt(OPTIMUM, 0),
    box={eps: (Integer(0), RADIUS)},
    derive=derive_before,
    mutation=Mutation(
        "collapsed already ($d = p = r = 1$, $\\epsilon = .4$)",
        Eq(OPTIMUM, 0),
        {eps: Rational(2, 5)},
        Ge((eps - 1) / 4 + (1 + eps) / 8 + (eps - 1) / 8, 0),
    ),
)

DECREASE = Clause(
    name="decreases strictly",
    says=r"$\lambda_\epsilon$ decreases strictly on $[0, \epsilon_c]$, for every symmetric law.",
    formula=Lt(RATE, 0),
    box={eps: (Integer(0), RADIUS)},
    derive=derive_decrease,
    mutation=Mutation(
        r"by at least 100 a unit ($d = p = r = 1$, $\epsilon = 0$, $\lambda = \log 3$)",
        Lt(RATE, -100),
        {scale: log(3)},
        Lt(-(3 * Tilt(-scale) + Tilt(scale)) / (4 * sigmoid(scale) * sigmoid(-scale)), -100),
    ),
)

C3 = Claim(
    id="C3",
    title="Adversarial linear solution and its collapse",
    clauses=(
        WORST,
        CONVEX,
        STRICT,
        INVARIANT,
        ISOTROPIC,
        CURVED,
        START,
        COLLAPSED,
        BEFORE,
        MIRROR,
        BELOW,
        IMAGES,
        SLOPES,
        DECREASE,
        WEIGHTED,
    ),
    setting=(
        r"l2 attack of size $\epsilon$ on one view; both views noisy; $p > 0$; balanced pairs unless a weight is named",
        r"any symmetric law of the features with finite fourth moments",
    ),
    source="beyond the paper",
    kind="sharpened",
    depends_on=("C1",),
)

_N, _v = Symbol("N", integer=True, nonnegative=True), Symbol("v", integer=True)
_active = binomial(d, _N) * p**_N * (1 - p) ** (d - _N)
_similar_force = eps * r * sqrt(_N) - r**2 * _N
_dissimilar_force = eps * r * sqrt(_N) + r**2 * _v
_POSITIVE_PROBABILITY = Range(Integer(0), Integer(1), open_low=True)

CONTRASTIVE_SCALE = ImplicitForm(
    name="contrastive_scale",
    arguments={"d": d, "p": p, "r": r, "eps": eps},
    unknown=scale,
    equation=Sum(_active * _similar_force * sigmoid(scale * _similar_force), (_N, 0, d))
    + Sum(
        _active * LazyWalk(_N, _v, p) * _dissimilar_force * sigmoid(scale * _dissimilar_force),
        (_v, -_N, _N),
        (_N, 0, d),
    ),
    high=HIGH,
    domain={"d": COUNT, "p": _POSITIVE_PROBABILITY, "r": POSITIVE, "eps": NONNEGATIVE},
    claim="C3",
    words="optimal scale of an isotropic contrastive encoder under an l2 attack; C2 without attack",
)

COLLAPSE_RADIUS = ClosedForm(
    name="collapse_radius",
    arguments={"d": d, "p": p, "r": r},
    expression=r * d * p / (2 * Sum(_active * sqrt(_N), (_N, 0, d))),
    domain={"d": COUNT, "p": _POSITIVE_PROBABILITY, "r": POSITIVE},
    claim="C3",
    words="size of the attack from which the optimal linear contrastive encoder is zero",
)
