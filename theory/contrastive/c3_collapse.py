"""C3: the optimum under attack shrinks and collapses at an explicit radius."""

from functools import cache

from sympy import (
    Abs,
    And,
    Basic,
    Derivative,
    E,
    Eq,
    Expr,
    Ge,
    Gt,
    Integer,
    Le,
    Lt,
    Matrix,
    MatrixSymbol,
    Rational,
    Sum,
    Symbol,
    binomial,
    exp,
    log,
    oo,
    sqrt,
)

from theory.claims import COUNT, NONNEGATIVE, POSITIVE, Claim, Clause, ClosedForm, Domain, ImplicitForm, Mutation
from theory.contrastive.c2_scale import HIGH
from theory.contrastive.isotropic import GAP, gap
from theory.contrastive.pairs import DISSIMILAR, FLIP, HALF, inner, other_norm, y
from theory.derivation import Derivation, Proof, begin, prove
from theory.model import ZERO_TO_ONE, d, eps, p, r
from theory.theorems.balls import WorstCase, over_ball, triangle_inequality
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
from theory.theorems.logistic import Force, by_exponentials, force_above, modulus_above, opposite, sigmoid, softplus
from theory.theorems.overlaps import LazyWalk
from theory.theorems.roots import Root, minimum_at_zero, minimum_is_root, root_above_zero, root_decreases
from theory.theorems.tilt import (
    FLOOR,
    Tilt,
    above_half,
    any_offset,
    derived,
    falls_at_most,
    floor_chain,
    instance,
    slope_under_the_mean,
)

scale = Symbol("lambda", positive=True)
score = Symbol("s", real=True)
"""Inner product of the two noisy views of a similar pair."""
similar_norm = Symbol("x'_s", nonnegative=True)
"""Norm of the other view of a similar pair; it has the law of `other_norm`."""
rho = Symbol("rho", positive=True)
"""Weight of similar pairs."""

MEAN_ENERGY = Symbol(r"\mathbb{E}\|X\|^2", positive=True)
MEAN_NORM = Symbol(r"\mathbb{E}\|X+\xi\|", positive=True)
RADIUS = MEAN_ENERGY / (2 * MEAN_NORM)
"""The collapse radius."""

OPTIMUM = Symbol(r"\lambda_\epsilon")
AT_ZERO = Symbol(r"\partial_\lambda L(0, \epsilon)")
CURVATURE = Symbol(r"\partial_\lambda^2 L")
MIXED = Symbol(r"\partial_\lambda\partial_\epsilon L")
MIXED_WEIGHTED = Symbol(r"\partial_\lambda\partial_\epsilon L_\rho")
RATE = Symbol(r"d\lambda_\epsilon/d\epsilon")
WORST_SIMILAR = Symbol(r"\max_\delta L_{sim}")
WORST_DISSIMILAR = Symbol(r"\max_\delta L_{dis}")
_RANDOM = (score, inner, similar_norm, other_norm)
_similar = -score + eps * similar_norm
_dissimilar = inner + eps * other_norm


def force_mean(weight: Expr = HALF) -> Mean:
    """Derivative in the scale of the worst-case loss, `weight` the share of similar pairs."""
    similar, dissimilar = (t * sigmoid(scale * t) for t in (_similar, _dissimilar))
    return Mean(weight * similar + (1 - weight) * dissimilar)


LOSS = Mean(softplus(scale * _similar) / 2 + softplus(scale * _dissimilar) / 2)


def derive_worst_case(statement: Basic) -> Proof:
    """Proof of the worst-case loss of a pair, by the Cauchy-Schwarz inequality and the attack that attains it."""
    gain, length = Symbol(r"\delta^T G z'", real=True), other_norm
    chains = []
    for name, sign, product in ((WORST_SIMILAR, -1, score), (WORST_DISSIMILAR, 1, inner)):
        attacked = softplus(sign * (product + gain))
        worst = WorstCase(attacked, gain, eps, length)
        chains.append(begin(name, worst, "the attack adds delta^T G z' to the score").by(over_ball(worst)))
    return prove(statement, *chains)


