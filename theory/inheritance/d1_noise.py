"""D1, with noise: a least-squares head on noisy gated outputs shrinks its target."""

from sympy import Eq, Expr, IndexedBase, Integer, Integral, S, Sum, Symbol, oo

from theory.assumptions import constant_amplitude, independent_features
from theory.claims import Clause
from theory.derivation import Derivation, Proof, Step, begin, prove
from theory.gate.g1_errors import FALSE_FIRE, MISS
from theory.inheritance.d1_layer import normal_noise, one_node_each, symmetric_noise
from theory.inheritance.features import COVARIANCE
from theory.laws import constant, indicator, random, random_sign
from theory.model import ZERO_TO_ONE, Phi, b, d, mu, normal_density, p, phi, r, s, sigma, tau
from theory.quantities.firing import ENERGY
from theory.quantities.heads import CROSS, HEAD_ENTRY, HEAD_RISK, NODE_FIRES, SECOND_MOMENT, SQUARE
from theory.ranges import ACTIVE, COUNT, NONNEGATIVE, POSITIVE, indices
from theory.theorems.calculus import fundamental_theorem
from theory.theorems.expectation import common_moment, linearity, named_moment
from theory.theorems.indicators import Mean, idempotent
from theory.theorems.least_squares import diagonal_covariance, least_sum_of_squares, vanishing_squares
from theory.theorems.matrices import sign_average
from theory.theorems.support import mean_of_indicators

i = Symbol("i", integer=True, positive=True)
_j = Symbol("j", integer=True, positive=True)
_v = Symbol("v", real=True)
theta = constant(IndexedBase(r"{\theta'}", real=True))
a = constant(IndexedBase("a", real=True))
_x = random(IndexedBase("x", real=True), identical=True)
_out = random(IndexedBase("v", real=True), identical=True)
_sign = random_sign(IndexedBase("S"))
_fires = indicator(IndexedBase("F", nonnegative=True), constant(NODE_FIRES))
for _moment in (CROSS, SQUARE):
    constant(_moment)

SHRINKAGE = CROSS / SQUARE
"""The factor `kappa` of the head."""
_TARGET_ENERGY = Sum(theta[i] ** 2, (i, 1, d))
_SQUARES = Sum((a[i] - SHRINKAGE * theta[i]) ** 2, (i, 1, d))
_RISK_OF_HEAD = tau**2 + (SECOND_MOMENT - CROSS**2 / SQUARE) * _TARGET_ENERGY + SQUARE * _SQUARES


def _error(k: Symbol) -> Expr:
    return theta[k] * _x[k] - a[k] * _out[k]


def _covariances_of_errors() -> Derivation:
    mean = Mean(_sign[i] * _sign[_j] * _error(i) * _error(_j))
    reason = "feature and noise of a node may change sign together: errors theta_i x_i - a_i v_i have random signs S_i"
    average = sign_average(mean, _sign, i, _j)
    chain = begin(COVARIANCE[i, _j], mean, reason).by(average)
    chain = chain.within(linearity(Mean(_error(i) ** 2)))
    for square, name in ((_x[i] ** 2, SECOND_MOMENT), (_out[i] ** 2, SQUARE)):
        chain = chain.within(named_moment(Mean(square), name))
    return chain.within(common_moment(Mean(_out[i] * _x[i]), CROSS))


def _risk() -> Derivation:
    total = Sum(COVARIANCE[i, _j], (i, 1, d), (_j, 1, d))
    reason = "y - f = eta + sum of e_i with the errors e_i = theta_i x_i - a_i v_i; C_ij = E e_i e_j"
    return (
        begin(HEAD_RISK, tau**2 + total, reason)
        .within(diagonal_covariance(total, COVARIANCE, _covariances_of_errors()))
        .equals(_RISK_OF_HEAD, "complete the squares")
    )


def derive_risk(clause: Clause) -> Proof:
    """Proof of the population risk of a head on noisy gated outputs."""
    return prove(clause.formula, _risk(), lemmas=(_covariances_of_errors(),))


def _head() -> Step:
    root = SHRINKAGE * theta[i]
    return vanishing_squares(least_sum_of_squares(_risk(), _SQUARES, a, root), a, root)


def derive_head(clause: Clause) -> Proof:
    """Proof that the only least-squares head is the shrunk target."""
    chain = begin(HEAD_ENTRY, a[i], "a least-squares head").by(_head())
    return prove(clause.formula, chain, lemmas=(_risk(),))


def derive_energy(clause: Clause) -> Proof:
    """Proof of the mean energy of its effective map."""
    squared = Sum((a[i] * _fires[i]) ** 2, (i, 1, d))
    chain = begin(ENERGY, Mean(squared), "beta_i = a_i where node i fires, F_i = 1").within(idempotent(squared, _fires))
    chain = chain.within(_head())
    chain = chain.within(mean_of_indicators(chain.end, _fires, NODE_FIRES))
    return prove(
        clause.formula, chain.equals(SHRINKAGE**2 * NODE_FIRES * _TARGET_ENERGY, "collect terms"), lemmas=(_risk(),)
    )


def _cut(power: int, mean: Expr) -> Integral:
    """What the gate takes away from a moment of a pre-activation of that mean."""
    return Integral(_v**power * normal_density(_v, mean, sigma), (_v, -b, b))


