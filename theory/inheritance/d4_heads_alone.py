"""D4: adversarial training of the head alone shrinks a mixture or does nothing; it cannot purify."""

from sympy import (
    DiagMatrix,
    Eq,
    Expr,
    Ge,
    IndexedBase,
    Integer,
    Le,
    Lt,
    MatrixSymbol,
    Piecewise,
    Rational,
    Sum,
    Symbol,
    oo,
    sqrt,
)

from theory.algebra import Box
from theory.assumptions import Assumption
from theory.claims import Claim, Clause, ClosedForm, NearMiss
from theory.derivation import Derivation, Proof, Step, begin, definition, opening, prove
from theory.inheritance.d2_mixture_layers import LAYER, NODES, head
from theory.inheritance.d4_surrogate import LEAST_SHARE, SIGNAL, SURROGATE_HEAD, SURROGATE_RISK
from theory.inheritance.features import COVARIANCE, covariances_at_constant_amplitude
from theory.laws import constant, random
from theory.model import d, eps, m, p, r
from theory.purification.p5_firing_probability import FIRING
from theory.purification.p6_adversarial_risk import GAIN
from theory.quantities.heads import (
    A0,
    B0,
    BEST,
    C0,
    NEW_TARGET,
    SHRUNK_MAP,
    SQUARED_CROSS,
    SQUARED_LIMIT,
    WorstAlong,
)
from theory.ranges import ACTIVE, COUNT, NONNEGATIVE, POSITIVE, PROBABILITY, Range, at_least, between, closed
from theory.theorems.calculus import ArgMin, unique_minimum
from theory.theorems.euclid import norm_in_features
from theory.theorems.expectation import linearity, named_moment, ordered_means
from theory.theorems.indicators import Mean
from theory.theorems.inner_products import cauchy_schwarz
from theory.theorems.least_squares import diagonal_covariance

share = constant(Symbol("c", positive=True))
"""The head is `c` times the least-squares head."""
_target = random(Symbol(r"|\theta'^\top X|", nonnegative=True))
beyond = constant(Symbol("u", nonnegative=True))
_dictionary = MatrixSymbol("M", d, d)
gates = MatrixSymbol("g", d, 1)

WORST_CASE = (1 - share) ** 2 * A0 + 2 * eps * share * (1 - share) * B0 + eps**2 * share**2 * C0
"""The worst case along the target, for `0 <= c <= 1`."""
_DENOMINATOR = A0 - 2 * eps * B0 + eps**2 * C0
INNER = (A0 - eps * B0) / _DENOMINATOR
"""Where it is least between the two thresholds."""
_ORDERED: Box = {A0: (B0**2 / C0, oo)}
"""By the clause on the order of the thresholds, which holds for every law: no range that a statement could leave."""
_fires = Symbol(r"\pi", positive=True)
_square = NEW_TARGET**2
_REACH: Box = {B0: (Integer(0), r * sqrt(p * _fires) * _square), _fires: (Integer(0), m * p)}
_i, _j = (Symbol(name, integer=True, positive=True) for name in "ij")
_theta = IndexedBase(r"{\theta'}", real=True)
_pull = IndexedBase("v", real=True)
_O = MatrixSymbol("O", d, d)
_new_target = MatrixSymbol(r"{\theta'}", d, 1)


def _along(box: Box) -> Derivation:
    """The chain to the worst case along the target, from P2."""
    mean = Mean(((1 - share) * _target + eps * share * GAIN) ** 2)
    reason = "P2 at tau = 0 for 0 <= c <= 1: |y - f| = (1 - c) |theta'^T X|, and the effective map is c beta"
    moments = {A0: Mean(_target**2), B0: Mean(_target * GAIN), C0: Mean(GAIN**2)}
    chain = begin(WorstAlong(share), mean, reason, box=box)
    chain = chain.by(linearity(mean, WORST_CASE.expand().subs(moments)))
    for name, moment in moments.items():
        chain = chain.within(named_moment(moment, name))
    return chain.equals(WORST_CASE, "collect terms")


def derive_worst(clause: Clause) -> Proof:
    """Proof of the worst case along the target."""
    return prove(clause.formula, _along(clause.box))