_A, _B = Symbol("a_1", real=True), Symbol("a_2", real=True)
_n1, _n2, _n12 = (Symbol(f"n_{i}", nonnegative=True) for i in ("1", "2", "12"))
_G1, _G2 = MatrixSymbol("G_1", d, d), MatrixSymbol("G_2", d, d)
MIDPOINT = Symbol(r"\ell((G_1+G_2)/2)")
APART = Symbol(r"(t_1 - t_2)^2 + (t'_1 - t'_2)^2")
_h = Symbol("x^T H z'", real=True)


def derive_convexity(statement: Basic) -> Proof:
    """Proof that the worst-case loss of a pair is convex in the Gram matrix, at midpoints."""
    ends = _A + eps * _n1, _B + eps * _n2
    middle = softplus((_A + _B) / 2 + eps * _n12)
    chain = begin(MIDPOINT, middle, "scores are linear in G; n_12 = ||(G_1 + G_2) z'||/2").by(
        triangle_inequality(middle, _n12, {_n12: (_G1 + _G2) * y / 2, _n1: _G1 * y, _n2: _G2 * y})
    )
    gap = (exp(ends[0] / 2) - exp(ends[1] / 2)) ** 2
    right = softplus(ends[0]) / 2 + softplus(ends[1]) / 2
    return prove(statement, chain.by(by_exponentials(chain.end, "<=", right, gap, {}, power=2)))


def derive_strictness(statement: Basic) -> Proof:
    """Proof that the exponents at two Gram matrices differ, for a view or its mirror image."""
    other = eps * (_n1 - _n2)
    chain = begin(APART, (_h + other) ** 2 + (-_h + other) ** 2, "a_1 - a_2 = x^T H z' with H = G_1 - G_2, up to sign")
    return prove(statement, chain.at_least(2 * _h**2, "a square is not negative", gap=2 * other**2))


def derive_isotropy(statement: Basic) -> Proof:
    """Proof that the worst-case loss at any other Gram matrix exceeds that at the isotropic one of its trace."""
    chain, lemmas = gap(eps)
    return prove(statement, chain, lemmas=lemmas)


_P, _G = MatrixSymbol("P", d, d), MatrixSymbol("G", d, d)
MOVED = MatrixSymbol(r"\|P G P^T z'\|^2", 1, 1)


def derive_invariance(statement: Basic) -> Proof:
    """Proof that the attack sees a moved Gram matrix as the moved view."""
    moved = _P * _G * _P.T * y
    view = _P.T * y
    chain = begin(MOVED, moved.T * moved, "the attack's gain at P G P^T, squared", orthogonal=(_P,))
    return prove(statement, chain.equals((_G * view).T * (_G * view), "P^T P = I"))


@cache
def far_chain() -> Derivation:
    """Chain from the slope at any scale to a lower bound that is positive at a large scale, whatever the attack."""
    mean, reach = force_mean(), eps * other_norm
    turned = symmetrised(mean, {inner: -inner}, FLIP, DISSIMILAR)
    ends = reach + inner, reach - inner
    pointwise = begin(Symbol("s"), turned.right.args[0], "both signs of the attacked view of a dissimilar pair")
    forces = Force(_similar, scale) / 2 + Force(ends[0], scale) / 4 + Force(ends[1], scale) / 4
    pointwise = pointwise.equals(forces, "collect")
    for t in (_similar, *ends):
        pointwise = pointwise.within(force_above(t, scale))
    pointwise = pointwise.within(opposite(_similar))
    for t in ends:
        pointwise = pointwise.within(modulus_above(t, inner, reach))
    chain = begin(Symbol("L'"), mean, "derivative of the worst-case loss in the scale").by(turned)
    chain = chain.by(ordered_means(pointwise))
    return chain.by(linearity(chain.end, _RANDOM))


def _optimum(box: dict[Symbol, tuple[Expr, Expr]]) -> Derivation:
    """Chain from the optimal scale to the zero of the slope, for attacks in the box."""
    argmin, high = ArgMin(LOSS, scale), 4 / (E * Mean(Abs(inner)))
    chain = begin(OPTIMUM, argmin, "least worst-case loss over scales >= 0", box=box)
    return chain.by(minimum_is_root(argmin, force_mean(), _curvature(), _at_zero(box), far_chain(), high))