_BEYOND = ((Symbol("v", positive=True), b, oo), (_v, -oo, -b))
"""Where the gate fires."""


def _first(mean: Expr) -> Expr:
    return mean * Phi((_v - mean) / sigma) - sigma * phi((_v - mean) / sigma)


def _second(mean: Expr) -> Expr:
    return (mean**2 + sigma**2) * Phi((_v - mean) / sigma) - sigma * (_v + mean) * phi((_v - mean) / sigma)


def _between(antiderivative: Expr) -> Expr:
    return antiderivative.subs(_v, b) - antiderivative.subs(_v, -b)


CROSS_MOMENT = p * r * (r - _between(_first(r)))
"""`E[x v]` at constant amplitude."""
SQUARE_MOMENT = p * (r**2 + sigma**2 - _between(_second(r))) + (1 - p) * (sigma**2 - _between(_second(Integer(0))))
"""`E[v^2]` at constant amplitude."""
FIRES = p * (1 - MISS.formula.rhs) + (1 - p) * FALSE_FIRE.formula.rhs
"""How often a node fires, at constant amplitude; `omega = 1`, so `s = sigma` and `mu = r`."""


def derive_moments(clause: Clause) -> Proof:
    """Proof of the two moments at constant amplitude."""
    cross = begin(
        CROSS,
        p * r * (r - _cut(1, r)),
        (
            "if active, x v = r (r + n) unless |r + n| < b, with n ~ N(0, sigma^2); the sign of the feature does not "
            "matter"
        ),
    ).within(fundamental_theorem(_cut(1, r), _first(r)))
    parts = {
        mean: [Integral(x**2 * normal_density(x, mean, sigma), (x, *ends)) for x, *ends in _BEYOND] for mean in (r, 0)
    }
    square = begin(
        SQUARE,
        p * sum(parts[r], Integer(0)) + (1 - p) * sum(parts[0], Integer(0)),
        "v is r + n for an active feature and n for an absent one if this has modulus b at least, and 0 otherwise",
        box={p: ZERO_TO_ONE},
    )
    for mean, tails in parts.items():
        for tail in tails:
            square = square.within(fundamental_theorem(tail, _second(S(mean)).subs(_v, tail.limits[0][0])))
    square = square.equals(SQUARE_MOMENT, "collect terms")
    return prove(clause.formula, cross, square)


def derive_fires(clause: Clause) -> Proof:
    """Proof of how often a node fires, from the errors of its gate."""
    (miss,), (false_fire,) = MISS.proof().chains, FALSE_FIRE.proof().chains
    missed, fired = MISS.formula.lhs, FALSE_FIRE.formula.lhs
    chain = (
        begin(NODE_FIRES, p * (1 - missed) + (1 - p) * fired, "active and not missed, or inactive and fired by noise")
        .within(miss.as_step("G1"))
        .within(false_fire.as_step("G1"))
    )
    return prove(clause.formula, chain)


_NOISY = (one_node_each, independent_features, symmetric_noise)

NOISY_RISK = Clause(
    name="risk with noise",
    says="With one node per feature, whose gated output $v$ sees noise, the risk of a head grows with its distance "
    "from a shrunk target: $[[formula]]$.",
    formula=Eq(HEAD_RISK, _RISK_OF_HEAD),
    over={d: COUNT, tau: NONNEGATIVE},
    assumes=_NOISY,
    derive=derive_risk,
)

NOISY_HEAD = Clause(
    name="head with noise",
    says="The only least-squares head on noisy outputs is the target multiplied by the share of the outputs that is "
    "signal: $[[formula]]$.",
    formula=Eq(HEAD_ENTRY, SHRINKAGE * theta[i]),
    over={d: COUNT, i: indices(d)},
    assumes=_NOISY,
    depends_on=("D1/risk with noise",),
    derive=derive_head,
)

NOISY_ENERGY = Clause(
    name="energy with noise",
    says="The effective map of the least-squares head on noisy outputs has mean energy $[[rhs]]$, which is lowered "
    "by shrinkage and raised by false alarms.",
    formula=Eq(ENERGY, SHRINKAGE**2 * NODE_FIRES * _TARGET_ENERGY),
    over={d: COUNT},
    assumes=_NOISY,
    depends_on=("D1/head with noise",),
    derive=derive_energy,
)

_NORMAL = (one_node_each, constant_amplitude, normal_noise)

MOMENTS = Clause(
    name="moments with noise",
    says="At constant amplitude and under normal noise, the two moments that determine the shrinkage are moments of "
    "the normal law outside the gate: $[[formula]]$.",
    formula=Eq(CROSS, CROSS_MOMENT) & Eq(SQUARE, SQUARE_MOMENT),
    over={p: ACTIVE, r: POSITIVE, b: NONNEGATIVE, sigma: POSITIVE},
    assumes=_NORMAL,
    derive=derive_moments,
)

FIRING = Clause(
    name="firing with noise",
    says="A node fires if its feature is active and not missed, or if noise alone raises a false alarm: "
    r"$[[formula]]$, where the node sees the signal $\mu = r$ and noise of standard deviation $s = \sigma$.",
    formula=Eq(NODE_FIRES, FIRES),
    over={p: ACTIVE, mu: POSITIVE, b: NONNEGATIVE, s: POSITIVE},
    assumes=_NORMAL,
    depends_on=("G1/false fire", "G1/miss"),
    derive=derive_fires,
)
