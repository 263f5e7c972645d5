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
    MatrixSymbol,
    S,
    Sum,
    Symbol,
    ZeroMatrix,
    oo,
    sqrt,
)

from theory.assumptions import (
    Assumption,
    balanced_pairs,
    linear_encoder,
    no_attack,
    orthogonal_dictionary,
    pairs_of_views,
    signed_permutations,
    views_occur,
)
from theory.claims import Claim, Clause
from theory.contrastive.isotropic import anisotropic, average_of_images, entry, gap, i, j, k, orthogonal_motion, radius
from theory.contrastive.pairs import x, y
from theory.derivation import Derivation, Proof, begin, prove
from theory.model import d
from theory.quantities.encoders import AVERAGE, GRAM, INNER, LENGTH, MOVED_SCORE, PURITY, SCORE
from theory.quantities.pairs import CURVATURE_ALONG, GAP
from theory.ranges import COUNT, POSITIVE, indices, integers_from
from theory.theorems.expectation import linearity, ordered_means, positive_product, under_the_mean
from theory.theorems.indicators import Mean
from theory.theorems.isometry import by_rules
from theory.theorems.logistic import sigmoid, softplus
from theory.theorems.matrices import isotropic_form, stacked_gram

q = Symbol("q", integer=True, positive=True)
_extra = Symbol("q-d", integer=True, nonnegative=True)
M = MatrixSymbol("M", d, d)
G, H, P, B = (MatrixSymbol(name, d, d) for name in "GHPB")
T, V = MatrixSymbol("T", q, d), MatrixSymbol("V", q, d)
_SLOPE = Symbol("L'(G)[H]")
trace = Symbol("c", positive=True)
"""Trace of a Gram matrix."""


def derive_score(clause: Clause) -> Proof:
    """Proof that the score depends on the encoder through its Gram matrix."""
    encoded, other = (T * M.T * M * view for view in (x, y))
    chain = begin(SCORE, encoded.T * other, "g(z) = T M^T z with z = M x", orthogonal=(M,))
    return prove(clause.formula, chain.equals(x.T * T.T * T * y, "M^T M = I"))


def derive_reach(clause: Clause) -> Proof:
    """Proof that every positive semidefinite matrix is a Gram matrix, `q >= d`."""
    stack = BlockMatrix([[B], [ZeroMatrix(_extra, d)]])
    chain = begin(GRAM, stack.T * stack, "T = (B; 0), q - d rows of zeros below", box={q: (d, oo)})
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
    chain = begin(_SLOPE, sum(step.left for step in steps) / 2, "derivative of the loss of balanced pairs at G + t H")
    for step in steps:
        chain = chain.within(step)
    return chain


