"""P3: no exact fit of density amplitudes has a smaller effective map than the active part of the target."""

from sympy import Abs, And, Eq, Expr, Ge, Gt, IndexedBase, Integer, Lt, Piecewise, Sum, Symbol

from theory.assumptions import Assumption, density_amplitudes, exact_fit, no_noise
from theory.claims import Claim, Clause
from theory.derivation import Derivation, Proof, Step, begin, definition, opening, prove
from theory.laws import constant, indicator, random
from theory.model import H, d, named, p
from theory.quantities.firing import ENERGY
from theory.quantities.fits import (
    ADDED,
    JACOBIAN_ENERGY,
    OFF_SUPPORT,
    ON_SUPPORT,
    SEEN_ALONE,
    SEEN_OPPOSITE,
    SEEN_SAME,
)
from theory.quantities.norms import NORM
from theory.ranges import ACTIVE, COUNT, REAL, above, between, indices
from theory.theorems.expectation import linearity
from theory.theorems.fits import AbsoluteNorm, coefficients_agree, exchange_sums, smaller_entries, squared
from theory.theorems.indicators import Mean
from theory.theorems.support import by_cases, not_negative, of_indicator

i, _h, _k = (Symbol(name, integer=True) for name in "ihk")
q = constant(Symbol("q", integer=True, positive=True))
"""Number of outputs."""
theta, a, u, T, C = (constant(IndexedBase(name, real=True)) for name in ("theta", "a", "u", "T", "C"))
y, beta, J = (random(IndexedBase(name, real=True)) for name in ("y", "beta", "J"))
B, D = indicator(IndexedBase("B", nonnegative=True), p, independent=True), IndexedBase("D", nonnegative=True)

_FEATURES = (i, 1, d)
_NODES = (_h, 1, H)
_OUTPUTS = (_k, 1, q)
SUPPORT = "the effective map is the target on the support"

F_CELL = named(r"f(Mx)")


def active_part(entry: Expr, head: Expr, target: Expr) -> tuple[Derivation, Derivation]:
    """The chain `B_i beta_i = B_i theta_i` for a fit, and the chain for the network on a gate cell.

    Parameters
    ----------
    entry, head, target
        `beta_i`, `a_h` and `theta_i`, or for one of several outputs `J_ki`, `C_hk` and `T_ki`.
    """
    output = Sum(D[_h] * head * u[i, _h] * B[i] * y[i], _FEATURES, _NODES)
    effective = Sum(D[_h] * head * u[i, _h], _NODES)
    linear = Sum(B[i] * y[i] * effective, _FEATURES)
    network = begin(F_CELL, output, "P1 on a gate cell: D_h = 1 on active nodes, x_i = B_i y_i").by(
        exchange_sums(output, linear)
    )
    # Almost surely, so almost everywhere on almost every cell, the network is the target.
    fitted = Sum(B[i] * y[i] * target, _FEATURES)
    fit = opening(F_CELL).by(Step(F_CELL, "=", fitted, "an exact fit", "assumption", given=_FIT))
    chain = (
        opening(B[i] * entry)
        .within(definition(entry, effective, "the effective map: active nodes with their heads"))
        .by(coefficients_agree(network, fit, y))
    )
    return chain, network


def derive_active_part(clause: Clause) -> Proof:
    """Proof that the effective map of a fit is the target on the support."""
    active, network = active_part(beta[i], a[_h], theta[i])
    chain = begin(ON_SUPPORT[i], B[i] * beta[i], "B_i = 1 on the support").by(active.as_step(SUPPORT))
    return prove(clause.formula, chain, lemmas=(active, network))


def norm_bound(name: Symbol, reason: str, given: tuple[Assumption, ...]) -> tuple[Derivation, ...]:
    """The chain that bounds an absolute norm of the effective map by that of the active target, then its lemmas."""
    active, network = active_part(beta[i], a[_h], theta[i])
    indicator = {B[i]: (Integer(0), Integer(1))}
    chain = (
        begin(name, AbsoluteNorm(beta[i]), reason, given=given)
        .by(smaller_entries(B[i] * beta[i], beta[i], indicator))
        .within(active.as_step(SUPPORT))
    )
    return chain, active, network


def derive_norm(clause: Clause) -> Proof:
    """Proof that the effective map is at least the active part of the target in every absolute norm."""
    chain, *lemmas = norm_bound(NORM, "norm of the effective map, by its generic entry", (absolute_norm,))
    return prove(clause.formula, chain, lemmas=lemmas)


def _energy(name: Symbol, entry: Expr, head: Expr, target: Expr, *limits: tuple[Expr, ...]) -> tuple[Derivation, ...]:
    """The chain that splits the mean square into `p` times that of the target and cross-talk, then its lemmas."""
    active, network = active_part(entry, head, target)
    inside, outside = B[i] ** 2 * entry**2, (1 - B[i]) ** 2 * entry**2
    split = begin(name, Mean(Sum(entry**2, *limits)), "sum of the squared entries", given=(equal_rates,)).within(
        by_cases(entry**2, inside + outside, B[i])
    )
    parts = Sum(Mean(inside) + Mean(outside), *limits)
    chain = (
        split.by(linearity(split.end, parts))
        .within(squared(active.as_step(SUPPORT)))
        .within(of_indicator(Mean(B[i] ** 2 * target**2), B[i], p))
        .equals(p * Sum(target**2, *limits) + Sum(Mean(outside), *limits), "collect terms")
    )
    return chain, active, network


