"""N2, the counterexample: two features, a rotation, and a fit that pays less than the purified one."""

from collections.abc import Callable

from sympy import (
    Abs,
    And,
    Basic,
    Eq,
    Expr,
    Gt,
    Integer,
    Lt,
    Rational,
    Symbol,
    sqrt,
)

from theory.algebra import Box, is_nonnegative
from theory.claims import Clause, Mutation
from theory.derivation import Derivation, Proof, begin, prove
from theory.model import named, p
from theory.theorems.powers import plain_modulus

tilt = Symbol("e", positive=True)
k, y_1, y_2 = Symbol("k", real=True), Symbol("y_1", real=True), Symbol("y_2", real=True)
FIT, PURE = named(r"\mathbb{E}\|M\beta\|_1"), named(r"\mathbb{E}\|M\theta_A\|_1")
SAME, OPPOSITE = (tuple(named(rf"\beta_{i}^{{{name}}}") for i in (1, 2)) for name in ("same", "opposite"))
_FIT: Box = {k: (Integer(0), Rational(5, 12)), p: (Integer(0), Integer(1))}
_AMPLITUDES: Box = {k: _FIT[k], y_1: (Integer(1), Rational(6, 5)), y_2: (Integer(1), Rational(6, 5))}
_HALF, _WIDE = Rational(1, 2), Rational(8, 5)
_MORE, _LESS = Rational(21, 20), Rational(19, 20)

_GATES: tuple[tuple[str, Expr, Callable[[Expr, Expr], Basic], Expr], ...] = (
    ("own, alone", y_1, Gt, _HALF),
    ("other, alone", k * y_1, Lt, _HALF),
    ("wide, alone", _MORE * y_1, Lt, _WIDE),
    ("own, same signs", y_1 - k * y_2, Gt, _HALF),
    ("wide, same signs", _LESS * y_1 + _MORE * y_2, Gt, _WIDE),
    ("crossed, same signs", _MORE * y_1 - _LESS * y_2, Lt, _WIDE),
    ("mirrored, same signs", _LESS * y_2 - _MORE * y_1, Lt, _WIDE),
    ("own, opposite signs", y_1 + k * y_2, Gt, _HALF),
    ("crossed, opposite signs", _MORE * y_1 + _LESS * y_2, Gt, _WIDE),
    ("wide, opposite signs", _LESS * y_1 - _MORE * y_2, Lt, _WIDE),
)
"""What a node sees up to its sign and the exchange of the features, and on which side of its threshold that is."""

_PREACTIVATIONS = {name: named(rf"v_{{\text{{{name}}}}}") for name, *_ in _GATES}


def derive_gates(clause: Clause) -> Proof:
    """Proof of which nodes of the fit fire."""
    chains = []
    for name, seen, relation, threshold in _GATES:
        chain = begin(_PREACTIVATIONS[name], seen, "amplitudes from 1 to 6/5", box=_AMPLITUDES)
        side = chain.at_least if relation is Gt else chain.at_most
        chains.append(side(threshold, "on the whole range", strict=True))
    return prove(clause.formula, *chains)


def derive_maps(clause: Clause) -> Proof:
    """Proof that the fit is exact where both features are active: its effective map is (1, 1)."""
    wide, crossed = k / (2 * tilt), k / 2
    more, less = 1 + tilt, 1 - tilt
    sums = {
        SAME[0]: 1 + k - wide * more + wide * less,
        SAME[1]: 1 - k - wide * less + wide * more,
        OPPOSITE[0]: 1 + k - crossed * more - crossed * less,
        OPPOSITE[1]: 1 - k + crossed * less + crossed * more,
    }
    chains = (
        begin(name, total, "heads of the nodes that fire").equals(Integer(1), "add") for name, total in sums.items()
    )
    return prove(clause.formula, *chains)


_COS = 1 / sqrt(1 + k**2)
FIT_COST = 2 * p * (1 - p) / _COS + 2 * p**2 * _COS
PURE_COST = 2 * p * (1 - p) * (1 + k) * _COS + 2 * p**2 * _COS


def _cost(name: Symbol, alone: tuple[Expr, Expr], reason: str) -> Derivation:
    """The chain for `E||M beta||_1`, `M` the rotation by `t`, `tan t = k`; `alone` is `beta` where feature 1 is."""
    one, two = alone
    entries = (_COS * (one - k * two), _COS * (k * one + two))
    both = (_COS * (1 - k), _COS * (1 + k))
    total = 2 * p * (1 - p) * (Abs(entries[0].factor()) + Abs(entries[1].factor()))
    start = begin(name, total + p**2 * (Abs(both[0]) + Abs(both[1])), reason, box=_FIT)
    chain = start
    for modulus in sorted(start.end.atoms(Abs), key=str):
        x = modulus.args[0]
        chain = chain.within(plain_modulus(x if is_nonnegative(x, _FIT) else -x, _FIT))
    return chain


