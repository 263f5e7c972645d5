"""C1: the optimal linear encoder is a scaled isometry, pure or not."""

from functools import cache

from sympy import (
    Abs,
    And,
    BlockMatrix,
    Eq,
    Gt,
    Identity,
    Integer,
    KroneckerDelta,
    Matrix,
    MatrixSymbol,
    Rational,
    S,
    Sum,
    Symbol,
    ZeroMatrix,
    oo,
    sqrt,
)

from theory.claims import Claim, Clause, Mutation
from theory.contrastive.isotropic import AVERAGE, GAP, average_of_images, entry, gap, i, j, k, radius
from theory.contrastive.pairs import x, y
from theory.derivation import Derivation, Proof, begin, prove
from theory.model import d
from theory.theorems.expectation import one_mean, ordered_means, positive_product, under_the_mean
from theory.theorems.indicators import Mean
from theory.theorems.logistic import sigmoid, softplus
from theory.theorems.matrices import isotropic_form, stacked_gram

q = Symbol("q", integer=True, positive=True)
_extra = Symbol("q-d", integer=True, nonnegative=True)
M = MatrixSymbol("M", d, d)
G, H, P, B = (MatrixSymbol(name, d, d) for name in "GHPB")
T, V = MatrixSymbol("T", q, d), MatrixSymbol("V", d, d)
SCORE = MatrixSymbol("g(z)^T g(z')", 1, 1)
MOVED = MatrixSymbol("(Px)^T(PGP^T)Px'", 1, 1)
GRAM, ISOMETRIC = MatrixSymbol("T^TT", d, d), MatrixSymbol("T^TT", d, d)
SLOPE = Symbol("L'(G + tH)[H]")
CURVATURE = Symbol("L''(G + tH)[H,H]")
trace = Symbol("c", positive=True)


def derive_score(clause: Clause) -> Proof:
    """Proof that the score depends on the encoder through its Gram matrix."""
    encoded, other = (T * M.T * M * view for view in (x, y))
    chain = begin(SCORE, encoded.T * other, "g(z) = T M^T z with z = M x", orthogonal=(M,))
    return prove(clause.formula, chain.equals(x.T * T.T * T * y, "M^T M = I"))


def derive_reach(clause: Clause) -> Proof:
    """Proof that every positive semidefinite matrix is a Gram matrix, `q >= d`."""
    stack = BlockMatrix([[B], [ZeroMatrix(_extra, d)]])
    chain = begin(GRAM, stack.T * stack, "T = (B; 0), q - d rows of zeros below")
    return prove(clause.formula, chain.by(stacked_gram(stack)))


_s, _sd = Symbol("s", real=True), Symbol("s'", real=True)
_h, _hd = Symbol("x^T H x'_{sim}", real=True), Symbol("x^T H x'", real=True)
_t = Symbol("t", real=True)
_TERMS = (_s + _t * _h, _h), (_sd + _t * _hd, _hd)
"""Scores of a similar and a dissimilar pair at `G + t H`, affine in `t`, and their slopes."""


@cache
def _slope() -> Derivation:
    """Chain from the derivative of the loss along `H` to expectations of derivatives of pairs' losses."""
    losses = (softplus(-_TERMS[0][0]), softplus(_TERMS[1][0]))
    steps = [under_the_mean(Mean(f), _t, Abs(slope)) for f, (_, slope) in zip(losses, _TERMS, strict=True)]
    chain = begin(SLOPE, sum(step.left for step in steps) / 2, "derivative of the loss of balanced pairs at G + t H")
    for step in steps:
        chain = chain.within(step)
    return chain


@cache
def _curvature() -> Derivation:
    """Chain from the second derivative of the loss along `H` to zero, strict."""
    weights = [sigmoid(t) * sigmoid(-t) / 2 for t, _ in _TERMS]
    slopes = sorted(_slope().end.atoms(Mean), key=lambda mean: mean.has(_hd))
    steps = [under_the_mean(mean, _t, slope**2) for mean, (_, slope) in zip(slopes, _TERMS, strict=True)]
    chain = begin(CURVATURE, sum(step.left for step in steps) / 2, "derivative of the slope")
    for step in steps:
        chain = chain.within(step)
    both = weights[0] * _h**2 + weights[1] * _hd**2
    chain = chain.by(one_mean(chain.end, both))
    pointwise = begin(Symbol("p"), both, "both kinds of pairs: sp'' = sig(t) sig(-t)").at_least(
        weights[1] * _hd**2, "leave out similar pairs", gap=weights[0] * _h**2
    )
    independent = isotropic_form(Mean(_hd**2), _hd, {_hd: x.T * H * y}, radius)
    moment = begin(Symbol("m"), Mean(_hd**2), "independent views").by(independent)
    chain = chain.by(ordered_means(pointwise))
    return chain.by(positive_product(chain.end, weights[1], _hd**2, moment))


