"""D3: the inheritance curve, from the degree of purity to the downstream adversarial risk."""

from sympy import (
    BlockMatrix,
    Eq,
    Gt,
    IndexedBase,
    Integer,
    MatMul,
    Matrix,
    MatrixExpr,
    MatrixSymbol,
    Rational,
    Sum,
    Symbol,
    sqrt,
)

from theory.claims import Claim, Clause, ClosedForm, Mutation
from theory.derivation import Derivation, Proof, begin, definition, opening, prove
from theory.inheritance.d2_mixture_layers import passed
from theory.inheritance.features import covariances_at_constant_amplitude
from theory.laws import constant, indicator
from theory.model import eps, m, p, r
from theory.purification.p5_firing_probability import FIRING, GENERAL_ENERGY, firing_series
from theory.purification.p6_adversarial_risk import GAIN, RISK_AT_FIT, risk_at_fit
from theory.quantities.firing import ENERGY as P6_ENERGY
from theory.quantities.risk import MEAN_GAIN, RISK
from theory.ranges import COUNT, NONNEGATIVE, PROBABILITY
from theory.theorems.counts import Count, mean_over_counts
from theory.theorems.euclid import norm_in_features
from theory.theorems.expectation import linearity
from theory.theorems.indicators import Mean, mean_of_indicators
from theory.theorems.least_squares import isotropic_covariance, least_quadratic
from theory.theorems.matrices import stacked_gram

PURE = Symbol("d_1", integer=True, positive=True)
"""Number of pure features."""
MIXED = Symbol("d_2", integer=True, positive=True)
"""Number of features in groups of order `m`."""
MIXED_NORM = Symbol(r"\|\theta'_{mixed}\|", nonnegative=True)
HEAD_PURE = MatrixSymbol("a_{pure}", PURE, 1)
HEAD_MIXED = MatrixSymbol("a_{mixed}", MIXED, 1)
EXCESS = MatrixSymbol(r"[\mathrm{Risk}(a) - \tau^2]", 1, 1)
_i = Symbol("i", integer=True, positive=True)
_h = Symbol("h", integer=True, positive=True)
_k = Symbol("k", integer=True, nonnegative=True)
_l = Symbol("l", integer=True, nonnegative=True)
_N1 = Symbol("N_1", integer=True, nonnegative=True)
_N2 = Symbol("N_2", integer=True, nonnegative=True)
_theta = constant(IndexedBase("theta'", real=True))
_pull = constant(IndexedBase("v'", real=True))
_active = indicator(IndexedBase("B'", nonnegative=True), p)
_fires = indicator(IndexedBase("F'", nonnegative=True), FIRING)
_O = MatrixSymbol("O", MIXED, MIXED)
_U = sqrt(m) * _O
_on_pure = MatrixSymbol("theta'_1", PURE, 1)
_on_mixed = MatrixSymbol("theta'_2", MIXED, 1)
_a1 = MatrixSymbol("a_1", PURE, 1)
_a2 = MatrixSymbol("a_2", MIXED, 1)
_LEAST_MIXED = _U.T * _on_mixed / m
_PURE_ENERGY = Sum(_theta[_i] ** 2, (_i, 1, PURE))
INHERITED = p * _PURE_ENERGY + FIRING * MIXED_NORM**2

_PURE_COUNT = Count(_N1, PURE, p, _k)
_MIXED_COUNT = Count(_N2, MIXED / m, FIRING, _l)
UNIT_GAIN = Sum(sqrt(_k + m * _l) * _PURE_COUNT.weight * _MIXED_COUNT.weight, (_k, 0, PURE), (_l, 0, MIXED / m))


def _lengths() -> tuple[MatrixExpr, MatrixExpr]:
    """Squared distances of the heads on pure and on mixed nodes from the least-squares head."""
    gaps = (_a1 - _on_pure, _a2 - _LEAST_MIXED)
    return gaps[0].T * gaps[0], gaps[1].T * gaps[1]


