"""C3: the worst-case loss of a pair is convex, and least at an isotropic Gram matrix."""

from functools import cache

from sympy import And, Derivative, Eq, Expr, Ge, Gt, Le, MatrixSymbol, Symbol, exp

from theory.assumptions import (
    attacked_view,
    balanced_pairs,
    isotropic_encoder,
    linear_encoder,
    pairs_of_views,
    signed_permutations,
    views_occur,
)
from theory.claims import Clause
from theory.contrastive.isotropic import anisotropic, gap, orthogonal_motion
from theory.contrastive.pairs import HALF, inner, norm, other_norm, y
from theory.derivation import Derivation, Proof, begin, definition, opening, prove
from theory.laws import constant, one_law, random
from theory.model import d, eps
from theory.quantities.encoders import MOVED_PULL
from theory.quantities.pairs import APART, CURVATURE, GAP, MIDPOINT, WORST_DISSIMILAR, WORST_SIMILAR
from theory.ranges import COUNT, NONNEGATIVE, POSITIVE
from theory.theorems.balls import WorstCase, over_ball
from theory.theorems.calculus import keeps_order
from theory.theorems.expectation import force_under_the_mean, named_moment, ordered_means, positive_product
from theory.theorems.indicators import Mean
from theory.theorems.logistic import by_exponentials, sigmoid, softplus
from theory.theorems.norms import Norm, homogeneous, triangle_inequality

scale = constant(Symbol("lambda", positive=True))
score = random(Symbol("s", real=True))
"""Inner product of the two noisy views of a similar pair."""
similar_norm = random(Symbol("x'_s", nonnegative=True))
"""Norm of the other view of a similar pair; it has the law of `other_norm`."""
one_law(norm, similar_norm)

pull = Symbol(r"\|G x'\|", nonnegative=True)
"""Norm of the gradient of the score of a pair with respect to the attacked view."""

RANDOM = (score, inner, similar_norm, other_norm)
similar_exponent = -score + eps * similar_norm
dissimilar_exponent = inner + eps * other_norm


def force_mean(weight: Expr = HALF) -> Mean:
    """Derivative in the scale of the worst-case loss, `weight` the share of similar pairs."""
    similar, dissimilar = (t * sigmoid(scale * t) for t in (similar_exponent, dissimilar_exponent))
    return Mean(weight * similar + (1 - weight) * dissimilar)


LOSS = Mean(softplus(scale * similar_exponent) / 2 + softplus(scale * dissimilar_exponent) / 2)


def derive_worst_case(clause: Clause) -> Proof:
    """Proof of the worst-case loss of a pair: the attack moves the score by its largest inner product."""
    gain = Symbol(r"\delta^{\top} G x'", real=True)
    chains = []
    for name, sign in ((WORST_SIMILAR, -1), (WORST_DISSIMILAR, 1)):
        worst = WorstCase(softplus(sign * (score + gain)), gain, eps, pull)
        chains.append(begin(name, worst, "the attack adds delta^T G x' to the score").by(over_ball(worst)))
    return prove(clause.formula, *chains)


first, second = Symbol("a_1", real=True), Symbol("a_2", real=True)
first_pull, second_pull, _middle = (Symbol(f"n_{i}", nonnegative=True) for i in ("1", "2", "12"))
G1, G2 = MatrixSymbol("G_1", d, d), MatrixSymbol("G_2", d, d)
bent = Symbol(r"x^{\top} H x'", real=True)
"""Difference of the scores of a pair at two Gram matrices with difference `H`."""


def _pull_between() -> Derivation:
    """The chain from the norm `n_12` at the midpoint of two Gram matrices to the mean of the norms at these."""
    halves = G1 * y / 2, G2 * y / 2
    named = definition(_middle, Norm(halves[0] + halves[1]), "by definition")
    chain = opening(_middle).within(named).by(triangle_inequality(halves, Norm))
    for gram, name in ((G1, first_pull), (G2, second_pull)):
        chain = chain.within(homogeneous(HALF, gram * y, Norm))
        chain = chain.within(definition(name, Norm(gram * y), "by definition").turned())
    return chain


def derive_convexity(clause: Clause) -> Proof:
    """Proof that the worst-case loss of a pair is convex in the Gram matrix, at midpoints."""
    ends = first + eps * first_pull, second + eps * second_pull
    middle = softplus((first + second) / 2 + eps * _middle)
    chain = begin(MIDPOINT, middle, "scores are linear in G; n_12 = ||(G_1 + G_2) x'||/2")
    chain = chain.by(keeps_order(middle, _middle, _pull_between().as_step("norms at the two ends")))
    gap = (exp(ends[0] / 2) - exp(ends[1] / 2)) ** 2
    right = softplus(ends[0]) / 2 + softplus(ends[1]) / 2
    return prove(clause.formula, chain.by(by_exponentials(chain.end, "<=", right, gap, {}, power=2)))


def derive_strictness(clause: Clause) -> Proof:
    """Proof that the exponents at two Gram matrices differ, for a view or its mirror image."""
    other = eps * (first_pull - second_pull)
    chain = begin(
        APART, (bent + other) ** 2 + (-bent + other) ** 2, "a_1 - a_2 = x^T H x' with H = G_1 - G_2, up to sign"
    )
    return prove(clause.formula, chain.at_least(2 * bent**2, "a square is nonnegative", gap=2 * other**2))