@cache
def _curvature() -> Derivation:
    """Chain from the second derivative in the scale to zero, strict."""
    mean = force_mean()
    weights = [sigmoid(scale * t) * sigmoid(-scale * t) / 2 for t in (_similar, _dissimilar)]
    step = force_under_the_mean(mean, scale, ((HALF, _similar), (HALF, _dissimilar)))
    both = begin(Symbol("s"), step.right.args[0], "second derivative of the loss of a pair").equals(
        _similar**2 * weights[0] + _dissimilar**2 * weights[1], "sig' = sig(t) sig(-t)"
    )
    bound = both.at_least(_dissimilar**2 * weights[1], "leave out similar pairs", gap=_similar**2 * weights[0])
    moment = begin(Symbol("q"), Mean(_dissimilar**2), "features occur").by(
        named_moment(Mean(_dissimilar**2), Symbol(r"\mathbb{E}t^2", positive=True))
    )
    chain = begin(CURVATURE, Derivative(mean, scale), "second derivative in the scale").by(step)
    chain = chain.by(ordered_means(bound))
    return chain.by(positive_product(chain.end, weights[1], _dissimilar**2, moment))


def derive_curvature(statement: Basic) -> Proof:
    """Proof that the worst-case loss is strictly convex in the scale."""
    return prove(statement, _curvature())


def _at_zero(box: dict[Symbol, tuple[Expr, Expr]] | None = None) -> Derivation:
    start = force_mean().subs(scale, 0)
    chain = begin(AT_ZERO, start, "slope at scale zero, where sig = 1/2", box=box)
    chain = chain.by(linearity(chain.end, _RANDOM))
    flip = symmetrised(Mean(inner), {inner: -inner}, FLIP, DISSIMILAR)
    chain = chain.within(flip)
    chain = chain.by(linearity(chain.end, _RANDOM)).within(derived(mean_score()))
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


def derive_slope_at_zero(statement: Basic) -> Proof:
    """Proof of the slope at scale zero."""
    return prove(statement, _at_zero())


def derive_collapsed(statement: Basic) -> Proof:
    """Proof that the optimum is zero from the collapse radius on."""
    slope = _at_zero({eps: (RADIUS, oo)})
    argmin = ArgMin(LOSS, scale)
    chain = begin(OPTIMUM, argmin, "least worst-case loss over scales >= 0", box={eps: (RADIUS, oo)})
    return prove(statement, chain.by(minimum_at_zero(argmin, force_mean(), _curvature(), slope)), lemmas=(slope,))


def derive_before(statement: Basic) -> Proof:
    """Proof that the optimum is positive before the collapse radius."""
    box = {eps: (Integer(0), RADIUS)}
    slope, curvature = _at_zero(box), _curvature()
    chain = _optimum(box).by(root_above_zero(force_mean(), scale, curvature, slope))
    return prove(statement, chain, lemmas=(slope, curvature, far_chain()))


_t, _w = Symbol("t", real=True), Symbol("w", real=True)
_u = Symbol("u", nonnegative=True)
MIRRORED = Symbol("h(t) + h(-t)")
HEIGHT = Symbol("h(t)")
PAIR = Symbol("h(u+w) + h(u-w)")


def derive_mirror(statement: Basic) -> Proof:
    """Proof of the symmetry of `h`."""
    chain = begin(MIRRORED, Tilt(_t) + Tilt(-_t), "h(t) = sig(t) + t sig'(t)").equals(
        Integer(1), "sig(-t) = 1 - sig(t)"
    )
    return prove(statement, chain)


def derive_floor(statement: Basic) -> Proof:
    """Proof of the lower bound of `h`."""
    chain = floor_chain()
    return prove(statement, begin(HEIGHT, Tilt(_t), "definition").by(instance(chain, {})), lemmas=(chain,))