def _excess() -> Derivation:
    gap = BlockMatrix([[_on_pure - _a1], [_on_mixed - _U * _a2]])
    covariance = MatrixSymbol("C", PURE + MIXED, PURE + MIXED)
    on_pure, on_mixed = _lengths()
    reason = "pure nodes pass x_i, the others U^T x; features of both kinds in one vector, C = E x x^T"
    return (
        begin(EXCESS, gap.T * covariance * gap, reason, orthogonal=(_O,))
        .within(isotropic_covariance(covariance, covariances_at_constant_amplitude()))
        .equals(MatMul(p * r**2, gap.T * gap, evaluate=False), "the constant in front")
        .within(stacked_gram(gap))
        .equals(p * r**2 * (on_pure + m * on_mixed), "O O^T = I")
    )


def derive_heads(clause: Clause) -> Proof:
    """Proof that the least-squares head is that of a pure layer beside that of a mixture layer."""
    risk = _excess()
    on_pure, on_mixed = _lengths()
    unique_pure = least_quadratic(risk, _a1, _on_pure, p * r**2, m * p * r**2 * on_mixed)
    unique_mixed = least_quadratic(risk, _a2, _LEAST_MIXED, m * p * r**2, p * r**2 * on_pure)
    chains = (
        begin(HEAD_PURE, _a1, "heads of least risk").by(unique_pure),
        begin(HEAD_MIXED, _a2, "heads of least risk", orthogonal=(_O,)).by(unique_mixed),
    )
    return prove(clause.formula, *chains, lemmas=(risk, passed()))


def _energy() -> Derivation:
    pulls = Sum(_pull[_h] ** 2, (_h, 1, MIXED))
    reason = (
        "P5 for orthogonal nodes: pure ones have length 1 and fire with their feature, those of the groups have "
        "u_h^T theta'/||u_h|| = v_h, v = O^T theta'_2, since U = sqrt(m) O"
    )
    pure, mixed = Sum(_theta[_i] ** 2 * _active[_i], (_i, 1, PURE)), Sum(_pull[_h] ** 2 * _fires[_h], (_h, 1, MIXED))
    chain = opening(Mean(GAIN**2)).within(definition(GAIN, sqrt(pure + mixed), reason))
    chain = chain.by(linearity(chain.end)).within(mean_of_indicators(Mean(pure), _active, p))
    chain = chain.within(mean_of_indicators(Mean(mixed), _fires, FIRING))
    chain = chain.equals(p * _PURE_ENERGY + FIRING * pulls, "one probability for all nodes of a kind")
    return chain.within(norm_in_features(pulls, _O, _on_mixed, MIXED_NORM))


def derive_energy(clause: Clause) -> Proof:
    """Proof of the mean energy of a layer that is pure in part."""
    return prove(clause.formula, _energy(), lemmas=GENERAL_ENERGY.proof().chains)


def derive_risk(clause: Clause) -> Proof:
    """Proof of the downstream adversarial risk, from P6."""
    (risk,) = RISK_AT_FIT.proof().chains
    for name, mean in ((MEAN_GAIN, Mean(GAIN)), (P6_ENERGY, Mean(GAIN**2))):
        risk = risk.within(definition(name, mean, "a mean over the law of the input"))
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


_LAYER = {m: Integer(4), p: Rational(3, 10)}
_ONE = {
    PURE: Integer(1),
    MIXED: Integer(1),
    m: Integer(2),
    MatrixSymbol("theta'_2", 1, 1): Matrix([1]),
    MatrixSymbol("O", 1, 1): Matrix([1]),
}

HEADS = Clause(
    name="head",
    depends_on=("D1/risk of a head", "D2/head"),
    says=r"The least-squares head is $\theta'_1$ on the pure nodes and $U^\top\theta'_2/m$ on those of the groups, "
    r"$U = \sqrt m\,O$.",
    formula=Eq(HEAD_PURE, _on_pure) & Eq(HEAD_MIXED, _LEAST_MIXED),
    derive=derive_heads,
    mutation=Mutation(
        "heads of the groups not divided by the order",
        Eq(HEAD_PURE, _on_pure) & Eq(HEAD_MIXED, _U.T * _on_mixed),
        _ONE,
        consequence=Eq(_LEAST_MIXED, _U.T * _on_mixed),
    ),
)

