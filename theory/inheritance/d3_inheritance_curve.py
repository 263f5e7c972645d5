"""D3: the inheritance curve, from the degree of purity to the downstream adversarial risk."""

from sympy import BlockMatrix, Eq, IndexedBase, MatMul, MatrixExpr, MatrixSymbol, Sum, Symbol, sqrt

from theory.assumptions import (
    Assumption,
    constant_amplitude,
    independent_features,
    inside_region,
    low_threshold,
    no_noise,
    normal_labels,
)
from theory.claims import Claim, Clause, ClosedForm
from theory.derivation import Derivation, Proof, begin, definition, prove
from theory.inheritance.d2_mixture_layers import passed
from theory.inheritance.features import covariances_at_constant_amplitude
from theory.laws import constant, indicator
from theory.model import eps, m, p, r, tau
from theory.purification.p5_firing_probability import FIRING
from theory.purification.p6_adversarial_risk import GAIN, RISK_AT_FIT, groups, ones_target, risk_at_fit, row_of_ones
from theory.quantities.firing import ENERGY
from theory.quantities.heads import EXCESS, MIXED, MIXED_HEADS, MIXED_NORM, PURE, PURE_HEADS
from theory.quantities.risk import MEAN_GAIN, RISK
from theory.ranges import ACTIVE, COUNT, NONNEGATIVE, POSITIVE, PROBABILITY
from theory.theorems.counts import Count, mean_over_counts
from theory.theorems.euclid import norm_in_features
from theory.theorems.expectation import linearity
from theory.theorems.indicators import Mean
from theory.theorems.least_squares import isotropic_covariance, least_quadratic
from theory.theorems.matrices import stacked_gram
from theory.theorems.support import mean_of_indicators

_i = Symbol("i", integer=True, positive=True)
_h = Symbol("h", integer=True, positive=True)
_k = Symbol("k", integer=True, nonnegative=True)
_l = Symbol("l", integer=True, nonnegative=True)
_N1 = Symbol("N_1", integer=True, nonnegative=True)
_N2 = Symbol("N_2", integer=True, nonnegative=True)
for _number_of_features in (PURE, MIXED):
    constant(_number_of_features)
theta = constant(IndexedBase(r"{\theta'}", real=True))
_pull = constant(IndexedBase("v'", real=True))
_active = indicator(IndexedBase("B'", nonnegative=True), p)
_fires = indicator(IndexedBase("F'", nonnegative=True), FIRING)
orthogonal = MatrixSymbol("O", MIXED, MIXED)
_U = sqrt(m) * orthogonal
on_pure_target = MatrixSymbol(r"{\theta'_1}", PURE, 1)
on_mixed_target = MatrixSymbol(r"{\theta'_2}", MIXED, 1)
_a1 = MatrixSymbol("a_1", PURE, 1)
_a2 = MatrixSymbol("a_2", MIXED, 1)
_LEAST_MIXED = _U.T * on_mixed_target / m
_PURE_ENERGY = Sum(theta[_i] ** 2, (_i, 1, PURE))
INHERITED = p * _PURE_ENERGY + FIRING * MIXED_NORM**2

_PURE_COUNT = Count(_N1, PURE, p, _k)
_MIXED_COUNT = Count(_N2, groups, FIRING, _l)
_GAIN = Sum(sqrt(_k + m * _l) * _PURE_COUNT.weight * _MIXED_COUNT.weight, (_k, 0, PURE), (_l, 0, groups))
UNIT_GAIN = _GAIN.subs(groups, MIXED / m)
"""The same for `d_2` features in groups."""


def _lengths() -> tuple[MatrixExpr, MatrixExpr]:
    """Squared distances of the heads on pure and on mixed nodes from the least-squares head."""
    gaps = (_a1 - on_pure_target, _a2 - _LEAST_MIXED)
    return gaps[0].T * gaps[0], gaps[1].T * gaps[1]


def _excess() -> Derivation:
    gap = BlockMatrix([[on_pure_target - _a1], [on_mixed_target - _U * _a2]])
    covariance = MatrixSymbol("C", PURE + MIXED, PURE + MIXED)
    on_pure, on_mixed = _lengths()
    reason = "pure nodes pass x_i, the others U^T x; features of both kinds in one vector, C = E x x^T"
    return (
        begin(EXCESS, gap.T * covariance * gap, reason, orthogonal=(orthogonal,))
        .within(isotropic_covariance(covariance, covariances_at_constant_amplitude()))
        .equals(MatMul(p * r**2, gap.T * gap, evaluate=False), "take out the constant factor")
        .within(stacked_gram(gap))
        .equals(p * r**2 * (on_pure + m * on_mixed), "O O^T = I")
    )


def derive_heads(clause: Clause) -> Proof:
    """Proof that the least-squares head is that of a pure layer beside that of a mixture layer."""
    risk = _excess()
    on_pure, on_mixed = _lengths()
    unique_pure = least_quadratic(risk, _a1, on_pure_target, p * r**2, m * p * r**2 * on_mixed)
    unique_mixed = least_quadratic(risk, _a2, _LEAST_MIXED, m * p * r**2, p * r**2 * on_pure)
    chains = (
        begin(PURE_HEADS, _a1, "heads of least risk").by(unique_pure),
        begin(MIXED_HEADS, _a2, "heads of least risk", orthogonal=(orthogonal,)).by(unique_mixed),
    )
    return prove(clause.formula, *chains, lemmas=(risk, passed()))


