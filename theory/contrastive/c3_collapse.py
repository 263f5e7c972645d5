"""C3: the optimum under attack shrinks and collapses at an explicit radius."""

from sympy import (
    Abs,
    Derivative,
    E,
    Eq,
    Expr,
    Gt,
    Integer,
    Lt,
    MatrixSymbol,
    Rational,
    Sum,
    Symbol,
    binomial,
    oo,
    solve,
    sqrt,
)

from theory.assumptions import (
    attacked_view,
    balanced_pairs,
    features_occur,
    isotropic_encoder,
    pairs_of_views,
    signed_permutations,
)
from theory.claims import Claim, Clause, ClosedForm, ImplicitForm, NearMiss
from theory.contrastive.c3_losses import (
    CONVEX,
    CURVED,
    INVARIANT,
    ISOTROPIC,
    LOSS,
    STRICT,
    WORST,
    curvature_chain,
    force_mean,
    scale,
    score,
    similar_norm,
)
from theory.contrastive.c3_slopes import BELOW, IMAGES, MIRROR, SLOPES, WEIGHTED, far_chain, mixed_chain
from theory.contrastive.pairs import DISSIMILAR, FLIP, HALF, inner, other_norm
from theory.derivation import Derivation, Proof, begin, definition, opening, prove
from theory.laws import invariant, random
from theory.model import d, eps, p, r
from theory.quantities.pairs import MEAN_ENERGY, MEAN_NORM, MIXED, OPTIMUM, RATE, SLOPE_AT_ZERO
from theory.ranges import ACTIVE, COUNT, NONNEGATIVE, POSITIVE, Range, at_least
from theory.theorems.calculus import ArgMin
from theory.theorems.expectation import linearity, named_moment, symmetrised
from theory.theorems.indicators import Mean
from theory.theorems.logistic import sigmoid
from theory.theorems.overlaps import LazyWalk
from theory.theorems.roots import Root, minimum_at_zero, minimum_is_root, root_above_zero, root_decreases

RADIUS = MEAN_ENERGY / (2 * MEAN_NORM)
"""The collapse radius."""


def _optimum(box: dict[Symbol, tuple[Expr, Expr]]) -> Derivation:
    """Chain from the optimal scale to the zero of the slope, for attacks in the box."""
    argmin, high = ArgMin(LOSS, scale), 4 / (E * Mean(Abs(inner)))
    chain = begin(OPTIMUM, argmin, "least worst-case loss over scales >= 0", box=box)
    return chain.by(minimum_is_root(argmin, force_mean(), curvature_chain(), _at_zero(box), far_chain(), high))


def _at_zero(box: dict[Symbol, tuple[Expr, Expr]] | None = None) -> Derivation:
    start = force_mean().subs(scale, 0)
    chain = begin(SLOPE_AT_ZERO, start, "slope at scale zero, where sig = 1/2", box=box)
    chain = chain.by(linearity(chain.end))
    flip = symmetrised(Mean(inner), {inner: -inner}, FLIP, DISSIMILAR)
    chain = chain.within(flip)
    chain = chain.by(linearity(chain.end)).within(mean_score().as_step("shown above"))
    chain = chain.within(named_moment(Mean(similar_norm), MEAN_NORM))
    chain = chain.within(named_moment(Mean(other_norm), MEAN_NORM))
    return chain.equals(MEAN_NORM * (eps - RADIUS) / 2, "collect terms")


def mean_score() -> Derivation:
    """Chain from `E x^T x'` to `E||X||^2`, `x` and `x'` the two noisy views of one `X`."""
    X, one, two = (MatrixSymbol(name, d, 1) for name in ("X", r"\xi", r"\xi'"))
    energy = Symbol(r"\|X\|^2", nonnegative=True)
    crossed, first, both = (Symbol(name, real=True) for name in (r"X^T\xi'", r"\xi^TX", r"\xi^T\xi'"))
    for number in (energy, crossed, first, both):
        random(number)
    quantities = {energy: X.T * X, crossed: X.T * two, first: one.T * X, both: one.T * two}
    views = definition(score, energy + crossed + first + both, "the views are X + xi and X + xi'")
    chain = opening(Mean(score)).within(views)
    chain = chain.by(symmetrised(chain.end, {first: -first, both: -both}, invariant({one: -one}), quantities))
    chain = chain.by(symmetrised(chain.end, {crossed: -crossed, both: -both}, invariant({two: -two}), quantities))
    return chain.within(named_moment(Mean(energy), MEAN_ENERGY))


def derive_slope_at_zero(clause: Clause) -> Proof:
    """Proof of the slope at scale zero."""
    return prove(clause.formula, _at_zero())


