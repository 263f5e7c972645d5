"""D1: what a least-squares head makes of a layer of pure nodes; noise and shared features in files of their own."""

from sympy import Abs, Eq, Expr, IndexedBase, Integer, Rational, Sum, Symbol

from theory.claims import Claim, Clause, Mutation
from theory.derivation import Derivation, Proof, Step, begin, prove
from theory.inheritance.d1_noise import FIRING, MOMENTS, NOISY_ENERGY, NOISY_HEAD, NOISY_RISK
from theory.inheritance.d1_shared_features import BEYOND, BOUNDED, SHORTEST
from theory.inheritance.features import COVARIANCE, SECOND_MOMENT, covariances
from theory.laws import constant, indicator, zero_or_one
from theory.model import d, eps, named, p, tau
from theory.theorems.duality import DualNorm
from theory.theorems.indicators import Mean, idempotent, mean_of_indicators
from theory.theorems.least_squares import (
    diagonal_covariance,
    least_sum_of_squares,
    vanishing_squares,
)

RISK = named(r"\mathrm{Risk}(a)")
LEAST_RISK = Symbol(r"\min_a \mathrm{Risk}(a)")
BETA = named(r"\beta_i")
ENERGY = named(r"\mathbb{E}\|\beta\|^2")
WORST = Symbol(r"\max_{\|\delta\| \le \epsilon} (y - f(z + \delta))^2", real=True)
ERROR = Symbol("y - f(z)", real=True)
_i = Symbol("i", integer=True, positive=True)
_j = Symbol("j", integer=True, positive=True)
_theta = constant(IndexedBase("theta'", real=True))
_c = IndexedBase("c", real=True)
_x = IndexedBase("x", real=True)
_covered = zero_or_one(IndexedBase("g", nonnegative=True))
_active = indicator(IndexedBase("B", nonnegative=True), p, independent=True)
_eta = Symbol("eta", real=True)
_M_BETA = Symbol(r"M\beta")

COVERED_ENERGY = Sum(_covered[_i] * _theta[_i] ** 2, (_i, 1, d))
_UNCOVERED_ENERGY = Sum((1 - _covered[_i]) * _theta[_i] ** 2, (_i, 1, d))
_MISSED = Sum((1 - _covered[_i]) * _theta[_i] * _x[_i], (_i, 1, d))
_SQUARES = Sum(_covered[_i] * (_c[_i] - _theta[_i]) ** 2, (_i, 1, d))
_RISK_OF_HEAD = tau**2 + SECOND_MOMENT * _UNCOVERED_ENERGY + SECOND_MOMENT * _SQUARES


def _risk() -> Derivation:
    gap = {k: _theta[k] - _covered[k] * _c[k] for k in (_i, _j)}
    total = Sum(gap[_i] * gap[_j] * COVARIANCE[_i, _j], (_i, 1, d), (_j, 1, d))
    opened = Sum(SECOND_MOMENT * (gap[_i] ** 2).expand(), (_i, 1, d))
    reason = (
        "gates right: f = sum of g_i c_i x_i, where c_i adds a_h omega_h over the nodes on feature i and g_i = 1 if "
        "there "
        "are any; the label noise is independent, C_ij = E x_i x_j"
    )
    return (
        begin(RISK, tau**2 + total, reason)
        .within(diagonal_covariance(total, COVARIANCE, covariances()))
        .equals(tau**2 + opened, "expanding")
        .within(idempotent(opened, _covered))
        .equals(_RISK_OF_HEAD, "uncovered features apart")
    )


def derive_risk(clause: Clause) -> Proof:
    """Proof of the population risk of a head."""
    return prove(clause.formula, _risk())


def derive_least_risk(clause: Clause) -> Proof:
    """Proof of the least risk."""
    risk = _risk()
    vanishing = least_sum_of_squares(risk, _SQUARES, _c, _theta[_i])
    chain = begin(LEAST_RISK, risk.end, "c_i takes every real value where g_i = 1").within(vanishing)
    return prove(clause.formula, chain, lemmas=(risk,))


def _least_squares(times: Expr) -> Step:
    """What every least-squares head does on a covered feature: `g_i c_i t = g_i theta_i t`."""
    return vanishing_squares(least_sum_of_squares(_risk(), _SQUARES, _c, _theta[_i]), _c, _theta[_i], times)


def _effective_map() -> Derivation:
    reason = "beta_i adds a_h omega_h over the active nodes on feature i, B_i = 1 when it is in the support"
    return begin(BETA, _covered[_i] * _c[_i] * _active[_i], reason).by(_least_squares(_active[_i]))


def derive_map(clause: Clause) -> Proof:
    """Proof of the effective map of every least-squares head."""
    return prove(clause.formula, _effective_map(), lemmas=(_risk(),))


def derive_energy(clause: Clause) -> Proof:
    """Proof of the mean energy of that map."""
    effective = _effective_map()
    squared = Sum(effective.end**2, (_i, 1, d))
    chain = begin(ENERGY, Mean(squared), "the effective map of a least-squares head")
    chain = chain.within(idempotent(squared, _active))
    chain = chain.within(idempotent(chain.end, _covered))
    chain = chain.within(mean_of_indicators(chain.end, _active, p))
    return prove(clause.formula, chain.equals(p * COVERED_ENERGY, "gathering"))