def derive_isotropy(clause: Clause) -> Proof:
    """Proof that the worst-case loss at any other Gram matrix exceeds that at the isotropic one of its trace."""
    chain, lemmas = gap(eps)
    return prove(clause.formula, chain, lemmas=lemmas)


P, G = MatrixSymbol("P", d, d), MatrixSymbol("G", d, d)


def derive_invariance(clause: Clause) -> Proof:
    """Proof that the attack sees a moved Gram matrix as the moved view."""
    moved = P * G * P.T * y
    view = P.T * y
    chain = begin(MOVED_PULL, moved.T * moved, "the attack's gain at P G P^T, squared", orthogonal=(P,))
    return prove(clause.formula, chain.equals((G * view).T * (G * view), "P^T P = I"))


@cache
def curvature_chain() -> Derivation:
    """Chain from the second derivative in the scale to zero, strict."""
    mean = force_mean()
    weights = [sigmoid(scale * t) * sigmoid(-scale * t) / 2 for t in (similar_exponent, dissimilar_exponent)]
    step = force_under_the_mean(mean, scale, ((HALF, similar_exponent), (HALF, dissimilar_exponent)))
    both = begin(Symbol("s"), step.right.args[0], "second derivative of the loss of a pair").equals(
        similar_exponent**2 * weights[0] + dissimilar_exponent**2 * weights[1], "sig' = sig(t) sig(-t)"
    )
    bound = both.at_least(
        dissimilar_exponent**2 * weights[1],
        "drop the nonnegative term of similar pairs",
        gap=similar_exponent**2 * weights[0],
    )
    moment = begin(Symbol("q"), Mean(dissimilar_exponent**2), "positive because features occur").by(
        named_moment(Mean(dissimilar_exponent**2), Symbol(r"\mathbb{E}t^2", positive=True))
    )
    chain = begin(CURVATURE, Derivative(mean, scale), "second derivative in the scale").by(step)
    chain = chain.by(ordered_means(bound))
    return chain.by(positive_product(chain.end, weights[1], dissimilar_exponent**2, moment))


def derive_curvature(clause: Clause) -> Proof:
    """Proof that the worst-case loss is strictly convex in the scale."""
    return prove(clause.formula, curvature_chain())


_PAIR = (linear_encoder, pairs_of_views, attacked_view)

WORST = Clause(
    name="worst case",
    says="Under an $l_2$ attack, the largest loss of a pair with score $s$ has the closed form $[[formula]]$, where "
    r"$\|G x'\|$ is the norm of the gradient of the score with respect to the attacked view.",
    formula=And(
        Eq(WORST_SIMILAR, softplus(-score + eps * pull)),
        Eq(WORST_DISSIMILAR, softplus(score + eps * pull)),
    ),
    over={eps: NONNEGATIVE},
    assumes=_PAIR,
    derive=derive_worst_case,
)

CONVEX = Clause(
    name="convex",
    says="The largest loss of a pair under attack is convex in the Gram matrix: $[[formula]]$, where $a_i$ is the "
    r"score of a dissimilar pair at $G_i$, or the negative score of a similar one, and $n_i = \|G_i x'\|$.",
    formula=Le(MIDPOINT, softplus(first + eps * first_pull) / 2 + softplus(second + eps * second_pull) / 2),
    over={eps: NONNEGATIVE},
    assumes=_PAIR,
    derive=derive_convexity,
)

STRICT = Clause(
    name="exponents apart",
    says="At two Gram matrices with difference $H$, the exponents of the largest losses differ, for the attacked "
    r"view or for its reflection, unless $x^\top H x' = 0$: $[[formula]]$.",
    formula=Ge(APART, 2 * bent**2),
    over={eps: NONNEGATIVE},
    assumes=_PAIR,
    derive=derive_strictness,
)

INVARIANT = Clause(
    name="invariant",
    says=r"An orthogonal map of the features takes the Gram matrix $G$ to $PGP^\top$, where the attack gains as much "
    "as it gains at $G$ from the view that is mapped back: $[[formula]]$.",
    formula=Eq(MOVED_PULL, (G * P.T * y).T * (G * P.T * y)),
    over={d: COUNT},
    assumes=(linear_encoder, attacked_view, orthogonal_motion),
    derive=derive_invariance,
)

ISOTROPIC = Clause(
    name="isotropic optimum",
    says="Under attacks of any size, the isotropic Gram matrix is the only minimiser of the loss among all Gram "
    "matrices of the same trace: at every other one the loss is larger, $[[formula]]$.",
    formula=Gt(GAP, 0),
    over={eps: NONNEGATIVE},
    assumes=(*_PAIR, balanced_pairs, signed_permutations, views_occur, anisotropic),
    derive=derive_isotropy,
)

CURVED = Clause(
    name="strictly convex in the scale",
    says="Under attack, the loss of an isotropic encoder is strictly convex in its scale: $[[formula]]$.",
    formula=Gt(CURVATURE, 0),
    over={scale: POSITIVE, eps: NONNEGATIVE},
    assumes=(isotropic_encoder, pairs_of_views, attacked_view, balanced_pairs, views_occur),
    derive=derive_curvature,
)