def derive_outside(clause: Clause) -> Proof:
    """Proof that no multiple outside of [0, 1] does better than the nearer end."""
    above = _pointwise(beyond * _target + eps * (1 + beyond) * GAIN, eps * GAIN)
    below = _pointwise((1 + beyond) * _target + eps * beyond * GAIN, _target)
    reason = "P2 at tau = 0: the error and the effective map add up in modulus"
    too_large, negative = (
        begin(WorstAlong(multiple), Mean(pointwise.subject), reason).by(ordered_means(pointwise))
        for multiple, pointwise in ((1 + beyond, above), (-beyond, below))
    )
    too_large = too_large.by(linearity(too_large.end, eps**2 * Mean(GAIN**2)))
    chains = (
        too_large.within(named_moment(Mean(GAIN**2), C0)),
        negative.within(named_moment(Mean(_target**2), A0)),
    )
    return prove(clause.formula, *chains, lemmas=(above, below))


def _pointwise(modulus: Expr, least: Expr) -> Derivation:
    return begin(Symbol("l", real=True), (modulus**2).expand(), "the loss on one input").at_least(
        least**2, "every other term is nonnegative"
    )


def derive_order(clause: Clause) -> Proof:
    """Proof that the two thresholds come in order."""
    link = cauchy_schwarz(_target, GAIN)
    chain = begin(SQUARED_CROSS, link.left, "B_0 is the mean of a product").by(link)
    chain = chain.within(named_moment(Mean(_target**2), A0)).within(named_moment(Mean(GAIN**2), C0))
    return prove(clause.formula, chain)


def derive_weak(clause: Clause) -> Proof:
    """Proof that a weak attack leaves the least-squares head as it is."""
    # Each term is a nonnegative factor times what the two thresholds, in their order, leave nonnegative.
    gap = (1 - share) ** 2 * (A0 - eps * B0) + (1 - share) * (1 + share) * eps * (B0 - eps * C0)
    chain = _along({**clause.box, **_ORDERED})
    return prove(clause.formula, chain.at_least(eps**2 * C0, "eps <= B_0/C_0 <= A_0/B_0", gap=gap))


def derive_strong(clause: Clause) -> Proof:
    """Proof that no head at all is best under a strong attack."""
    # As for a weak attack, with the roles of the two thresholds exchanged.
    gap = share**2 * eps * (eps * C0 - B0) + share * (2 - share) * (eps * B0 - A0)
    chain = _along({**clause.box, **_ORDERED})
    return prove(clause.formula, chain.at_least(A0, "eps >= A_0/B_0 >= B_0/C_0", gap=gap))


def derive_middle(clause: Clause) -> Proof:
    """Proof of the best multiple under an attack of intermediate size."""
    box = {share: (Integer(0), oo), **clause.box, **_ORDERED}
    least = ArgMin(WORST_CASE, share)
    core = share * _DENOMINATOR - (A0 - eps * B0)
    unique = unique_minimum(WORST_CASE, share, Integer(2), core, INNER, box)
    best = begin(BEST, least, "the best multiple", box=box).by(unique)
    gap = eps * (eps * C0 - B0) / _DENOMINATOR
    return prove(
        clause.formula,
        best,
        best.at_most(Integer(1), "eps > B_0/C_0", gap=gap, strict=True),
        lemmas=(_along(box),),
    )


def derive_unreached(clause: Clause) -> Proof:
    """Proof that the strong attack lies beyond P2's region."""
    signal = SIGNAL * _square
    reason = "A_0 = p r^2 ||theta'||^2; B_0^2 <= A_0 C_0, C_0 = pi_m ||theta'||^2, and pi_m <= m p (P5)"
    chain = begin(SQUARED_LIMIT, signal**2 / B0**2, reason, box=_REACH)
    return prove(clause.formula, chain.at_least(SIGNAL / _fires, "B_0^2 <= A_0 C_0").at_least(r**2 / m, "pi_m <= m p"))


seen_target = Assumption(
    "target that is seen", r"The new target is not zero, and a node of the layer fires with positive probability."
)
_OCCURS = "a node fires, and the target is not zero"