def _energy() -> Derivation:
    pulls = Sum(_pull[_h] ** 2, (_h, 1, MIXED))
    reason = (
        "P5 for orthogonal nodes: pure ones have length 1 and fire with their feature, those of the groups have "
        "u_h^T theta'/||u_h|| = v_h, v = O^T theta'_2, since U = sqrt(m) O"
    )
    pure, mixed = Sum(theta[_i] ** 2 * _active[_i], (_i, 1, PURE)), Sum(_pull[_h] ** 2 * _fires[_h], (_h, 1, MIXED))
    chain = begin(ENERGY, Mean(GAIN**2), "the mean over the law of the input")
    chain = chain.within(definition(GAIN, sqrt(pure + mixed), reason))
    chain = chain.by(linearity(chain.end)).within(mean_of_indicators(Mean(pure), _active, p))
    chain = chain.within(mean_of_indicators(Mean(mixed), _fires, FIRING))
    chain = chain.equals(p * _PURE_ENERGY + FIRING * pulls, "one probability for all nodes of a kind")
    return chain.within(norm_in_features(pulls, orthogonal, on_mixed_target, MIXED_NORM))


def derive_energy(clause: Clause) -> Proof:
    """Proof of the mean energy of a layer that is pure in part."""
    return prove(clause.formula, _energy())


def derive_risk(clause: Clause) -> Proof:
    """Proof of the downstream adversarial risk, from P6."""
    (risk,) = RISK_AT_FIT.proof().chains
    return prove(clause.formula, risk.within(_energy().as_step("the inherited energy")), lemmas=(_energy(),))


def derive_gain(clause: Clause) -> Proof:
    """Proof of the mean gain for a target of ones."""
    mean = Mean(sqrt(_N1 + m * _N2))
    reason = (
        "||beta||^2 = N_1 + m N_2: N_1 active pure features, and N_2 groups whose first node, the row of ones, "
        "fires; it "
        "alone has a head that is not 0 (P6)"
    )
    chain = begin(MEAN_GAIN, mean, reason).by(mean_over_counts(mean, (_PURE_COUNT, _MIXED_COUNT)))
    return prove(clause.formula, chain)


partly_pure = Assumption(
    "layer that is pure in part",
    "The first $d_1$ features have one pure node each, and the other $d_2$ features have the nodes of mixtures of "
    r"order $m$, $U = \sqrt m\,O$ with orthogonal $O$; only the head is trained, for a new target $\theta'$.",
    defines=True,
)
fitted = Assumption("least-squares head", "The head is the least-squares head.", defines=True)
_COUNTS = {PURE: COUNT, MIXED: COUNT, m: COUNT, p: ACTIVE}
_LAYER = (partly_pure, constant_amplitude, independent_features, no_noise, low_threshold)

HEADS = Clause(
    name="head",
    says="The least-squares head on a partly pure layer consists of that of a pure layer and that of a mixture "
    "layer: $[[formula]]$.",
    formula=Eq(PURE_HEADS, on_pure_target) & Eq(MIXED_HEADS, _LEAST_MIXED),
    over={**_COUNTS, r: POSITIVE},
    assumes=_LAYER,
    depends_on=("P4/fit", "D1/risk of a head", "D2/head"),
    derive=derive_heads,
)

INHERITED_ENERGY = Clause(
    name="energy",
    says="The mean energy that the least-squares head passes on is the activity of a feature times the energy of the "
    "pure part of the target, plus the firing probability times that of the mixed part: $[[formula]]$.",
    formula=Eq(ENERGY, INHERITED),
    over=_COUNTS,
    assumes=(*_LAYER, fitted),
    depends_on=("D3/head", "P5/energy of orthogonal nodes"),
    derive=derive_energy,
)

RISK_OF_LAYER = Clause(
    name="risk",
    says="The downstream adversarial risk is an explicit function of the purity of the layer and the size of the "
    "attack, and under label noise also of the mean gain: $[[formula]]$.",
    formula=Eq(RISK, risk_at_fit(MEAN_GAIN, INHERITED)),
    over={**_COUNTS, tau: NONNEGATIVE, eps: NONNEGATIVE},
    assumes=(*_LAYER, fitted, normal_labels, inside_region),
    depends_on=("D3/energy", "P6/risk"),
    derive=derive_risk,
)

UNIT = Clause(
    name="mean gain",
    says="For the all-ones target, the mean gain of $d_1$ pure features and $G$ groups of order $m$ follows from two "
    "independent binomial counts: $[[formula]]$.",
    formula=Eq(MEAN_GAIN, _GAIN),
    over={PURE: COUNT, groups: COUNT, m: COUNT, p: ACTIVE},
    assumes=(*_LAYER, fitted, ones_target, row_of_ones),
    depends_on=("D3/head", "P5/series", "P6/gain of a mixture"),
    derive=derive_gain,
)

D3 = Claim(
    id="D3",
    title="The inheritance curve: downstream risk as a function of purity",
    clauses=(HEADS, INHERITED_ENERGY, RISK_OF_LAYER, UNIT),
    setting=(),
    source="section 6, open question 1",
    kind="open question",
)

_pure_square = Symbol("pure_sq", nonnegative=True)
_mixed_square = Symbol("mixed_sq", nonnegative=True)

INHERITED_GAIN = ClosedForm(
    name="inherited_gain",
    arguments={"p": p, "m": m, "pure_sq": _pure_square, "mixed_sq": _mixed_square},
    expression=INHERITED.subs({_PURE_ENERGY: _pure_square, MIXED_NORM: sqrt(_mixed_square)}),
    domain={"p": PROBABILITY, "m": COUNT, "pure_sq": NONNEGATIVE, "mixed_sq": NONNEGATIVE},
    claim="D3",
    words="squared attack gain E||beta||^2 that a clean head inherits: pure_sq and mixed_sq are the squared lengths "
    "of the "
    "target on pure features and on those mixed in groups of m",
)