@cache
def pair_of_images() -> Derivation:
    """Chain from `h(u + w) + h(u - w)` to `1 - FLOOR`, for `u >= 0` and every `w`."""
    c, v = Symbol("c", nonnegative=True), Symbol("v", nonnegative=True)
    both = Tilt(_u + _w) + Tilt(_u - _w)
    inside = begin(Symbol("s"), both.subs(_w, c * _u), "|w| <= u: w = c u", box={c: ZERO_TO_ONE})
    for t in (_u + c * _u, _u - c * _u):
        inside = inside.within(above_half(t, {c: ZERO_TO_ONE}))
    outside = begin(Symbol("s"), both.subs(_w, _u + v), "|w| >= u: w = u + v")
    outside = outside.equals(1 + Tilt(2 * _u + v) - Tilt(v), "h(-v) = 1 - h(v)")
    outside = outside.by(falls_at_most(2 * _u + v, v, floor_chain(), Integer(1)))
    start = begin(PAIR, both, "two mirror images about u")
    return start.by(any_offset(both, _w, _u, inside, outside))


def derive_pair(statement: Basic) -> Proof:
    """Proof of the lower bound for two mirror images."""
    return prove(statement, pair_of_images())


@cache
def _mixed(name: Symbol, weight: Expr) -> Derivation:
    """Chain from the mixed derivative, with `weight` on similar pairs, to a multiple of the mean norm."""
    mean, box = force_mean(weight), {rho: (Integer(0), LARGEST_WEIGHT)}
    slope = weight * similar_norm * Tilt(scale * _similar) + (1 - weight) * other_norm * Tilt(scale * _dissimilar)
    bound = (1 + FLOOR) * (weight * similar_norm + (1 - weight) * other_norm)
    step = slope_under_the_mean(mean, eps, slope, bound, floor_chain(), box)
    chain = begin(name, Derivative(mean, eps), "mixed derivative of the worst-case loss", box=box).by(step)
    chain = chain.by(symmetrised(chain.end, {inner: -inner}, FLIP, DISSIMILAR))
    centre = scale * eps * other_norm
    mirrored = Tilt(centre + scale * inner) + Tilt(centre - scale * inner)
    split = weight * similar_norm * Tilt(scale * _similar) + (1 - weight) * other_norm / 2 * mirrored
    pointwise = (
        begin(Symbol("s"), chain.end.args[0], "both signs of the attacked view of a dissimilar pair", box=box)
        .equals(split, "collect")
        .within(instance(floor_chain(), {_t: scale * _similar}))
        .within(instance(pair_of_images(), {_u: centre, _w: scale * inner}))
    )
    chain = chain.by(ordered_means(pointwise))
    chain = chain.by(linearity(chain.end, _RANDOM))
    chain = chain.within(named_moment(Mean(similar_norm), MEAN_NORM))
    return chain.within(named_moment(Mean(other_norm), MEAN_NORM))


LARGEST_WEIGHT = Rational(1023, 1250)
"""0.8184, below `(1 - FLOOR)/(1 + FLOOR)`."""


def derive_mixed(statement: Basic) -> Proof:
    """Proof of the lower bound of the mixed derivative."""
    chain = _mixed(MIXED, HALF)
    bound = Rational(7, 40) * MEAN_NORM
    return prove(statement, chain.at_least(bound, "(1 - 3 c)/4 >= .175"), lemmas=(floor_chain(), pair_of_images()))


def derive_decrease(statement: Basic) -> Proof:
    """Proof that the optimum decreases strictly in the size of the attack."""
    mean = force_mean()
    root, optimum = Root(mean, scale), _optimum({eps: (Integer(0), RADIUS)})
    chain = begin(RATE, Derivative(optimum.definitions[OPTIMUM], eps), "before the collapse", box=optimum.box)
    chain = chain.within(optimum.steps[-1])
    step = root_decreases(root, mean, scale, eps, _curvature(), _mixed(MIXED, HALF))
    return prove(statement, chain.by(step), lemmas=(_curvature(), _mixed(MIXED, HALF)))


def derive_weighted(statement: Basic) -> Proof:
    """Proof that the mixed derivative stays positive up to the largest weight."""
    chain = _mixed(MIXED_WEIGHTED, rho)
    return prove(
        statement, chain.at_least(Integer(0), "rho < .8184", strict=True), lemmas=(floor_chain(), pair_of_images())
    )


