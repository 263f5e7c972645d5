"""N2, the counterexample: two features, a rotation, and a fit that pays less than the purified one."""

from sympy import Abs, And, Eq, Expr, Gt, Integer, Lt, Rational, Symbol, sqrt

from theory.algebra import is_nonnegative
from theory.assumptions import Assumption, independent_features
from theory.claims import Clause
from theory.derivation import Derivation, Proof, begin, prove
from theory.model import p
from theory.purification.p3_purification_bound import R, equal_rates, most, tilt, y_1, y_2
from theory.quantities.fits import SEEN_ALONE, SEEN_OPPOSITE, SEEN_SAME
from theory.quantities.norms import MEAN_L1, OPPOSITE, OTHER_ALONE, OWN_SAME, PURE_MEAN_L1, SAME
from theory.ranges import PROBABILITY, Range, between
from theory.theorems.powers import plain_modulus

k = Symbol("k", positive=True)
narrow, wide = Symbol("b", positive=True), Symbol("B", positive=True)
"""Thresholds of the nodes that hold mostly one feature, and of those that hold both."""


def derive_gates(clause: Clause) -> Proof:
    """Proof of which nodes of the fit fire."""
    more, less = 1 + tilt, 1 - tilt
    seen = {
        OTHER_ALONE: (k * y_1, "the node of the other feature"),
        OWN_SAME: (y_1 - k * y_2, "the node of the first feature"),
        SEEN_ALONE: (more * y_1, "a wide node, one feature"),
        SEEN_SAME: (more * y_1 + less * y_2, "a wide node, both features"),
        SEEN_OPPOSITE: (more * y_1 - less * y_2, "a wide node, features of opposite sign"),
    }
    chains = []
    for relation in clause.conjuncts:
        chain = begin(relation.lhs, *seen[relation.lhs], box=clause.box, given=(six_nodes,))
        side = chain.at_least if isinstance(relation, Gt) else chain.at_most
        chains.append(side(relation.rhs, "on the whole range", strict=True))
    return prove(clause.formula, *chains)


def derive_maps(clause: Clause) -> Proof:
    """Proof that the fit is exact where both features are active: its effective map is (1, 1)."""
    same, opposite = k / (2 * tilt), k / 2
    more, less = 1 + tilt, 1 - tilt
    sums = {
        SAME[1]: 1 + k - same * more + same * less,
        SAME[2]: 1 - k - same * less + same * more,
        OPPOSITE[1]: 1 + k - opposite * more - opposite * less,
        OPPOSITE[2]: 1 - k + opposite * less + opposite * more,
    }
    chains = (
        begin(name, total, "heads of the nodes that fire", given=(six_nodes,)).equals(Integer(1), "add the terms")
        for name, total in sums.items()
    )
    return prove(clause.formula, *chains)


_COS = 1 / sqrt(1 + k**2)
FIT_COST = 2 * p * (1 - p) / _COS + 2 * p**2 * _COS
PURE_COST = 2 * p * (1 - p) * (1 + k) * _COS + 2 * p**2 * _COS


def _cost(clause: Clause, name: Symbol, alone: tuple[Expr, Expr], reason: str) -> Derivation:
    """The chain for `E||M beta||_1`, `M` the rotation by `t`, `tan t = k`; `alone` is `beta` where feature 1 is."""
    one, two = alone
    entries = (_COS * (one - k * two), _COS * (k * one + two))
    both = (_COS * (1 - k), _COS * (1 + k))
    total = 2 * p * (1 - p) * (Abs(entries[0].factor()) + Abs(entries[1].factor()))
    start = begin(name, total + p**2 * (Abs(both[0]) + Abs(both[1])), reason, box=clause.box, given=clause.assumes)
    chain = start
    for modulus in sorted(start.end.atoms(Abs), key=str):
        x = modulus.args[0]
        chain = chain.within(plain_modulus(x if is_nonnegative(x, clause.box) else -x, clause.box))
    return chain


def _fit_cost(clause: Clause) -> Derivation:
    reason = "beta is (1, -k) or (k, 1) if one feature is active and (1, 1) if both are"
    return _cost(clause, MEAN_L1, (Integer(1), -k), reason).equals(FIT_COST, "collect terms")


def derive_fit_cost(clause: Clause) -> Proof:
    """Proof of the cost of the fit."""
    return prove(clause.formula, _fit_cost(clause))


