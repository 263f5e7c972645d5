"""C3: the worst-case loss of a pair is convex, and least at an isotropic Gram matrix."""

from functools import cache

from sympy import And, Derivative, Eq, Expr, Ge, Gt, Integer, Le, Matrix, MatrixSymbol, Rational, Symbol, exp

from theory.claims import Clause, Mutation
from theory.contrastive.isotropic import gap
from theory.contrastive.pairs import HALF, inner, other_norm, y
from theory.derivation import Derivation, Proof, begin, prove
from theory.model import d, eps
from theory.quantities.pairs import GAP
from theory.theorems.balls import WorstCase, over_ball, triangle_inequality
from theory.theorems.expectation import force_under_the_mean, named_moment, ordered_means, positive_product
from theory.theorems.indicators import Mean
from theory.theorems.logistic import by_exponentials, sigmoid, softplus

scale = Symbol("lambda", positive=True)
score = Symbol("s", real=True)
"""Inner product of the two noisy views of a similar pair."""
similar_norm = Symbol("x'_s", nonnegative=True)
"""Norm of the other view of a similar pair; it has the law of `other_norm`."""

MEAN_NORM = Symbol(r"\mathbb{E}\|X+\xi\|", positive=True)
CURVATURE = Symbol(r"\partial_\lambda^2 L")
WORST_SIMILAR = Symbol(r"\max_\delta L_{sim}")
WORST_DISSIMILAR = Symbol(r"\max_\delta L_{dis}")
RANDOM = (score, inner, similar_norm, other_norm)
similar_exponent = -score + eps * similar_norm
dissimilar_exponent = inner + eps * other_norm


def force_mean(weight: Expr = HALF) -> Mean:
    """Derivative in the scale of the worst-case loss, `weight` the share of similar pairs."""
    similar, dissimilar = (t * sigmoid(scale * t) for t in (similar_exponent, dissimilar_exponent))
    return Mean(weight * similar + (1 - weight) * dissimilar)


LOSS = Mean(softplus(scale * similar_exponent) / 2 + softplus(scale * dissimilar_exponent) / 2)


def derive_worst_case(clause: Clause) -> Proof:
    """Proof of the worst-case loss of a pair, by the Cauchy-Schwarz inequality and the attack that attains it."""
    gain, length = Symbol(r"\delta^T G z'", real=True), other_norm
    chains = []
    for name, sign, product in ((WORST_SIMILAR, -1, score), (WORST_DISSIMILAR, 1, inner)):
        attacked = softplus(sign * (product + gain))
        worst = WorstCase(attacked, gain, eps, length)
        chains.append(begin(name, worst, "the attack adds delta^T G z' to the score").by(over_ball(worst)))
    return prove(clause.formula, *chains)


_A, _B = Symbol("a_1", real=True), Symbol("a_2", real=True)
_n1, _n2, _n12 = (Symbol(f"n_{i}", nonnegative=True) for i in ("1", "2", "12"))
_G1, _G2 = MatrixSymbol("G_1", d, d), MatrixSymbol("G_2", d, d)
MIDPOINT = Symbol(r"\ell((G_1+G_2)/2)")
APART = Symbol(r"(t_1 - t_2)^2 + (t'_1 - t'_2)^2")
_h = Symbol("x^T H z'", real=True)


def derive_convexity(clause: Clause) -> Proof:
    """Proof that the worst-case loss of a pair is convex in the Gram matrix, at midpoints."""
    ends = _A + eps * _n1, _B + eps * _n2
    middle = softplus((_A + _B) / 2 + eps * _n12)
    chain = begin(MIDPOINT, middle, "scores are linear in G; n_12 = ||(G_1 + G_2) z'||/2").by(
        triangle_inequality(middle, _n12, {_n12: (_G1 + _G2) * y / 2, _n1: _G1 * y, _n2: _G2 * y})
    )
    gap = (exp(ends[0] / 2) - exp(ends[1] / 2)) ** 2
    right = softplus(ends[0]) / 2 + softplus(ends[1]) / 2
    return prove(clause.formula, chain.by(by_exponentials(chain.end, "<=", right, gap, {}, power=2)))