def _bounded(clause: Clause, *energy: Derivation) -> Proof:
    """The proof that ends with dropping the cross-talk."""
    chain, *lemmas = energy
    (cross_talk,) = (total for total in chain.end.atoms(Sum) if total.has(Mean))
    return prove(clause.formula, chain.within(not_negative(cross_talk)), lemmas=lemmas)


def _split(clause: Clause, entry: Expr, *energy: Derivation) -> Proof:
    """The proof that ends with cross-talk as a part of its own."""
    chain, *lemmas = energy
    plain = by_cases((1 - B[i]) ** 2 * entry**2, (1 - B[i]) * entry**2, B[i])
    return prove(clause.formula, chain.within(plain), lemmas=lemmas)


def _one_output() -> tuple[Derivation, ...]:
    return _energy(ENERGY, beta[i], a[_h], theta[i], _FEATURES)


def _all_outputs() -> tuple[Derivation, ...]:
    return _energy(JACOBIAN_ENERGY, J[_k, i], C[_h, _k], T[_k, i], _FEATURES, _OUTPUTS)


def derive_mean(clause: Clause) -> Proof:
    """Proof of the bound on the mean square."""
    return _bounded(clause, *_one_output())


def derive_excess(clause: Clause) -> Proof:
    """Proof that the mean square exceeds the bound by that of the cross-talk."""
    return _split(clause, beta[i], *_one_output())


def derive_jacobian(clause: Clause) -> Proof:
    """Proof of the bound on the mean square of the Jacobian."""
    return _bounded(clause, *_all_outputs())


def derive_jacobian_excess(clause: Clause) -> Proof:
    """Proof that the mean square of the Jacobian exceeds the bound by that of the cross-talk."""
    return _split(clause, J[_k, i], *_all_outputs())


_omega, _b = IndexedBase("omega", real=True), IndexedBase("b", positive=True)


def derive_pure(clause: Clause) -> Proof:
    """Proof that pure nodes with positive thresholds contribute nothing off the support."""
    fires = Piecewise((1, Abs(_omega[_h] * B[i] * y[i]) >= _b[_h]), (0, True))
    contribution = (1 - B[i]) * a[_h] * _omega[_h] * fires
    reason = "off the support, the nodes of weight omega on feature i that fire: each sees this feature alone"
    given = (pure_nodes, positive_thresholds, no_noise)
    chain = begin(OFF_SUPPORT[i], Sum(contribution, _NODES), reason, given=given)
    chain = chain.within(by_cases(chain.end.function, Integer(0), B[i])).equals(Integer(0), "no node fires")
    return prove(clause.formula, chain)


R = Symbol("R", positive=True)
"""Largest amplitude, the least being 1."""
tilt, most = Symbol("e", real=True), Symbol("eta", positive=True)
head, y_1, y_2 = Symbol("c", real=True), Symbol("y_1", positive=True), Symbol("y_2", positive=True)
threshold = Symbol("b", positive=True)


def derive_converse(clause: Clause) -> Proof:
    """Proof that three impure nodes fire together and cancel when both features agree, and else are silent."""
    first, second, given = 1 + tilt, 1 - tilt, (three_nodes,)
    same = begin(
        SEEN_SAME,
        first * y_1 + second * y_2,
        "both features are active with the same sign",
        box=clause.box,
        given=given,
    )
    alone = begin(SEEN_ALONE, first * y_1, "only the first feature is active", box=clause.box, given=given)
    opposite = begin(
        SEEN_OPPOSITE,
        first * y_1 - second * y_2,
        "both features are active with opposite signs",
        box=clause.box,
        given=given,
    )
    return prove(
        clause.formula,
        same.at_least(threshold, "amplitudes are above 1", strict=True),
        alone.at_most(threshold, "amplitudes are below R", strict=True),
        opposite.at_most(first * y_1, "the second feature counts against the first", strict=True).at_most(
            threshold, "amplitudes are below R", strict=True
        ),
        begin(
            ADDED,
            2 * head - head * first - head * second,
            "heads 2c, -c, -c on (1, 1), (1 + e, 1 - e), (1 - e, 1 + e)",
            given=given,
        ).equals(Integer(0), "they cancel in both coordinates"),
    )


equal_rates = Assumption("equal rates", "Every feature is active with the same probability $p$.")
absolute_norm = Assumption("absolute norm", "The norm is absolute: it depends only on the moduli of the entries.")
pure_nodes = Assumption("pure nodes", "Every node holds a single feature.")
positive_thresholds = Assumption("positive thresholds", "Every node has a positive threshold.")
three_nodes = Assumption(
    "three nodes",
    "In addition to pure nodes for two features, there are three nodes of threshold $b$ with feature weights $(1, "
    "1)$, $(1+e, 1-e)$, $(1-e, 1+e)$ and heads $2c$, $-c$, $-c$.",
    defines=True,
)
_FIT = (exact_fit, density_amplitudes)