def derive_moments(clause: Clause) -> Proof:
    """Proof of the two moments that have closed forms."""
    squares, pulls = (Sum(base[_i] ** 2, (_i, 1, d)) for base in (_theta, _pull))
    total = Sum(_theta[_i] * _theta[_j] * COVARIANCE[_i, _j], (_i, 1, d), (_j, 1, d))
    covariances = covariances_at_constant_amplitude()
    positive = (Step(x, ">", Integer(0), _OCCURS, "assumption", given=(seen_target,)) for x in (total, FIRING * pulls))
    signal = opening(A0).within(definition(A0, total, "A_0 = E(theta'^T X)^2, C_ij = E x_i x_j", sign=next(positive)))
    signal = signal.within(diagonal_covariance(total, COVARIANCE, covariances))
    signal = signal.equals(SIGNAL * squares, "take out the constant factor")
    signal = signal.within(norm_in_features(squares, _dictionary, _new_target, NEW_TARGET))
    reason = (
        "P5 for orthogonal nodes: those of the groups fire with probability pi_m and have u_h^T theta'/||u_h|| = v_h, "
        "v = O^T theta', since U = sqrt(m) O"
    )
    energy = opening(C0).within(definition(C0, FIRING * pulls, reason, sign=next(positive)))
    energy = energy.within(norm_in_features(pulls, _O, _new_target, NEW_TARGET))
    return prove(clause.formula, signal, energy)


def derive_cross_talk(clause: Clause) -> Proof:
    """Proof that the effective map is shrunk as a whole."""
    weights = _dictionary * NODES
    reason = "P1 with W = M U and the head c a; the gates g do not depend on the head"
    chain = begin(
        SHRUNK_MAP, _dictionary.T * weights * DiagMatrix(gates) * (share * head), reason, orthogonal=(_dictionary,)
    )
    return prove(clause.formula, chain.equals(share * NODES * DiagMatrix(gates) * head, "M^T M = I"))


noiseless_labels = Assumption("no label noise", r"The labels are exact: $\tau = 0$.", defines=True)
fitted_head = Assumption(
    "least-squares head", r"The given head is the least-squares head, $a = U^\top\theta'/m$.", defines=True
)
_KEPT = Range(Integer(0), Integer(1), natural=True)
"""Shares of the head that are kept; what lies outside is the business of a clause of its own."""
_FITTED = (*LAYER, fitted_head, noiseless_labels)

ALONG = Clause(
    name="along the target",
    says="Without label noise and as long as no gate moves, the adversarial risk of $c$ times the least-squares head "
    "is $[[formula]]$ for $[[range c]]$.",
    formula=Eq(WorstAlong(share), WORST_CASE),
    over={share: closed(0, 1), eps: NONNEGATIVE},
    assumes=_FITTED,
    depends_on=("P2/worst case", "D2/head"),
    derive=derive_worst,
)

OUTSIDE = Clause(
    name="outside of [0, 1]",
    says="A multiple of the least-squares head beyond one is no better than the least-squares head itself, and a "
    "negative multiple is no better than no head at all: $[[formula]]$ for $[[range u]]$.",
    formula=Ge(WorstAlong(1 + beyond), eps**2 * C0) & Ge(WorstAlong(-beyond), A0),
    over={beyond: at_least(0), eps: NONNEGATIVE},
    assumes=_FITTED,
    depends_on=("P2/worst case", "D2/head"),
    derive=derive_outside,
)

ORDER = Clause(
    name="order of the thresholds",
    says="The attack size below which the head is kept does not exceed the size beyond which it is given up, because "
    "$[[formula]]$.",
    formula=Le(SQUARED_CROSS, A0 * C0),
    derive=derive_order,
)

WEAK = Clause(
    name="weak attack",
    says="A weak attack, $[[range epsilon]]$, leaves the least-squares head unchanged, because no smaller multiple "
    "of it has a lower risk: $[[formula]]$ for $[[range c]]$.",
    formula=Ge(WorstAlong(share), eps**2 * C0),
    over={share: _KEPT, eps: closed(0, B0 / C0)},
    box={share: (Integer(0), Integer(1)), eps: (Integer(0), B0 / C0), **_ORDERED},
    assumes=_FITTED,
    depends_on=("D4/along the target", "D4/order of the thresholds"),
    derive=derive_weak,
)

