"""D1: least-squares heads on a layer of pure nodes; noise and shared features are in files of their own."""

from sympy import Abs, Eq, Expr, IndexedBase, Sum, Symbol

from theory.assumptions import inside_region, no_noise
from theory.claims import Claim, Clause
from theory.derivation import Derivation, Proof, Step, begin, prove
from theory.inheritance.d1_layer import least_squares_head, pure_layer, right_gates
from theory.inheritance.d1_noise import FIRING, MOMENTS, NOISY_ENERGY, NOISY_HEAD, NOISY_RISK
from theory.inheritance.d1_shared_features import BEYOND, BOUNDED, SHORTEST
from theory.inheritance.features import COVARIANCE, covariances
from theory.laws import constant, indicator, zero_or_one
from theory.model import d, eps, p, tau
from theory.quantities.firing import ENERGY
from theory.quantities.heads import (
    COVERED,
    HEAD_RISK,
    LEAST_RISK,
    MAP_ENTRY,
    PASSED,
    SECOND_MOMENT,
)
from theory.quantities.network import WORST
from theory.ranges import ACTIVE, COUNT, NONNEGATIVE, REAL, indices
from theory.theorems.duality import DualNorm
from theory.theorems.indicators import Mean, idempotent
from theory.theorems.least_squares import diagonal_covariance, least_sum_of_squares, vanishing_squares
from theory.theorems.support import mean_of_indicators

_ERROR = Symbol("y - f(z)", real=True)
M_BETA = Symbol(r"M\beta")
"""The gradient at the input."""
i = Symbol("i", integer=True, positive=True)
_j = Symbol("j", integer=True, positive=True)
theta = constant(IndexedBase(r"{\theta'}", real=True))
x = IndexedBase("x", real=True)
active = indicator(IndexedBase("B", nonnegative=True), p, independent=True)
eta = Symbol("eta", real=True)
zero_or_one(COVERED)

COVERED_ENERGY = Sum(COVERED[i] * theta[i] ** 2, (i, 1, d))
_UNCOVERED_ENERGY = Sum((1 - COVERED[i]) * theta[i] ** 2, (i, 1, d))
_MISSED = Sum((1 - COVERED[i]) * theta[i] * x[i], (i, 1, d))
_SQUARES = Sum(COVERED[i] * (PASSED[i] - theta[i]) ** 2, (i, 1, d))
_RISK_OF_HEAD = tau**2 + SECOND_MOMENT * _UNCOVERED_ENERGY + SECOND_MOMENT * _SQUARES


def _risk() -> Derivation:
    gap = {k: theta[k] - COVERED[k] * PASSED[k] for k in (i, _j)}
    total = Sum(gap[i] * gap[_j] * COVARIANCE[i, _j], (i, 1, d), (_j, 1, d))
    opened = Sum(SECOND_MOMENT * (gap[i] ** 2).expand(), (i, 1, d))
    reason = (
        "with correct gates f = sum of g_i c_i x_i, where c_i is the sum of a_h omega_h over the nodes on feature i "
        "and g_i = 1 if there are any; the label noise is independent, and C_ij = E x_i x_j"
    )
    return (
        begin(HEAD_RISK, tau**2 + total, reason)
        .within(diagonal_covariance(total, COVARIANCE, covariances()))
        .equals(tau**2 + opened, "expand")
        .within(idempotent(opened, COVERED))
        .equals(_RISK_OF_HEAD, "uncovered features apart")
    )


def derive_risk(clause: Clause) -> Proof:
    """Proof of the population risk of a head."""
    return prove(clause.formula, _risk())


def derive_least_risk(clause: Clause) -> Proof:
    """Proof of the least risk."""
    risk = _risk()
    vanishing = least_sum_of_squares(risk, _SQUARES, PASSED, theta[i])
    chain = begin(LEAST_RISK, risk.end, "c_i takes every real value where g_i = 1").within(vanishing)
    return prove(clause.formula, chain, lemmas=(risk,))


def _least_squares(times: Expr) -> Step:
    """What every least-squares head does on a covered feature: `g_i c_i t = g_i theta_i t`."""
    return vanishing_squares(least_sum_of_squares(_risk(), _SQUARES, PASSED, theta[i]), PASSED, theta[i], times)


def _effective_map() -> Derivation:
    reason = "beta_i adds a_h omega_h over the active nodes on feature i, B_i = 1 when it is in the support"
    return begin(MAP_ENTRY, COVERED[i] * PASSED[i] * active[i], reason).by(_least_squares(active[i]))