def derive_fit_cost(clause: Clause) -> Proof:
    """Proof of what the fit pays."""
    return prove(
        clause.formula,
        _cost(FIT, (Integer(1), -k), "beta = (1, -k) or (k, 1) alone, (1, 1) together").equals(FIT_COST, "collect"),
    )


def derive_pure_cost(clause: Clause) -> Proof:
    """Proof of what the purified fit pays."""
    return prove(clause.formula, _cost(PURE, (Integer(1), Integer(0)), "beta = theta_A").equals(PURE_COST, "collect"))


def derive_beats(clause: Clause) -> Proof:
    """Proof that the fit pays less than the purified one."""
    chain = _cost(FIT, (Integer(1), -k), "beta = (1, -k) or (k, 1) alone, (1, 1) together").equals(FIT_COST, "collect")
    gap = 2 * p * (1 - p) * k * (1 - k) * _COS
    return prove(clause.formula, chain.at_most(PURE_COST, "0 < k < 1", gap=gap, strict=True))


GATES = Clause(
    name="gates of the fit that beats it",
    says=r"A fit that beats the purified one: $d = 2$, $M$ the rotation by $t$, $k = \tan t$, $\theta = (1, 1)$, "
    r"$R \in [1, 6/5]$; nodes $(1,-k), (k,1)$, $b = 1/2$, heads $1, 1$; $(1.05,.95), (.95,1.05)$, $b = 8/5$, heads "
    r"$-10k, 10k$; $(1.05,-.95), (.95,-1.05)$, $b = 8/5$, heads $-k/2, -k/2$. For $0 < k < 5/12$, as for $t = \pi/8$, "
    r"a feature alone fires its own node, both fire both, and the wide nodes of the right relative sign.",
    formula=And(*(relation(_PREACTIVATIONS[name], threshold) for name, _, relation, threshold in _GATES)),
    box=_AMPLITUDES,
    derive=derive_gates,
    mutation=Mutation(
        "thresholds 2/5",
        Lt(_PREACTIVATIONS["other, alone"], Rational(2, 5)),
        {k: Rational(2, 5), y_1: Rational(119, 100)},
    ),
)

MAPS = Clause(
    name="exact fit",
    says=r"Alone $\beta = (1, -k)$ or $(k, 1)$, of either sign together $\beta = (1, 1)$: the fit is exact. (The wide "
    r"nodes are $(1+e, 1-e)$, $(1-e, 1+e)$ with heads $\mp k/(2e)$, and $(1+e, e-1)$, $(1-e, -1-e)$; $e = 1/20$.)",
    formula=And(*(Eq(name, 1) for name in (*SAME, *OPPOSITE))),
    derive=derive_maps,
    mutation=Mutation("no correction", Eq(SAME[0], 1 + k), {k: Rational(1, 4), tilt: Rational(1, 20)}),
)

COST = Clause(
    name="what it pays",
    says=r"It pays $\mathbb{E}\|M\beta\|_1 = 2p(1-p)/\cos t + p^2\|M(1,1)\|_1$, $\cos t = 1/\sqrt{1+k^2}$: .81519 at "
    r"$t = \pi/8$, $p = .4$.",
    formula=Eq(FIT, FIT_COST),
    box=_FIT,
    derive=derive_fit_cost,
    mutation=Mutation("as the purified fit", Eq(FIT, PURE_COST), {k: Rational(1, 4), p: _HALF}),
)

PURIFIED_COST = Clause(
    name="what the purified fit pays",
    says=r"The purified fit pays $2p(1-p)(1+k)\cos t + p^2\|M(1,1)\|_1$: .92279 there.",
    formula=Eq(PURE, PURE_COST),
    box=_FIT,
    derive=derive_pure_cost,
    mutation=Mutation("as the other fit", Eq(PURE, FIT_COST), {k: Rational(1, 4), p: _HALF}),
)

BEATS = Clause(
    name="it beats the purified fit",
    says="That is less for every $0 < k < 5/12$.",
    formula=Lt(FIT, PURE_COST),
    box=_FIT,
    derive=derive_beats,
    mutation=Mutation("by a tenth", Lt(FIT, PURE_COST * Rational(9, 10)), {k: Rational(1, 100), p: _HALF}),
)