MIDDLE = Clause(
    name="attack in between",
    says="An attack of intermediate size, $[[range epsilon]]$, shrinks the head: the best multiple is $[[formula]]$.",
    formula=Eq(BEST, INNER) & Lt(BEST, 1),
    over={eps: between(B0 / C0, A0 / B0)},
    box={eps: (B0 / C0, A0 / B0), **_ORDERED},
    assumes=_FITTED,
    depends_on=("D4/along the target", "D4/order of the thresholds"),
    derive=derive_middle,
    near_miss=NearMiss("the multiple is off by one hundredth", Eq(BEST, Rational(101, 100) * INNER) & Lt(BEST, 1)),
)

STRONG = Clause(
    name="strong attack",
    says="Under a strong attack, $[[range epsilon]]$, no head at all is best, because every multiple of the head has "
    "at least the risk of none: $[[formula]]$ for $[[range c]]$.",
    formula=Ge(WorstAlong(share), A0),
    over={share: _KEPT, eps: at_least(A0 / B0)},
    box={share: (Integer(0), Integer(1)), eps: (A0 / B0, oo), **_ORDERED},
    assumes=_FITTED,
    depends_on=("D4/along the target", "D4/order of the thresholds"),
    derive=derive_strong,
)

UNREACHED = Clause(
    name="no strong attack inside",
    says=r"Inside the region of P2, which ends at $\min(b, r - b)/\sqrt m$ for these nodes, no attack is strong, so "
    "the head is kept or shrunk but never given up: $[[formula]]$.",
    formula=Ge(SQUARED_LIMIT, r**2 / m),
    over={m: COUNT, p: ACTIVE, r: POSITIVE},
    box={p: (Integer(0), Integer(1)), **_REACH},
    assumes=_FITTED,
    depends_on=("P5/bounds", "D4/moments", "D4/order of the thresholds"),
    derive=derive_unreached,
)

MOMENTS = Clause(
    name="moments",
    says="Two of the three moments that determine the best multiple of the head have closed forms: $[[formula]]$.",
    formula=Eq(A0, SIGNAL * NEW_TARGET**2) & Eq(C0, FIRING * NEW_TARGET**2),
    over={m: COUNT, p: ACTIVE, r: POSITIVE},
    assumes=(*_FITTED, seen_target),
    depends_on=("P5/energy of orthogonal nodes", "D2/head"),
    derive=derive_moments,
)

CROSS_TALK = Clause(
    name="cross-talk",
    says="Shrinking the head does not remove cross-talk, because it shrinks the effective map equally on and off the "
    "support: $[[formula]]$ at every input, where $g$ marks the firing nodes.",
    formula=Eq(SHRUNK_MAP, share * NODES * DiagMatrix(gates) * head),
    over={m: COUNT, share: POSITIVE},
    assumes=LAYER[:1],
    depends_on=("P1/effective map",),
    derive=derive_cross_talk,
)

D4 = Claim(
    id="D4",
    title="Adversarial training of the head alone cannot purify",
    clauses=(
        SURROGATE_RISK,
        SURROGATE_HEAD,
        ALONG,
        OUTSIDE,
        ORDER,
        WEAK,
        MIDDLE,
        STRONG,
        UNREACHED,
        MOMENTS,
        CROSS_TALK,
    ),
    setting=(),
    source="section 6",
    kind="sharpened",
)

_theta_square = Symbol("theta_sq", nonnegative=True)

HEAD_ONLY_RISK = ClosedForm(
    name="head_only_risk",
    arguments={"theta_sq": _theta_square, "p": p, "r": r, "eps": eps, "m": m},
    expression=Piecewise((Integer(0), Eq(p, 0)), (_theta_square * LEAST_SHARE, True)),
    domain={"theta_sq": NONNEGATIVE, "p": PROBABILITY, "r": POSITIVE, "eps": NONNEGATIVE, "m": COUNT},
    claim="D4",
    words="least surrogate risk E e^2 + eps^2 E||beta||^2 of a head on a frozen mixture layer; theta_sq = ||theta'||^2",
)