def derive_convexity(clause: Clause) -> Proof:
    """Proof that the loss is strictly convex in the Gram matrix."""
    return prove(clause.formula, _curvature(), lemmas=(_slope(),))


def _invariance() -> Derivation:
    moved = (P * x).T * P * G * P.T * P * y
    chain = begin(MOVED, moved, "score of the moved views P x, P x' at P G P^T", orthogonal=(P,))
    return chain.equals(x.T * G * y, "P^T P = I")


def derive_invariance(clause: Clause) -> Proof:
    """Proof that a moved Gram matrix scores like moved views."""
    return prove(clause.formula, _invariance())


def derive_average(clause: Clause) -> Proof:
    """Proof that the average over signed permutations is a multiple of the identity."""
    return prove(clause.formula, average_of_images())


def derive_minimiser(clause: Clause) -> Proof:
    """Proof that the loss at any other Gram matrix exceeds that at the isotropic one of its trace."""
    chain, lemmas = gap(S.Zero)
    return prove(clause.formula, chain, lemmas=lemmas)


def derive_isometry(clause: Clause) -> Proof:
    """Proof that scaled isometries have the isotropic Gram matrix."""
    encoder = sqrt(trace / d) * V
    chain = begin(ISOMETRIC, encoder.T * encoder, "T = sqrt(c/d) V, rows of zeros apart", orthogonal=(V,))
    return prove(clause.formula, chain.equals(trace / d * Identity(d), "V^T V = I"))


LENGTH = Symbol(r"\|v\|^2")
INNER = Symbol("v_1^T v_2")
PURITY = Symbol(r"\mathrm{participation}(v)")
_on, _off = 1 - 2 / d, -2 / d


def derive_impure(clause: Clause) -> Proof:
    """Proof that the reflection `I - (2/d) 1 1^T` is an isometry with impure nodes."""
    box = {d: (Integer(2), oo)}
    reason = "rows of V = I - (2/d) 1 1^T: one entry 1 - 2/d, the others -2/d"
    length = begin(LENGTH, _on**2 + (d - 1) * _off**2, reason).equals(Integer(1), "collect")
    inner = begin(INNER, 2 * _on * _off + (d - 2) * _off**2, reason).equals(Integer(0), "collect")
    fourth = _on**4 + (d - 1) * _off**4
    ratio = (_on**2 + (d - 1) * _off**2) ** 2 / fourth
    gap = 8 * (d - 1) * (d - 2) / d**3 / fourth
    purity = begin(PURITY, ratio, "participation ratio of a row", box=box)
    purity = purity.at_least(Integer(1), "some of both entries", gap=gap, strict=True)
    return prove(clause.formula, length, inner, purity)


_TURN = Matrix([[0, -1], [1, 0]])
_ROW = Matrix([[Rational(3, 5), Rational(4, 5)]])
_STRETCH = Matrix([[1, 0], [0, 2]])
_FIRST = Matrix([1, 0])

REDUCED = Clause(
    name="Gram matrix",
    says=r"The loss depends on $T$ through $G = T^T T$ alone: $g(z)^T g(z') = x^T G x'$ in feature coordinates.",
    formula=Eq(SCORE, x.T * T.T * T * y),
    derive=derive_score,
    mutation=Mutation(
        "the dictionary left in (a quarter turn, $x = x' = e_1$)",
        Eq(SCORE, x.T * T.T * T * M * y),
        {trace: Integer(1)},
        Eq(trace * _FIRST.dot(_FIRST), trace * _FIRST.dot(_TURN * _FIRST)),
    ),
)

REACHED = Clause(
    name="every Gram matrix",
    says=r"For $q \ge d$ every $G = B^T B \ge 0$ is the Gram matrix of an encoder.",
    formula=Eq(GRAM, B.T * B),
    derive=derive_reach,
    mutation=Mutation(
        "$q = 1 < d = 2$ reaches the identity",
        Eq(GRAM, Identity(d)),
        {trace: Integer(1)},
        Eq(trace * (_ROW.T * _ROW).det(), trace),
    ),
)