def derive_map(clause: Clause) -> Proof:
    """Proof of the effective map of every least-squares head."""
    return prove(clause.formula, _effective_map(), lemmas=(_risk(),))


def derive_energy(clause: Clause) -> Proof:
    """Proof of the mean energy of that map."""
    effective = _effective_map()
    squared = Sum(effective.end**2, (i, 1, d))
    chain = begin(ENERGY, Mean(squared), "the effective map of a least-squares head")
    chain = chain.within(idempotent(squared, active))
    chain = chain.within(idempotent(chain.end, COVERED))
    chain = chain.within(mean_of_indicators(chain.end, active, p))
    return prove(clause.formula, chain.equals(p * COVERED_ENERGY, "collect terms"))


def derive_worst(clause: Clause) -> Proof:
    """Proof of the worst case inside the region of P2, the same for every least-squares head."""
    output = Sum(COVERED[i] * PASSED[i] * x[i], (i, 1, d))
    target = Sum(theta[i] * x[i], (i, 1, d))
    error = (
        begin(_ERROR, eta + target - output, "y - f(z) with all gates correct")
        .within(_least_squares(x[i]))
        .equals(eta + _MISSED, "what the layer misses of the target")
    )
    loss = (Abs(_ERROR) + eps * DualNorm(M_BETA)) ** 2
    chain = begin(WORST, loss, "P2 inside its region: no gate moves").within(error.as_step("the error of the head"))
    return prove(clause.formula, chain, lemmas=(error, _effective_map()))


_GATED = (pure_layer, right_gates, no_noise)
_FITTED = (*_GATED, least_squares_head)

RISK_OF_HEAD = Clause(
    name="risk of a head",
    says="If all gates are correct, the risk of a head on a pure layer grows with the features that no node holds "
    "and with every difference from the target on the others: $[[formula]]$.",
    formula=Eq(HEAD_RISK, _RISK_OF_HEAD),
    over={d: COUNT, tau: NONNEGATIVE},
    assumes=_GATED,
    derive=derive_risk,
)

LEAST = Clause(
    name="uncovered features",
    says="The excess risk of a least-squares head on a pure layer comes from the features that no node holds and "
    "from nothing else: $[[formula]]$.",
    formula=Eq(LEAST_RISK, tau**2 + SECOND_MOMENT * _UNCOVERED_ENERGY),
    over={d: COUNT, tau: NONNEGATIVE},
    assumes=_GATED,
    depends_on=("D1/risk of a head",),
    derive=derive_least_risk,
)

MAP = Clause(
    name="effective map",
    says="Every least-squares head on a pure layer has the effective map $[[formula]]$, where $B_i$ is one if "
    "feature $i$ is active: it equals the target on the features that are active and covered, and it vanishes "
    "elsewhere.",
    formula=Eq(MAP_ENTRY, active[i] * COVERED[i] * theta[i]),
    over={d: COUNT, i: indices(d)},
    assumes=_FITTED,
    depends_on=("D1/risk of a head",),
    derive=derive_map,
)

INHERITED_ENERGY = Clause(
    name="energy",
    says="The mean energy of the effective map of a least-squares head on a pure layer is that of the covered part "
    "of the target while it is active: $[[formula]]$.",
    formula=Eq(ENERGY, p * COVERED_ENERGY),
    over={d: COUNT, p: ACTIVE},
    assumes=_FITTED,
    depends_on=("D1/effective map",),
    derive=derive_energy,
)

SAME_WORST = Clause(
    name="inside the region",
    says=r"Inside the region of P2, the worst case for labels $y = \eta + \theta'^\top x$ is the same for every "
    "least-squares head on a pure layer, because the outputs and the effective maps agree: $[[formula]]$.",
    formula=Eq(WORST, (Abs(eta + _MISSED) + eps * DualNorm(M_BETA)) ** 2),
    over={d: COUNT, eps: NONNEGATIVE, eta: REAL},
    assumes=(*_FITTED, inside_region),
    depends_on=("P2/worst case", "D1/effective map"),
    derive=derive_worst,
)

D1 = Claim(
    id="D1",
    title="What a clean head inherits from a pure layer",
    clauses=(
        RISK_OF_HEAD,
        LEAST,
        MAP,
        INHERITED_ENERGY,
        SAME_WORST,
        SHORTEST,
        BOUNDED,
        BEYOND,
        NOISY_RISK,
        NOISY_HEAD,
        NOISY_ENERGY,
        MOMENTS,
        FIRING,
    ),
    setting=(),
    source="section 6",
    kind="sharpened",
)