ACTIVE_PART = Clause(
    name="active part",
    says="Almost surely, the effective map of an exact fit equals the target on the support: $[[formula]]$, where "
    "$B_i$ is one if feature $i$ is active and zero otherwise.",
    formula=Eq(ON_SUPPORT[i], B[i] * theta[i]),
    over={i: indices(d), d: COUNT},
    assumes=_FIT,
    derive=derive_active_part,
)

POINTWISE = Clause(
    name="every absolute norm",
    says="Almost surely and in every absolute norm, the effective map of an exact fit is at least as long as the "
    "active part of the target: $[[formula]]$.",
    formula=Ge(NORM, AbsoluteNorm(B[i] * theta[i])),
    over={d: COUNT},
    assumes=(*_FIT, absolute_norm),
    derive=derive_norm,
)

_ENERGY_OF_TARGET = p * Sum(theta[i] ** 2, _FEATURES)
_ENERGY_OF_TARGETS = p * Sum(T[_k, i] ** 2, _FEATURES, _OUTPUTS)

MEAN = Clause(
    name="mean bound",
    says="The mean squared norm of the effective map of an exact fit is at least $[[rhs]]$, even if features are not "
    "active independently of each other.",
    formula=Ge(ENERGY, _ENERGY_OF_TARGET),
    over={p: ACTIVE, d: COUNT},
    assumes=(*_FIT, equal_rates),
    derive=derive_mean,
)

EXCESS = Clause(
    name="excess",
    says="The mean squared norm of the effective map of an exact fit is exactly $[[rhs]]$: the first term is the "
    "purification bound and the second is the mean squared cross-talk, so the bound is attained if and only if there "
    "is almost surely no cross-talk.",
    formula=Eq(ENERGY, _ENERGY_OF_TARGET + Sum(Mean((1 - B[i]) * beta[i] ** 2), _FEATURES)),
    over={p: ACTIVE, d: COUNT},
    assumes=(*_FIT, equal_rates),
    derive=derive_excess,
)

PURE = Clause(
    name="pure nodes",
    says="Pure nodes with positive thresholds have no cross-talk, $[[formula]]$, because each of them is silent "
    "while its feature is absent.",
    formula=Eq(OFF_SUPPORT[i], 0),
    over={i: indices(d), d: COUNT},
    assumes=(pure_nodes, positive_thresholds, no_noise),
    derive=derive_pure,
)

CONVERSE = Clause(
    name="the converse fails",
    says="An exact fit without cross-talk need not be pure: for amplitudes between $[[low y_1]]$ and $[[high y_1]]$, "
    "the three impure nodes of the example fire only together, namely when both features are active with the same "
    "sign, and their contributions to the effective map then cancel: $[[formula]]$.",
    formula=And(
        Gt(SEEN_SAME, threshold), Lt(SEEN_ALONE, threshold), Lt(SEEN_OPPOSITE, threshold), Eq(ADDED, 0), evaluate=False
    ),
    over={
        threshold: between((1 + most) * R, 2),
        y_1: between(1, R),
        y_2: above(1),
        tilt: between(-most, most),
        most: between(0, 2 / R - 1),
        R: between(1, 2),
        head: REAL,
    },
    assumes=(three_nodes,),
    derive=derive_converse,
)

JACOBIAN = Clause(
    name="several outputs",
    says="With several outputs, the mean squared norm of the Jacobian of an exact fit is at least $[[rhs]]$, where "
    "$T$ is the matrix of the targets.",
    formula=Ge(JACOBIAN_ENERGY, _ENERGY_OF_TARGETS),
    over={p: ACTIVE, d: COUNT, q: COUNT},
    assumes=(*_FIT, equal_rates),
    derive=derive_jacobian,
)

JACOBIAN_EXCESS = Clause(
    name="several outputs, excess",
    says="With several outputs, the mean squared norm of the Jacobian of an exact fit is exactly $[[rhs]]$, so it "
    "attains the bound, which is the first term, if and only if there is almost surely no cross-talk.",
    formula=Eq(JACOBIAN_ENERGY, _ENERGY_OF_TARGETS + Sum(Mean((1 - B[i]) * J[_k, i] ** 2), _FEATURES, _OUTPUTS)),
    over={p: ACTIVE, d: COUNT, q: COUNT},
    assumes=(*_FIT, equal_rates),
    derive=derive_jacobian_excess,
)

P3 = Claim(
    id="P3",
    title="The purification bound",
    clauses=(ACTIVE_PART, POINTWISE, MEAN, EXCESS, PURE, CONVERSE, JACOBIAN, JACOBIAN_EXCESS),
    setting=(),
    source="section 4, sharpened",
    kind="sharpened",
    depends_on=("P1",),
)
