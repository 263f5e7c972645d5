"""P8: a large gate ratio leaves a node few features that fire it alone."""

from sympy import And, Ge, IndexedBase, Integer, Le, Lt, MatrixSymbol, Rational, Sum, Symbol, oo, sqrt

from theory.algebra import Box
from theory.claims import Claim, Clause, Mutation
from theory.derivation import Derivation, Proof, begin, prove
from theory.model import b, d, named, r
from theory.theorems.counting import chebyshev_count, indicator, scaled_sum
from theory.theorems.euclid import norm_in_features

COUNT_ALONE = named(r"n_h")
"""Number of features that fire the node when they act alone."""
W_NORM = Symbol(r"\|w_h\|", positive=True)
V_ALONE = named("v_1")
V_PAIR = named("v_2")
_c = Symbol("c", positive=True)
_i = Symbol("i", integer=True, positive=True)
_u = IndexedBase("u", real=True)
_M = MatrixSymbol("M", d, d)
_w = MatrixSymbol("w", d, 1)

_POSITIVE_GATE: Box = {b: (Integer(0), oo)}
_LARGE_GATE: Box = {b: (r * W_NORM / sqrt(2), oo)}
_PAIR_GATE: Box = {b: (r * _c, 2 * r * _c)}


def derive_count(clause: Clause) -> Proof:
    """Proof that at most `(r ||w||/b)^2` features fire the node alone."""
    return prove(clause.formula, _count(_POSITIVE_GATE))


def derive_single(clause: Clause) -> Proof:
    """Proof that fewer than two do where the gate ratio exceeds `1/sqrt(2)`."""
    chain = _count(_LARGE_GATE).at_most(Integer(2), "b > r ||w_h||/sqrt(2)", strict=True)
    return prove(clause.formula, chain)


def derive_together(clause: Clause) -> Proof:
    """Proof, on `u_h = (c, c)`, that features which do not fire the node alone can do so together."""
    alone = begin(V_ALONE, r * _c, "one of the two features acts", box=_PAIR_GATE)
    pair = begin(V_PAIR, r * _c + r * _c, "both act, with equal signs", box=_PAIR_GATE)
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


COUNT = Clause(
    name="features alone",
    says=r"A node with $b_h > 0$ fires on at most $(r\|w_h\|/b_h)^2$ features acting alone.",
    formula=Le(COUNT_ALONE, (r * W_NORM / b) ** 2),
    box=_POSITIVE_GATE,
    derive=derive_count,
    mutation=Mutation(
        "without the square",
        Le(COUNT_ALONE, r * W_NORM / b),
        {r: Integer(1), b: Integer(1), d: Integer(4), W_NORM: Integer(2)},
        # u = (1, 1, 1, 1): all four features reach the threshold.
        consequence=Le(d, r * W_NORM / b),
    ),
)

SINGLE = Clause(
    name="one feature alone",
    says=r"With a gate ratio $b_h/(r\|w_h\|)$ above $1/\sqrt 2$ it fires on fewer than two, that is, on at most one: "
    "purity is bought by the gate ratio as well as by the attack.",
    formula=Lt(COUNT_ALONE, 2),
    box=_LARGE_GATE,
    derive=derive_single,
    mutation=Mutation(
        "none",
        Lt(COUNT_ALONE, 1),
        {r: Integer(1), b: Integer(1), W_NORM: Integer(1)},
        # A pure node: its one feature gives r ||w||.
        consequence=Lt(r * W_NORM, b),
    ),
)

TOGETHER = Clause(
    name="features together",
    says=r"It says nothing of features acting together: for $u_h = (c, c)$ and $r c < b \le 2 r c$, "
    r"so that $b > r\|w_h\|/\sqrt 2$, neither feature fires the node alone and both together do.",
    formula=And(Lt(V_ALONE, b), Ge(V_PAIR, b)),
    box=_PAIR_GATE,
    derive=derive_together,
    mutation=Mutation(
        "no pair fires it either",
        And(Lt(V_ALONE, b), Lt(V_PAIR, b)),
        {r: Integer(1), _c: Integer(1), b: Rational(3, 2)},
        consequence=Lt(2 * r * _c, b),
    ),
)

P8 = Claim(
    id="P8",
    title="The gate caps mixing",
    clauses=(COUNT, SINGLE, TOGETHER),
    setting=(
        "Constant amplitude $r$",
        r"Orthogonal dictionary, $u_h = M^T w_h$",
        "No noise",
        r"$\|\cdot\|$: l2 norm",
    ),
    source="beyond the paper",
    kind="sharpened",
)