def derive_worst(clause: Clause) -> Proof:
    """Proof of the worst case inside the region of P2, the same for every least-squares head."""
    output = Sum(_covered[_i] * _c[_i] * _x[_i], (_i, 1, d))
    target = Sum(_theta[_i] * _x[_i], (_i, 1, d))
    error = (
        begin(ERROR, _eta + target - output, "y - f(z) with all gates right")
        .within(_least_squares(_x[_i]))
        .equals(_eta + _MISSED, "what the layer misses")
    )
    loss = (Abs(ERROR) + eps * DualNorm(_M_BETA)) ** 2
    chain = begin(WORST, loss, "P2 inside its region: no gate moves").within(error.as_step("the error of the head"))
    return prove(clause.formula, chain, lemmas=(error, _effective_map()))


_ONE_FEATURE = {
    _covered[_i]: Integer(0),
    _theta[_i]: Integer(1),
    _c[_i]: Integer(0),
    _x[_i]: Integer(1),
    eps: Integer(0),
}

RISK_OF_HEAD = Clause(
    name="risk of a head",
    says=r"With all gates right a head has the risk $\tau^2 + \mathbb{E}X_i^2\,(\sum (1 - g_i)\theta_i'^2 + "
    r"\sum g_i(c_i - \theta'_i)^2)$, with $g_i = 1$ on covered features and $c_i$ the sum of $a_h\omega_h$ over the "
    r"nodes "
    "on feature $i$.",
    formula=Eq(RISK, _RISK_OF_HEAD),
    derive=derive_risk,
    mutation=Mutation(
        "uncovered features for nothing",
        Eq(RISK, tau**2 + SECOND_MOMENT * _SQUARES),
        _ONE_FEATURE,
        consequence=Eq((_theta[_i] - _covered[_i] * _c[_i]) ** 2, _covered[_i] * (_c[_i] - _theta[_i]) ** 2),
    ),
)

LEAST = Clause(
    name="uncovered features",
    says=r"Uncovered features cost $\sum \theta_i'^2\, \mathbb{E}X_i^2$, and a least-squares head nothing else above "
    r"$\tau^2$.",
    formula=Eq(LEAST_RISK, tau**2 + SECOND_MOMENT * _UNCOVERED_ENERGY),
    derive=derive_least_risk,
    mutation=Mutation(
        "covered features cost as much",
        Eq(LEAST_RISK, tau**2 + SECOND_MOMENT * COVERED_ENERGY),
        _ONE_FEATURE,
        consequence=Eq((1 - _covered[_i]) * _theta[_i] ** 2, _covered[_i] * _theta[_i] ** 2),
    ),
)

MAP = Clause(
    name="effective map",
    says=r"Every population least-squares head has $\beta_i = \theta'_i$ on covered $i \in A$ ($B_i = g_i = 1$) and 0 "
    "elsewhere.",
    formula=Eq(BETA, _active[_i] * _covered[_i] * _theta[_i]),
    derive=derive_map,
    mutation=Mutation(
        "the same off the support",
        Eq(BETA, _covered[_i] * _theta[_i]),
        {_active[_i]: Integer(0), _covered[_i]: Integer(1), _theta[_i]: Integer(1)},
        consequence=Eq(_active[_i] * _covered[_i] * _theta[_i], _covered[_i] * _theta[_i]),
    ),
)

INHERITED_ENERGY = Clause(
    name="energy",
    says=r"So $\mathbb{E}\|\beta\|^2 = p\, \|\theta'_{covered}\|^2$.",
    formula=Eq(ENERGY, p * COVERED_ENERGY),
    derive=derive_energy,
    mutation=Mutation(
        "features never silent",
        Eq(ENERGY, COVERED_ENERGY),
        {p: Rational(1, 2), _covered[_i]: Integer(1), _theta[_i]: Integer(1)},
        consequence=Eq(p * _covered[_i] * _theta[_i] ** 2, _covered[_i] * _theta[_i] ** 2),
    ),
)

SAME_WORST = Clause(
    name="inside the region",
    says=r"Inside P2's region the worst case is the same for every least-squares head, $y = \eta + \theta'^\top x$: "
    "output and effective map are.",
    formula=Eq(WORST, (Abs(_eta + _MISSED) + eps * DualNorm(_M_BETA)) ** 2),
    derive=derive_worst,
    mutation=Mutation(
        "uncovered features not missed",
        Eq(WORST, (Abs(_eta) + eps * DualNorm(_M_BETA)) ** 2),
        _ONE_FEATURE,
        consequence=Eq((1 - _covered[_i]) * _theta[_i] * _x[_i], 0),
    ),
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
    setting=(
        "A frozen layer of pure nodes with $b_h > 0$; the head is a population least-squares head for a new target "
        r"$\theta'$, $\mathbb{E}X_i^2 > 0$",
        "Without noise all gates are right: a node fires iff its feature is active, or never fires and does not count",
        r"With noise: one node a feature, $\omega = 1$; the closed moments are for constant amplitude $r$",
    ),
    source="section 6",
    kind="sharpened",
    depends_on=("P1", "P2", "G1"),
)