def derive_pure_cost(clause: Clause) -> Proof:
    """Proof of the cost of the purified fit."""
    chain = _cost(clause, PURE_MEAN_L1, (Integer(1), Integer(0)), "beta = theta_A").equals(PURE_COST, "collect terms")
    return prove(clause.formula, chain)


def derive_beats(clause: Clause) -> Proof:
    """Proof that the fit costs less than the purified one."""
    # The fit saves k (1 - k) cos t for each feature that is active alone, with probability p (1 - p).
    gap = 2 * p * (1 - p) * k * (1 - k) * _COS
    return prove(clause.formula, _fit_cost(clause).at_most(PURE_COST, "0 < k < 1", gap=gap, strict=True))


six_nodes = Assumption(
    "six nodes",
    r"Two features have the target $(1, 1)$ and six nodes: $(1, -k)$, $(k, 1)$ with threshold $b$ and heads $1, 1$; "
    r"$(1+e, 1-e)$, $(1-e, 1+e)$ with threshold $B$ and heads $-k/(2e), k/(2e)$; $(1+e, e-1)$, $(1-e, -1-e)$ with "
    r"threshold $B$ and heads $-k/2, -k/2$. Amplitudes lie between $1$ and some $R < 1/(2k)$, $kR < b < 1 - kR$, and "
    r"$(1+|e|)R < B < 2$.",
    defines=True,
)
rotated = Assumption(
    "rotation by t",
    r"The dictionary is the rotation by $t$, with $\tan t = k$ and $\cos t = 1/\sqrt{1 + k^2}$.",
    defines=True,
)
_LAW = (six_nodes, rotated, equal_rates, independent_features)
_HALF = between(0, Rational(1, 2))

GATES = Clause(
    name="gates of the fit that beats it",
    says="For thresholds $[[range b]]$ and $[[range B]]$, a single active feature fires its own node and no other, "
    "two active features fire both of these nodes, and a wide node fires only if both features are active with the "
    "relative sign that it detects, because $[[formula]]$.",
    formula=And(
        Lt(OTHER_ALONE, narrow),
        Gt(OWN_SAME, narrow),
        Lt(SEEN_ALONE, wide),
        Gt(SEEN_SAME, wide),
        Lt(SEEN_OPPOSITE, wide),
        evaluate=False,
    ),
    over={
        narrow: between(k * R, 1 - k * R),
        wide: between((1 + most) * R, 2),
        y_1: between(1, R),
        y_2: between(1, R),
        k: between(0, 1 / (2 * R)),
        tilt: between(-most, most),
        most: between(0, 2 / R - 1),
        R: between(1, 2),
    },
    assumes=(six_nodes,),
    derive=derive_gates,
)

MAPS = Clause(
    name="exact fit",
    says="For every $[[range k]]$, the fit with wide nodes is exact when both features are active, with equal or "
    "with opposite signs, because its effective map is then the target: $[[formula]]$.",
    formula=And(*(Eq(name, 1) for name in (SAME[1], SAME[2], OPPOSITE[1], OPPOSITE[2]))),
    over={k: _HALF},
    assumes=(six_nodes,),
    derive=derive_maps,
)

COST = Clause(
    name="what it pays",
    says=r"Under an $l_\infty$ attack, the fit with wide nodes costs $[[formula]]$.",
    formula=Eq(MEAN_L1, FIT_COST),
    over={k: _HALF, p: PROBABILITY},
    assumes=_LAW,
    derive=derive_fit_cost,
)

PURIFIED_COST = Clause(
    name="what the purified fit pays",
    says=r"Under an $l_\infty$ attack, the purified fit of two features costs $[[formula]]$.",
    formula=Eq(PURE_MEAN_L1, PURE_COST),
    over={k: Range(Integer(0), Integer(1), open_low=True), p: PROBABILITY},
    assumes=(rotated, equal_rates, independent_features),
    derive=derive_pure_cost,
)

BEATS = Clause(
    name="it beats the purified fit",
    says=r"Under an $l_\infty$ attack, the fit with wide nodes costs less than the purified one for every $[[range "
    "k]]$ and $[[range p]]$: $[[formula]]$.",
    formula=Lt(MEAN_L1, PURE_COST),
    over={k: _HALF, p: between(0, 1)},
    assumes=_LAW,
    derive=derive_beats,
)
