"""P8: a large gate ratio leaves a node few features that fire it alone."""

from sympy import And, Ge, IndexedBase, Integer, Le, Lt, MatrixSymbol, Rational, Sum, Symbol, oo, sqrt

from theory.algebra import Box
from theory.assumptions import Assumption, constant_amplitude, no_noise, orthogonal_dictionary
from theory.claims import Claim, Clause
from theory.derivation import Derivation, Proof, begin, prove
from theory.model import b, d, r
from theory.quantities.forces import COUNT_ALONE, V_ALONE, V_PAIR, W_NORM
from theory.ranges import POSITIVE, Range, above
from theory.theorems.counting import chebyshev_count, indicator, scaled_sum
from theory.theorems.euclid import norm_in_features

c = Symbol("c", positive=True)
_i = Symbol("i", integer=True, positive=True)
_u = IndexedBase("u", real=True)
_M = MatrixSymbol("M", d, d)
_w = MatrixSymbol("w", d, 1)


def derive_count(clause: Clause) -> Proof:
    """Proof that at most `(r ||w||/b)^2` features fire the node alone."""
    return prove(clause.formula, _count(clause.box))


def derive_single(clause: Clause) -> Proof:
    """Proof that fewer than two do where the gate ratio exceeds `1/sqrt(2)`."""
    chain = _count(clause.box).at_most(Integer(2), "b > r ||w_h||/sqrt(2)", strict=True)
    return prove(clause.formula, chain)


def derive_together(clause: Clause) -> Proof:
    """Proof, on `u_h = (c, c)`, that features which do not fire the node alone can do so together."""
    alone = begin(V_ALONE, r * c, "one of the two features acts", box={b: (clause.over[b].low, oo)})
    pair = begin(V_PAIR, r * c + r * c, "both act, with equal signs", box=clause.box)
    return prove(clause.formula, alone.at_most(b, "b > r c", strict=True), pair.at_least(b, "b < 2 r c"))


def _count(box: Box) -> Derivation:
    entry = r * _u[_i]
    alone = Sum(indicator(entry, b), (_i, 1, d))
    squares = Sum(_u[_i] ** 2, (_i, 1, d))
    bound = chebyshev_count(alone, entry, b, box)
    return (
        begin(COUNT_ALONE, alone, "feature i acting alone gives the pre-activation +-r u_i", box=box)
        .by(bound)
        .by(scaled_sum(bound.right, (r / b) ** 2, _u[_i] ** 2))
        .within(norm_in_features(squares, _M, _w, W_NORM))
    )


pair = Assumption("pair", "The node holds two features with equal weights, $u_h = (c, c)$.", defines=True)

COUNT = Clause(
    name="features alone",
    says="The number of features of amplitude $r$ that fire a node when they act alone is bounded by a function of "
    "the gate ratio: $[[formula]]$ for $[[range b]]$.",
    formula=Le(COUNT_ALONE, (r * W_NORM / b) ** 2),
    over={r: POSITIVE, b: POSITIVE},
    assumes=(constant_amplitude, orthogonal_dictionary, no_noise),
    derive=derive_count,
)

SINGLE = Clause(
    name="one feature alone",
    says="At most one feature that acts alone fires a node with a large gate ratio, $[[range b]]$: $[[formula]]$. "
    "Purity can therefore be bought with the gate ratio as well as with attacks.",
    formula=Lt(COUNT_ALONE, 2),
    over={r: POSITIVE, W_NORM: POSITIVE, b: above(r * W_NORM / sqrt(2))},
    assumes=(constant_amplitude, orthogonal_dictionary, no_noise),
    derive=derive_single,
    resolution=Rational(1, 2),
)

TOGETHER = Clause(
    name="features together",
    says="A large gate ratio does not restrict features that act together: of two features with equal weights "
    "neither fires the node alone, yet both together do, $[[formula]]$, for $[[range b]]$.",
    formula=And(Lt(V_ALONE, b), Ge(V_PAIR, b)),
    over={r: POSITIVE, c: POSITIVE, b: Range(r * c, 2 * r * c, open_low=True)},
    assumes=(pair, constant_amplitude, no_noise),
    derive=derive_together,
)

P8 = Claim(
    id="P8",
    title="The gate caps mixing",
    clauses=(COUNT, SINGLE, TOGETHER),
    setting=(),
    source="beyond the paper",
    kind="sharpened",
)
