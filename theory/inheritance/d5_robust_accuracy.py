"""D5: robust accuracy of a purified network."""

from sympy import Eq, Lt, Rational, Sum, Symbol, binomial, sqrt

from theory.assumptions import (
    constant_amplitude,
    independent_features,
    inside_region,
    low_threshold,
    no_noise,
    purified,
)
from theory.claims import Claim, Clause, ClosedForm
from theory.derivation import Proof, begin, opening, prove
from theory.laws import count
from theory.model import d, eps, p, r
from theory.purification.p6_adversarial_risk import unit_target
from theory.quantities.risk import MARGIN, ROBUST_SHARE, SIGNS
from theory.ranges import ACTIVE, COUNT, NONNEGATIVE, POSITIVE, PROBABILITY, Range
from theory.theorems.averages import mean_of_binomial
from theory.theorems.balls import WorstCase, over_ball
from theory.theorems.counts import Exceeds, law_of_signs
from theory.theorems.indicators import Mean

N = count(Symbol("N", integer=True, nonnegative=True), d, p)
_k = Symbol("k", integer=True, nonnegative=True)
_j = Symbol("j", integer=True, nonnegative=True)
_push = Symbol("c", real=True)

ROBUST = Sum(binomial(d, _k) * p**_k * (1 - p) ** (d - _k) * Exceeds(_k, eps * sqrt(_k) / r), (_k, 0, d))


def derive_margin(clause: Clause) -> Proof:
    """Proof of the least margin that an attack leaves."""
    worst = WorstCase(-(r * SIGNS + _push), _push, eps, sqrt(N))
    reason = (
        "inside P2's region f(z + delta) = f(z) + (M beta)^T delta; |f(z)| = r |S_1 + ... + SN|, and ||M beta|| = "
        "sqrt(N) "
        "since beta_i = theta_i = 1 or -1 on the support; the signs theta_i S_i are random signs"
    )
    return prove(clause.formula, begin(MARGIN, -worst, reason).within(over_ball(worst)))


def derive_accuracy(clause: Clause) -> Proof:
    """Proof of the robust accuracy as a sum over the size of the support."""
    mean = Mean(Exceeds(N, eps * sqrt(N) / r))
    reason = (
        "an input is robust iff the margin is positive, that is if N signs add up to more than eps sqrt(N)/r; for N "
        "= 0 they never do"
    )
    return prove(clause.formula, begin(ROBUST_SHARE, mean, reason).by(mean_of_binomial(mean, N, d, p, _k)))


def derive_tail(clause: Clause) -> Proof:
    """Proof of the law of a sum of signs."""
    tail = Exceeds(N, eps * sqrt(N) / r)
    return prove(clause.formula, opening(tail).by(law_of_signs(tail, _j)))


_TAIL = Exceeds(N, eps * sqrt(N) / r)
_SUPPORT = Range(Rational(0), integer=True, natural=True)
_PURIFIED = (purified, unit_target, constant_amplitude, no_noise, low_threshold, inside_region)

LEAST_MARGIN = Clause(
    name="margin",
    says="With $N$ active features, the smallest margin that an attack on a purified network leaves is $[[rhs]]$.",
    formula=Eq(MARGIN, r * SIGNS - eps * sqrt(N)),
    over={r: POSITIVE, eps: NONNEGATIVE, N: _SUPPORT},
    assumes=_PURIFIED,
    depends_on=("P2/worst case",),
    derive=derive_margin,
)

GIVEN_SUPPORT = Clause(
    name="given the support",
    says="Given $N$ active features, the share of robust inputs is the share of the strings of signs that have the "
    "right number of minus signs: $[[formula]]$.",
    formula=Eq(_TAIL, law_of_signs(_TAIL, _j).right),
    over={r: POSITIVE, eps: NONNEGATIVE, N: _SUPPORT},
    derive=derive_tail,
)

ROBUST_ACCURACY = Clause(
    name="robust accuracy",
    says="The robust accuracy of a purified network is $[[formula]]$, where an input without active features counts "
    "as wrong and a tie does not count as robust.",
    formula=Eq(ROBUST_SHARE, ROBUST),
    over={d: COUNT, p: ACTIVE, r: POSITIVE, eps: NONNEGATIVE},
    assumes=(*_PURIFIED, independent_features),
    depends_on=("D5/margin", "D5/given the support"),
    derive=derive_accuracy,
)

D5 = Claim(
    id="D5",
    title="Robust accuracy of a purified network",
    clauses=(LEAST_MARGIN, GIVEN_SUPPORT, ROBUST_ACCURACY),
    setting=(),
    source="section 6",
    kind="sharpened",
)

PURIFIED_ROBUST_ACCURACY = ClosedForm(
    name="purified_robust_accuracy",
    arguments={"d": d, "p": p, "r": r, "eps": eps},
    expression=ROBUST_ACCURACY.formula.rhs,
    domain={"d": COUNT, "p": PROBABILITY, "r": POSITIVE, "eps": NONNEGATIVE},
    claim="D5",
    words="probability that no l2 attack of size eps changes the sign of the output of a purified network, "
    "|theta_i| = 1, inside the region of P2",
    requires=((Lt(2 * eps, r), "eps < r/2, since beyond that no purified network lies in the region of P2"),),
)