def derive_strictness(clause: Clause) -> Proof:
    """Proof that the exponents at two Gram matrices differ, for a view or its mirror image."""
    other = eps * (_n1 - _n2)
    chain = begin(APART, (_h + other) ** 2 + (-_h + other) ** 2, "a_1 - a_2 = x^T H z' with H = G_1 - G_2, up to sign")
    return prove(clause.formula, chain.at_least(2 * _h**2, "a square is not negative", gap=2 * other**2))


def derive_isotropy(clause: Clause) -> Proof:
    """Proof that the worst-case loss at any other Gram matrix exceeds that at the isotropic one of its trace."""
    chain, lemmas = gap(eps)
    return prove(clause.formula, chain, lemmas=lemmas)


_P, _G = MatrixSymbol("P", d, d), MatrixSymbol("G", d, d)
MOVED = MatrixSymbol(r"\|P G P^T z'\|^2", 1, 1)


def derive_invariance(clause: Clause) -> Proof:
    """Proof that the attack sees a moved Gram matrix as the moved view."""
    moved = _P * _G * _P.T * y
    view = _P.T * y
    chain = begin(MOVED, moved.T * moved, "the attack's gain at P G P^T, squared", orthogonal=(_P,))
    return prove(clause.formula, chain.equals((_G * view).T * (_G * view), "P^T P = I"))


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
        dissimilar_exponent**2 * weights[1], "leave out similar pairs", gap=similar_exponent**2 * weights[0]
    )
    moment = begin(Symbol("q"), Mean(dissimilar_exponent**2), "features occur").by(
        named_moment(Mean(dissimilar_exponent**2), Symbol(r"\mathbb{E}t^2", positive=True))
    )
    chain = begin(CURVATURE, Derivative(mean, scale), "second derivative in the scale").by(step)
    chain = chain.by(ordered_means(bound))
    return chain.by(positive_product(chain.end, weights[1], dissimilar_exponent**2, moment))


def derive_curvature(clause: Clause) -> Proof:
    """Proof that the worst-case loss is strictly convex in the scale."""
    return prove(clause.formula, curvature_chain())


_SWAP, _DIAGONAL = Matrix([[0, 1], [1, 0]]), Matrix([[1, 0], [0, 2]])


def _length_squared(gram: Matrix) -> Expr:
    """`||G e_1||^2`."""
    return gram[:, 0].dot(gram[:, 0])


WORST = Clause(
    name="worst case",
    says=r"The worst loss of a pair under an l2 attack on $z$ is "
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
    says=r"It is convex in $G$: scores $a$ are linear in $G$, and so is the vector whose norm is $n$.",
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
    says=r"At $G_1 \ne G_2$ the exponents $t = a + \epsilon n$ differ for $x$ or its mirror image (primed) unless "
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
    says=r"The loss is unchanged by $G \to P G P^T$ for signed permutations $P$: what the attack gains there is "
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
    says=r"Of all $G \ge 0$ of trace $cd$ the isotropic one, $cI$, alone has the least worst-case loss, for every "
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
    says=r"On $G = \lambda I$ the worst-case loss is strictly convex in $\lambda$.",
    formula=Gt(CURVATURE, 0),
    derive=derive_curvature,
    mutation=Mutation(
        "with a modulus of at least 1/8 ($d = p = r = 1$, $\\epsilon = 0$)",
        Gt(CURVATURE, Rational(1, 8)),
        {scale: Integer(10), score: Integer(1), inner: Integer(1), eps: Integer(0)},
        Gt((sigmoid(scale * inner) * inner - sigmoid(-scale * score) * score).diff(scale) / 2, Rational(1, 8)),
    ),
)