def derive_collapsed(clause: Clause) -> Proof:
    """Proof that the optimum is zero from the collapse radius on."""
    box = dict(clause.box)
    slope, argmin = _at_zero(box), ArgMin(LOSS, scale)
    chain = begin(OPTIMUM, argmin, "least worst-case loss over scales >= 0", box=box)
    return prove(
        clause.formula, chain.by(minimum_at_zero(argmin, force_mean(), curvature_chain(), slope)), lemmas=(slope,)
    )


def derive_before(clause: Clause) -> Proof:
    """Proof that the optimum is positive before the collapse radius."""
    box = {eps: (-oo, clause.over[eps].high)}
    slope, curvature = _at_zero(box), curvature_chain()
    chain = _optimum(box).by(root_above_zero(force_mean(), scale, curvature, slope))
    return prove(clause.formula, chain, lemmas=(slope, curvature, far_chain()))


def derive_decrease(clause: Clause) -> Proof:
    """Proof that the optimum decreases strictly in the size of the attack."""
    mean = force_mean()
    root, optimum = Root(mean, scale), _optimum({eps: (-oo, clause.over[eps].high)})
    chain = begin(RATE, Derivative(optimum.subject, eps), "before the collapse", box=optimum.box)
    chain = chain.within(optimum.steps[-1])
    step = root_decreases(root, mean, scale, eps, curvature_chain(), mixed_chain(MIXED, HALF))
    return prove(clause.formula, chain.by(step), lemmas=(curvature_chain(), mixed_chain(MIXED, HALF)))


_LINEAR = (isotropic_encoder, pairs_of_views, attacked_view, balanced_pairs, signed_permutations, features_occur)

START = Clause(
    name="slope at scale zero",
    says="At scale zero, the slope of the loss changes sign as the size of the attack passes the collapse radius "
    r"$\epsilon_c = [[radius]]$: $[[formula]]$.",
    formula=Eq(SLOPE_AT_ZERO, MEAN_NORM * (eps - RADIUS) / 2),
    over={eps: NONNEGATIVE},
    assumes=_LINEAR,
    parts={"radius": lambda clause: solve(clause.formula.rhs, eps)[0]},
    derive=derive_slope_at_zero,
)

COLLAPSED = Clause(
    name="collapsed",
    says="From the collapse radius on, for attacks of size $[[range]]$, the optimal encoder is zero: $[[formula]]$.",
    formula=Eq(OPTIMUM, 0),
    over={eps: at_least(RADIUS)},
    assumes=_LINEAR,
    derive=derive_collapsed,
    near_miss=NearMiss("attacks from 19/20 of the radius on", over={eps: at_least(Rational(19, 20) * RADIUS)}),
)

BEFORE = Clause(
    name="not before",
    says="Under attacks of size $[[range]]$, the optimal scale is positive: $[[formula]]$.",
    formula=Gt(OPTIMUM, 0),
    over={eps: Range(Integer(0), RADIUS, open_high=True)},
    assumes=_LINEAR,
    derive=derive_before,
    near_miss=NearMiss(
        "attacks up to 21/20 of the radius",
        over={eps: Range(Integer(0), Rational(21, 20) * RADIUS, open_high=True)},
    ),
)

DECREASE = Clause(
    name="decreases strictly",
    says="Before the collapse, for attacks of size $[[range]]$, the optimal scale decreases strictly with the size "
    "of the attack: $[[formula]]$.",
    formula=Lt(RATE, 0),
    over={eps: Range(Integer(0), RADIUS, open_high=True)},
    assumes=_LINEAR,
    derive=derive_decrease,
)

C3 = Claim(
    id="C3",
    title="The optimal linear encoder under attack and its collapse",
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
    setting=(),
    source="beyond the paper",
    kind="sharpened",
    depends_on=("C1",),
)

_N, _v = Symbol("N", integer=True, nonnegative=True), Symbol("v", integer=True)
_active = binomial(d, _N) * p**_N * (1 - p) ** (d - _N)
_similar_force = eps * r * sqrt(_N) - r**2 * _N
_dissimilar_force = eps * r * sqrt(_N) + r**2 * _v

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
    domain={"d": COUNT, "p": ACTIVE, "r": POSITIVE, "eps": NONNEGATIVE},
    claim="C3",
    words="optimal scale of an isotropic contrastive encoder under an l2 attack; without an attack that of C2",
)

COLLAPSE_RADIUS = ClosedForm(
    name="collapse_radius",
    arguments={"d": d, "p": p, "r": r},
    expression=r * d * p / (2 * Sum(_active * sqrt(_N), (_N, 0, d))),
    domain={"d": COUNT, "p": ACTIVE, "r": POSITIVE},
    claim="C3",
    words="least size of the attack at which the optimal linear contrastive encoder is zero",
)