_SWAP, _DIAGONAL = Matrix([[0, 1], [1, 0]]), Matrix([[1, 0], [0, 2]])


def _length_squared(gram: Matrix) -> Expr:
    """`||G e_1||^2`."""
    return gram[:, 0].dot(gram[:, 0])


WORST = Clause(
    name="worst case",
    words=r"The worst loss of a pair under an l2 attack on $z$ is "
    r"$\mathrm{sp}(-y z^T G z' + \epsilon\|G z'\|)$ (here $s$ or $D$ for $z^T G z'$, $x'$ for $\|G z'\|$).",
    formula=And(
        Eq(WORST_SIMILAR, softplus(-score + eps * other_norm)),
        Eq(WORST_DISSIMILAR, softplus(inner + eps * other_norm)),
    ),
    derive=derive_worst_case,
    mutation=Mutation(
        "the attack helps similar pairs",
        And(
            Eq(WORST_SIMILAR, softplus(-score - eps * other_norm)),
            Eq(WORST_DISSIMILAR, softplus(inner + eps * other_norm)),
        ),
        {score: Integer(1), inner: Integer(1), eps: Integer(1), other_norm: Integer(1)},
        Ge(softplus(-score - eps * other_norm), softplus(-score)),
    ),
)

CONVEX = Clause(
    name="convex",
    words=r"It is convex in $G$: scores $a$ are linear in $G$, and so is the vector whose norm is $n$.",
    formula=Le(MIDPOINT, softplus(_A + eps * _n1) / 2 + softplus(_B + eps * _n2) / 2),
    derive=derive_convexity,
    mutation=Mutation(
        "nine tenths of the chord",
        Le(MIDPOINT, Rational(9, 10) * (softplus(_A + eps * _n1) / 2 + softplus(_B + eps * _n2) / 2)),
        {_A: Integer(1), _B: Integer(1), eps: Integer(1), _n1: Integer(1), _n2: Integer(1), _n12: Integer(1)},
    ),
)

STRICT = Clause(
    name="exponents apart",
    words=r"At $G_1 \ne G_2$ the exponents $t = a + \epsilon n$ differ for $x$ or its mirror image (primed) unless "
    r"$x^T H z' = 0$, $H = G_1 - G_2$.",
    formula=Ge(APART, 2 * _h**2),
    derive=derive_strictness,
    mutation=Mutation(
        "three squares",
        Ge(APART, 3 * _h**2),
        {_h: Integer(1), eps: Integer(0), _n1: Integer(1), _n2: Integer(1)},
    ),
)

INVARIANT = Clause(
    name="invariant",
    words=r"The loss is unchanged by $G \to P G P^T$ for signed permutations $P$: what the attack gains there is "
    r"what it gains at $G$ from the moved view (and scores are as in C1).",
    formula=Eq(MOVED, (_G * _P.T * y).T * (_G * _P.T * y)),
    derive=derive_invariance,
    mutation=Mutation(
        "the view not moved (two coordinates exchanged)",
        Eq(MOVED, (_G * y).T * (_G * y)),
        {scale: Integer(1)},
        Eq(scale * _length_squared(_SWAP * _DIAGONAL * _SWAP.T), scale * _length_squared(_DIAGONAL)),
    ),
)

ISOTROPIC = Clause(
    name="isotropic optimum",
    words=r"Of all $G \ge 0$ of trace $cd$ the isotropic one, $cI$, alone has the least worst-case loss, for every "
    r"$\epsilon \ge 0$: the optimum is a multiple $\lambda_\epsilon I$ of the identity.",
    formula=Gt(GAP, 0),
    derive=derive_isotropy,
    mutation=Mutation(
        "by at least a fifth ($d = 2$, $p = r = 1$, $G = 2 e_1 e_1^T$, $\\epsilon = 0$)",
        Gt(GAP, Rational(1, 5)),
        {_h: Integer(1)},
        Gt((softplus(2 * _h) + softplus(-2 * _h) - 2 * softplus(0 * _h)) / 8, Rational(1, 5)),
    ),
)