CONVEX = Clause(
    name="strictly convex",
    says=r"The loss is strictly convex in $G$: its second derivative along every $H \ne 0$ is positive.",
    formula=Gt(CURVATURE, 0),
    derive=derive_convexity,
    mutation=Mutation(
        "with a modulus of 1/4 ($d = p = r = 1$, $G = H = 2$)",
        Gt(CURVATURE, Rational(1, 4)),
        {_s: Integer(2), _h: Integer(1)},
        Gt(sigmoid(_s) * sigmoid(-_s) * _h**2, Rational(1, 4)),
    ),
)

INVARIANT = Clause(
    name="invariant",
    says=r"The loss is unchanged by $G \to P G P^T$ for signed permutations $P$: the views $P x$, $P x'$, which have "
    r"the same law, score there as $x$, $x'$ do at $G$.",
    formula=Eq(MOVED, x.T * G * y),
    derive=derive_invariance,
    mutation=Mutation(
        "the views not moved (two coordinates exchanged, $x = x' = e_1$)",
        Eq(MOVED, x.T * P * G * P.T * y),
        {trace: Integer(1)},
        Eq(trace * _FIRST.dot(_TURN * _STRETCH * _TURN.T * _FIRST), trace * _FIRST.dot(_STRETCH * _FIRST)),
    ),
)

SYMMETRISED = Clause(
    name="symmetrised",
    says=r"The average of $P G P^T$ over all signed permutations is $(\mathrm{tr}\,G/d)\, I$.",
    formula=Eq(AVERAGE, KroneckerDelta(i, j) * Sum(entry[k, k], (k, 1, d)) / d),
    derive=derive_average,
    mutation=Mutation(
        r"$\mathrm{tr}\,G\; I$ ($d = 2$, $G = I$)",
        Eq(AVERAGE, KroneckerDelta(i, j) * Sum(entry[k, k], (k, 1, d))),
        {d: Integer(2)},
        Eq(Sum(1, (k, 1, d)) / d, Sum(1, (k, 1, d))),
    ),
)

_OF_FOUR_SIGNS = (softplus(2 * _t) + softplus(-2 * _t) - 2 * softplus(0 * _t)) / 8

MINIMISER = Clause(
    name="only minimiser",
    says=r"Over $\{G \ge 0, \mathrm{tr}\,G = cd\}$ the only minimiser is $cI$: "
    r"the loss is larger at every other $G$.",
    formula=Gt(GAP, 0),
    derive=derive_minimiser,
    mutation=Mutation(
        "by at least a fifth ($d = 2$, $p = r = 1$, $G = 2 e_1 e_1^T$)",
        Gt(GAP, Rational(1, 5)),
        {_t: Integer(1)},
        Gt(_OF_FOUR_SIGNS, Rational(1, 5)),
    ),
)

ISOMETRY = Clause(
    name="scaled isometries",
    says=r"Every scaled isometry $T = \sqrt{c/d}\, V$, $V^T V = I$, is therefore optimal.",
    formula=Eq(ISOMETRIC, trace / d * Identity(d)),
    derive=derive_isometry,
    mutation=Mutation(
        "the scale not squared ($c = 1$, $d = 4$)",
        Eq(ISOMETRIC, sqrt(trace / d) * Identity(d)),
        {trace: Integer(1), d: Integer(4)},
        Eq(trace / d, sqrt(trace / d)),
    ),
)

IMPURE = Clause(
    name="not purified",
    says=r"Optimal encoders need not be pure: $V = I - (2/d) 1 1^T$, $d \ge 3$, is an isometry whose nodes all mix.",
    formula=And(Eq(LENGTH, 1), Eq(INNER, 0), Gt(PURITY, 1)),
    box={d: (Integer(2), oo)},
    derive=derive_impure,
    mutation=Mutation(
        "participation ratio above 2 for every $d$ ($d = 100$)",
        And(Eq(LENGTH, 1), Eq(INNER, 0), Gt(PURITY, 2)),
        {d: Integer(100)},
    ),
)

C1 = Claim(
    id="C1",
    title="Optimal linear contrastive encoders are scaled isometries",
    clauses=(REDUCED, REACHED, CONVEX, INVARIANT, SYMMETRISED, MINIMISER, ISOMETRY, IMPURE),
    setting=(
        r"$g(z) = T M^T z$ with $q \ge d$ outputs; balanced pairs, $\mathbb{E} X_i^2 + \sigma^2 > 0$",
        r"coordinates of the features are independent, symmetric and of one law with finite fourth moment; "
        r"the noise is Gaussian",
    ),
    source="section 5.2",
    kind="paper",
)