@cache
def _curvature() -> Derivation:
    """Chain from the second derivative of the loss along `H` to zero, strict."""
    weights = [sigmoid(t) * sigmoid(-t) / 2 for t, _ in _TERMS]
    slopes = sorted(_slope().end.atoms(Mean), key=lambda mean: mean.has(_hd))
    steps = [under_the_mean(mean, _t, slope**2) for mean, (_, slope) in zip(slopes, _TERMS, strict=True)]
    chain = begin(CURVATURE_ALONG, sum(step.left for step in steps) / 2, "derivative of the slope")
    for step in steps:
        chain = chain.within(step)
    both = weights[0] * _h**2 + weights[1] * _hd**2
    chain = chain.by(linearity(chain.end, Mean(both)))
    pointwise = begin(Symbol("p"), both, "both kinds of pairs: sp'' = sig(t) sig(-t)").at_least(
        weights[1] * _hd**2, "drop the nonnegative term of similar pairs", gap=weights[0] * _h**2
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
    chain = begin(MOVED_SCORE, moved, "score of the moved views P x, P x' at P G P^T", orthogonal=(P,))
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
    product = (sqrt(trace / d) * V).T * (sqrt(trace / d) * V)
    chain = begin(GRAM, product, "T = sqrt(c/d) V")
    return prove(clause.formula, chain.by(by_rules(product, {(V.T, V): ()}, "V is an isometry", ("V^T V = I",))))


_on, _off = 1 - 2 / d, -2 / d


def derive_impure(clause: Clause) -> Proof:
    """Proof that the reflection `I - (2/d) 1 1^T` is an isometry with impure nodes."""
    # The range of the clause is closed, and what is strict inside an open range need not be so at its end.
    box = {d: (clause.over[d].low - 1, oo)}
    reason = "rows of V = I - (2/d) 1 1^T: one entry 1 - 2/d, the others -2/d"
    length = begin(LENGTH, _on**2 + (d - 1) * _off**2, reason).equals(Integer(1), "collect terms")
    inner = begin(INNER, 2 * _on * _off + (d - 2) * _off**2, reason).equals(Integer(0), "collect terms")
    fourth = _on**4 + (d - 1) * _off**4
    ratio = (_on**2 + (d - 1) * _off**2) ** 2 / fourth
    # (sum u^2)^2 - sum u^4 is twice the sum of the products of squares of different entries.
    gap = 8 * (d - 1) * (d - 2) / d**3 / fourth
    purity = begin(PURITY, ratio, "participation ratio of a row", box=box)
    purity = purity.at_least(Integer(1), "sum over both kinds of entries", gap=gap, strict=True)
    return prove(clause.formula, length, inner, purity)


stacked = Assumption(
    "stacked encoder",
    "The encoder has $q$ outputs: as many rows of $B$ as there are outputs, followed by rows of zeros.",
    defines=True,
)
direction = Assumption("direction", "The direction $H$ is not zero.")
scaled = Assumption("scaled encoder", r"The encoder is $T = \sqrt{c/d}\,V$.", defines=True)
isometry = Assumption("isometry", r"The matrix $V$ is an isometry, $V^\top V = I$.")
reflection = Assumption(
    "reflection",
    r"The encoder is the reflection $I - \frac{2}{d} 1 1^\top$, with nodes $v_1, \dots, v_d$.",
    defines=True,
)
_LOSS = (linear_encoder, pairs_of_views, balanced_pairs, no_attack)

REDUCED = Clause(
    name="Gram matrix",
    says="The loss depends on the encoder only through its Gram matrix, because the scores do: $[[formula]]$.",
    formula=Eq(SCORE, x.T * T.T * T * y),
    over={d: COUNT, q: COUNT},
    assumes=(linear_encoder, orthogonal_dictionary),
    derive=derive_score,
)

REACHED = Clause(
    name="every Gram matrix",
    says=r"Every positive semidefinite matrix $B^\top B$ is the Gram matrix of an encoder with $[[range q]]$ outputs: "
    "$[[formula]]$.",
    formula=Eq(GRAM, B.T * B),
    over={d: COUNT, q: integers_from(d)},
    assumes=(stacked,),
    derive=derive_reach,
)

CONVEX = Clause(
    name="strictly convex",
    says="The loss is strictly convex in the Gram matrix, because its second derivative is positive along every "
    "direction: $[[formula]]$.",
    formula=Gt(CURVATURE_ALONG, 0),
    assumes=(*_LOSS, signed_permutations, views_occur, direction),
    derive=derive_convexity,
)

INVARIANT = Clause(
    name="invariant",
    says=r"An orthogonal map of the features takes the Gram matrix $G$ to $PGP^\top$, under which the mapped views "
    "have the score that the original views have under $G$: $[[formula]]$.",
    formula=Eq(MOVED_SCORE, x.T * G * y),
    over={d: COUNT},
    assumes=(linear_encoder, orthogonal_motion),
    derive=derive_invariance,
)

SYMMETRISED = Clause(
    name="symmetrised",
    says="The average of a Gram matrix over all signed permutations is a multiple of the identity: $[[formula]]$.",
    formula=Eq(AVERAGE, KroneckerDelta(i, j) * Sum(entry[k, k], (k, 1, d)) / d),
    over={d: COUNT, i: indices(d), j: indices(d)},
    derive=derive_average,
)

MINIMISER = Clause(
    name="only minimiser",
    says="Among all Gram matrices of the same trace, the isotropic one is the only minimiser of the loss: at every "
    "other one the loss is larger, $[[formula]]$.",
    formula=Gt(GAP, 0),
    assumes=(*_LOSS, signed_permutations, views_occur, anisotropic),
    derive=derive_minimiser,
)

ISOMETRY = Clause(
    name="scaled isometries",
    says="Every scaled isometry has the Gram matrix that is optimal for its trace $c$: $[[formula]]$.",
    formula=Eq(GRAM, trace / d * Identity(d)),
    over={trace: POSITIVE, d: COUNT},
    assumes=(scaled, isometry),
    derive=derive_isometry,
)

IMPURE = Clause(
    name="not purified",
    says="Optimal encoders need not be pure: if $[[range d]]$, the reflection is an isometry and each of its nodes "
    "mixes features, $[[formula]]$.",
    formula=And(Eq(LENGTH, 1), Eq(INNER, 0), Gt(PURITY, 1)),
    over={d: integers_from(3)},
    assumes=(reflection,),
    derive=derive_impure,
)

C1 = Claim(
    id="C1",
    title="Optimal linear contrastive encoders are scaled isometries",
    clauses=(REDUCED, REACHED, CONVEX, INVARIANT, SYMMETRISED, MINIMISER, ISOMETRY, IMPURE),
    setting=(),
    source="section 5.2",
    kind="paper",
)