CURVED = Clause(
    name="strictly convex in the scale",
    words=r"On $G = \lambda I$ the worst-case loss is strictly convex in $\lambda$.",
    formula=Gt(CURVATURE, 0),
    derive=derive_curvature,
    mutation=Mutation(
        "with a modulus of at least 1/8 ($d = p = r = 1$, $\\epsilon = 0$)",
        Gt(CURVATURE, Rational(1, 8)),
        {scale: Integer(10), score: Integer(1), inner: Integer(1), eps: Integer(0)},
        Gt((sigmoid(scale * inner) * inner - sigmoid(-scale * score) * score).diff(scale) / 2, Rational(1, 8)),
    ),
)

START = Clause(
    name="slope at scale zero",
    words=r"At $\lambda = 0$ the slope is $\frac12\mathbb{E}\|X+\xi\|(\epsilon - \epsilon_c)$ with "
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
    words=r"$\lambda_\epsilon = 0$ if $\epsilon \ge \epsilon_c$.",
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
    words=r"$\lambda_\epsilon > 0$ if $\epsilon < \epsilon_c$: a finite minimum, at most "
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

MIRROR = Clause(
    name="mirror images of h",
    words=r"With $h(t) = \mathrm{sig}(t) + t\,\mathrm{sig}'(t)$: $h(t) + h(-t) = 1$.",
    formula=Eq(MIRRORED, 1),
    derive=derive_mirror,
    mutation=Mutation("two instead of one", Eq(MIRRORED, 2), {_t: Integer(1)}),
)

BELOW = Clause(
    name="floor of h",
    words=r"$h \ge -c$ with $c = .09984$; the best constant solves $\log(1 + 1/c) = 2 + 4c$.",
    formula=Ge(HEIGHT, -FLOOR),
    derive=derive_floor,
    mutation=Mutation("a floor of -.0998", Ge(HEIGHT, -Rational(998, 10000)), {_t: Rational(-2399, 1000)}),
)

IMAGES = Clause(
    name="two images about a point",
    words=r"$h(u + w) + h(u - w) \ge 1 - c$ for $u \ge 0$.",
    formula=Ge(PAIR, 1 - FLOOR),
    derive=derive_pair,
    mutation=Mutation("at least one", Ge(PAIR, 1), {_u: Rational(3), _w: Rational(27, 5)}),
)

SLOPES = Clause(
    name="mixed derivative",
    words=r"The mixed derivative of the loss in $\lambda$ and $\epsilon$ is at least $.175\,\mathbb{E}\|X + \xi\|$.",
    formula=Ge(MIXED, Rational(7, 40) * MEAN_NORM),
    derive=derive_mixed,
    mutation=Mutation(
        "at least .6 ($d = p = r = 1$, $\\lambda = 5$, $\\epsilon = 1/2$)",
        Ge(MIXED, Rational(3, 5) * MEAN_NORM),
        {scale: Integer(5), eps: HALF, MEAN_NORM: Integer(1)},
        Ge(
            Tilt(scale * (eps - 1)) * Rational(3, 4) + Tilt(scale * (eps + 1)) / 4,
            Rational(3, 5) * MEAN_NORM,
        ),
    ),
)

DECREASE = Clause(
    name="decreases strictly",
    words=r"$\lambda_\epsilon$ decreases strictly on $[0, \epsilon_c]$, for every symmetric law.",
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

WEIGHTED = Clause(
    name="weight on similar pairs",
    words=r"The mixed derivative stays positive for a weight $\rho < .8184$ on similar pairs.",
    formula=Gt(MIXED_WEIGHTED, 0),
    box={rho: (Integer(0), LARGEST_WEIGHT)},
    derive=derive_weighted,
    mutation=Mutation(
        r"above .1 for each such $\rho$ ($d = p = r = 1$, $\epsilon = 0$, $\lambda = 2.4$)",
        Gt(MIXED_WEIGHTED, Rational(1, 10)),
        {rho: Rational(4, 5), scale: Rational(12, 5)},
        Gt(
            rho * Tilt(-scale) + (1 - rho) * (Tilt(scale) + Tilt(-scale)) / 2,
            Rational(1, 10),
        ),
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
    assumptions=(
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
_POSITIVE_PROBABILITY = Domain(Integer(0), Integer(1), open_low=True)

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