ENERGY = Clause(
    name="energy",
    depends_on=("D3/head", "P5/series", "P5/energy of orthogonal nodes"),
    says=r"$\mathbb{E}\|\beta\|^2 = p\,\|\theta'_{pure}\|^2 + \pi_m\,\|\theta'_{mixed}\|^2$.",
    formula=Eq(Mean(GAIN**2), INHERITED),
    derive=derive_energy,
    mutation=Mutation(
        "p on all features",
        Eq(Mean(GAIN**2), p * _PURE_ENERGY + p * MIXED_NORM**2),
        {**_LAYER, MIXED_NORM: Integer(1)},
        consequence=Eq(FIRING * MIXED_NORM**2, p * MIXED_NORM**2),
    ),
)

RISK_OF_LAYER = Clause(
    name="risk",
    depends_on=("D3/energy", "P6/risk"),
    says=r"With P6 the downstream adversarial risk is an explicit function of purity and $\epsilon$; for $\tau > 0$ "
    r"through $\mathbb{E}\|\beta\|$.",
    formula=Eq(RISK, risk_at_fit(Mean(GAIN), INHERITED)),
    derive=derive_risk,
    mutation=Mutation(
        "p on all features",
        Eq(RISK, risk_at_fit(Mean(GAIN), p * _PURE_ENERGY + p * MIXED_NORM**2)),
        {**_LAYER, MIXED_NORM: Integer(1), eps: Rational(1, 10)},
        consequence=Eq(eps**2 * FIRING * MIXED_NORM**2, eps**2 * p * MIXED_NORM**2),
    ),
)

UNIT = Clause(
    name="mean gain",
    depends_on=("D3/head", "P5/series", "P6/gain of a mixture"),
    says=r"For $\theta' = (1, \dots, 1)$ and Hadamard matrices whose first row is all ones, $d_1$ pure features "
    r"and $d_2$ in "
    r"groups have $\mathbb{E}\|\beta\| = \mathbb{E}\sqrt{N_1 + m N_2}$, $N_1 \sim \mathrm{Bin}(d_1, p)$, "
    r"$N_2 \sim \mathrm{Bin}(d_2/m, \pi_m)$; in general P6 gives it as an integral over the energies of pure "
    r"features and "
    "groups.",
    formula=Eq(MEAN_GAIN, UNIT_GAIN),
    derive=derive_gain,
    mutation=Mutation(
        "more than the root of the mean energy",
        Gt(MEAN_GAIN, sqrt(p * PURE + FIRING * MIXED)),
        {**_LAYER, PURE: Integer(4), MIXED: Integer(4)},
        consequence=Gt(UNIT_GAIN, sqrt(p * PURE + FIRING * MIXED)),
    ),
)

D3 = Claim(
    id="D3",
    title="The inheritance curve: downstream risk as a function of purity",
    clauses=(HEADS, ENERGY, RISK_OF_LAYER, UNIT),
    setting=(
        r"A frozen layer with pure nodes, one a feature, on a part of the features and mixtures of order $m$ on the "
        r"rest, one "
        r"threshold $0 < b < r$; the head is a population least-squares head for a new target $\theta'$",
        r"Constant amplitude $r$, no observation noise, $0 < p \le 1$",
        "Risk: attack in $l_2$ inside the region of P2",
    ),
    source="section 6, open question 1",
    kind="open question",
)

_pure_square = Symbol("pure_sq", nonnegative=True)
_mixed_square = Symbol("mixed_sq", nonnegative=True)

INHERITED_GAIN = ClosedForm(
    name="inherited_gain",
    arguments={"p": p, "m": m, "pure_sq": _pure_square, "mixed_sq": _mixed_square},
    expression=ENERGY.formula.rhs.subs(
        {_PURE_ENERGY: _pure_square, MIXED_NORM: sqrt(_mixed_square), FIRING: firing_series(m, p)}
    ),
    domain={"p": PROBABILITY, "m": COUNT, "pure_sq": NONNEGATIVE, "mixed_sq": NONNEGATIVE},
    claim="D3",
    words="squared attack gain E||beta||^2 that a clean head inherits: pure_sq and mixed_sq are the squared lengths "
    "of the "
    "target on pure features and on those mixed in groups of m",
)
