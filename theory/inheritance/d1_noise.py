"""D1, with noise: a least-squares head on noisy gated outputs shrinks its target."""

from sympy import Eq, Expr, IndexedBase, Integer, Integral, Rational, S, Sum, Symbol, oo

from theory.claims import Clause, Mutation
from theory.derivation import Derivation, Proof, Step, begin, prove
from theory.gate.g1_errors import FALSE_FIRE, MISS
from theory.inheritance.features import COVARIANCE, SECOND_MOMENT
from theory.laws import constant, indicator, random, random_sign
from theory.model import ZERO_TO_ONE, Phi, b, d, named, normal_density, p, phi, r, s, sigma, tau
from theory.theorems.calculus import fundamental_theorem
from theory.theorems.expectation import common_moment, linearity, named_moment
from theory.theorems.indicators import Mean, idempotent, mean_of_indicators
from theory.theorems.least_squares import (
    diagonal_covariance,
    least_sum_of_squares,
    vanishing_squares,
)
from theory.theorems.matrices import sign_average

RISK = named(r"\mathrm{Risk}(a)")
HEAD = named("a_i")
ENERGY = named(r"\mathbb{E}\|\beta\|^2")
P_FIRE = constant(Symbol(r"P_{fire}", real=True))
CROSS = constant(Symbol(r"\mathbb{E}[xv]", real=True))
SQUARE = constant(Symbol(r"\mathbb{E}[v^2]", positive=True))
_i = Symbol("i", integer=True, positive=True)
_j = Symbol("j", integer=True, positive=True)
_v = Symbol("v", real=True)
_theta = constant(IndexedBase("theta'", real=True))
_a = constant(IndexedBase("a", real=True))
_x = random(IndexedBase("x", real=True), identical=True)
_out = random(IndexedBase("v", real=True), identical=True)
_sign = random_sign(IndexedBase("S"))
_fires = indicator(IndexedBase("F", nonnegative=True), P_FIRE)

SHRINKAGE = CROSS / SQUARE
"""The factor `kappa` of the head."""
_TARGET_ENERGY = Sum(_theta[_i] ** 2, (_i, 1, d))
_SQUARES = Sum((_a[_i] - SHRINKAGE * _theta[_i]) ** 2, (_i, 1, d))
_RISK_OF_HEAD = tau**2 + (SECOND_MOMENT - CROSS**2 / SQUARE) * _TARGET_ENERGY + SQUARE * _SQUARES


def _error(k: Symbol) -> Expr:
    return _theta[k] * _x[k] - _a[k] * _out[k]


def _covariances_of_errors() -> Derivation:
    mean = Mean(_sign[_i] * _sign[_j] * _error(_i) * _error(_j))
    reason = "feature and noise of a node may change sign together: errors theta_i x_i - a_i v_i have random signs S_i"
    average = sign_average(mean, _sign, _i, _j)
    chain = begin(COVARIANCE[_i, _j], mean, reason).by(average)
    chain = chain.within(linearity(Mean(_error(_i) ** 2)))
    for square, name in ((_x[_i] ** 2, SECOND_MOMENT), (_out[_i] ** 2, SQUARE)):
        chain = chain.within(named_moment(Mean(square), name))
    return chain.within(common_moment(Mean(_out[_i] * _x[_i]), CROSS))


def _risk() -> Derivation:
    total = Sum(COVARIANCE[_i, _j], (_i, 1, d), (_j, 1, d))
    reason = "y - f = eta + sum of e_i with the errors e_i = theta_i x_i - a_i v_i; C_ij = E e_i e_j"
    return (
        begin(RISK, tau**2 + total, reason)
        .within(diagonal_covariance(total, COVARIANCE, _covariances_of_errors()))
        .equals(_RISK_OF_HEAD, "completing the squares")
    )


def derive_risk(clause: Clause) -> Proof:
    """Proof of the population risk of a head on noisy gated outputs."""
    return prove(clause.formula, _risk(), lemmas=(_covariances_of_errors(),))


def _head() -> Step:
    root = SHRINKAGE * _theta[_i]
    return vanishing_squares(least_sum_of_squares(_risk(), _SQUARES, _a, root), _a, root)


def derive_head(clause: Clause) -> Proof:
    """Proof that the only least-squares head is the shrunk target."""
    chain = begin(HEAD, _a[_i], "a least-squares head").by(_head())
    return prove(clause.formula, chain, lemmas=(_risk(),))


def derive_energy(clause: Clause) -> Proof:
    """Proof of the mean energy of its effective map."""
    squared = Sum((_a[_i] * _fires[_i]) ** 2, (_i, 1, d))
    chain = begin(ENERGY, Mean(squared), "beta_i = a_i where node i fires, F_i = 1").within(idempotent(squared, _fires))
    chain = chain.within(_head())
    chain = chain.within(mean_of_indicators(chain.end, _fires, P_FIRE))
    return prove(clause.formula, chain.equals(SHRINKAGE**2 * P_FIRE * _TARGET_ENERGY, "gathering"), lemmas=(_risk(),))


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
        "active: x v = r (r + n) unless |r + n| < b, n ~ N(0, sigma^2); the sign of the feature plays no part",
    ).within(fundamental_theorem(_cut(1, r), _first(r)))
    parts = {
        mean: [Integral(x**2 * normal_density(x, mean, sigma), (x, *ends)) for x, *ends in _BEYOND] for mean in (r, 0)
    }
    square = begin(
        SQUARE,
        p * sum(parts[r], Integer(0)) + (1 - p) * sum(parts[0], Integer(0)),
        "v is r + n for an active feature and n for another one, where its modulus reaches b, and else 0",
        box={p: ZERO_TO_ONE},
    )
    for mean, tails in parts.items():
        for tail in tails:
            square = square.within(fundamental_theorem(tail, _second(S(mean)).subs(_v, tail.limits[0][0])))
    square = square.equals(SQUARE_MOMENT, "gathering")
    return prove(clause.formula, cross, square)


def derive_fires(clause: Clause) -> Proof:
    """Proof of how often a node fires, from the errors of its gate."""
    (miss,), (false_fire,) = MISS.proof().chains, FALSE_FIRE.proof().chains
    missed, fired = MISS.formula.lhs, FALSE_FIRE.formula.lhs
    chain = (
        begin(P_FIRE, p * (1 - missed) + (1 - p) * fired, "active and not missed, or inactive and fired by noise")
        .within(miss.as_step("G1"))
        .within(false_fire.as_step("G1"))
    )
    return prove(clause.formula, chain)


_SCALARS = {CROSS: Integer(1), SQUARE: Integer(2), SECOND_MOMENT: Integer(1), tau: Integer(0)}
_QUOTED = {p: Rational(3, 10), r: Integer(1), b: Rational(1, 2), sigma: Rational(1, 4)}

NOISY_RISK = Clause(
    name="risk with noise",
    says=r"One node a feature, $\omega = 1$, gated output $v$: a head has the risk $\tau^2 + (\mathbb{E}X_i^2 - "
    r"\mathbb{E}[xv]^2/\mathbb{E}[v^2])\|\theta'\|^2 + \mathbb{E}[v^2]\,\|a - \kappa\theta'\|^2$, "
    r"$\kappa = \mathbb{E}[xv]/\mathbb{E}[v^2]$.",
    formula=Eq(RISK, _RISK_OF_HEAD),
    derive=derive_risk,
    mutation=Mutation(
        "noise ignored: least at the target itself",
        Eq(RISK, tau**2 + SQUARE * Sum((_a[_i] - _theta[_i]) ** 2, (_i, 1, d))),
        {**_SCALARS, _a[_i]: Integer(1), _theta[_i]: Integer(1)},
        consequence=Eq(SECOND_MOMENT - 2 * CROSS + SQUARE, 0),
    ),
)

NOISY_HEAD = Clause(
    name="head with noise",
    says=r"The only least-squares head is $a = \kappa\theta'$.",
    formula=Eq(HEAD, SHRINKAGE * _theta[_i]),
    derive=derive_head,
    mutation=Mutation(
        "noise ignored",
        Eq(HEAD, _theta[_i]),
        {**_SCALARS, _theta[_i]: Integer(1)},
        consequence=Eq(SHRINKAGE * _theta[_i], _theta[_i]),
    ),
)

NOISY_ENERGY = Clause(
    name="energy with noise",
    says=r"Its effective map has $\mathbb{E}\|\beta\|^2 = \kappa^2 P_{fire} \|\theta'\|^2$.",
    formula=Eq(ENERGY, SHRINKAGE**2 * P_FIRE * _TARGET_ENERGY),
    derive=derive_energy,
    mutation=Mutation(
        "noise ignored",
        Eq(ENERGY, P_FIRE * _TARGET_ENERGY),
        _SCALARS,
        consequence=Eq(SHRINKAGE**2, 1),
    ),
)

MOMENTS = Clause(
    name="moments with noise",
    says=r"At constant amplitude $\mathbb{E}[xv]$ and $\mathbb{E}[v^2]$ are the moments of the normal law outside "
    r"$[-b, b]$: $\kappa = .9034$ at $p = .3, r = 1, b = .5, \sigma = .25$.",
    formula=Eq(CROSS, CROSS_MOMENT) & Eq(SQUARE, SQUARE_MOMENT),
    derive=derive_moments,
    mutation=Mutation(
        "noise ignored",
        Eq(CROSS, p * r**2) & Eq(SQUARE, p * r**2),
        _QUOTED,
        consequence=Eq(CROSS_MOMENT, SQUARE_MOMENT),
    ),
)

FIRING = Clause(
    name="firing with noise",
    says="$P_{fire}$ adds the hits of an active node and the false alarms of an inactive one "
    r"(G1; $s = \sigma$, $\mu = r$).",
    formula=Eq(P_FIRE, FIRES),
    derive=derive_fires,
    mutation=Mutation(
        "false alarms forgotten",
        Eq(P_FIRE, p * (1 - MISS.formula.rhs)),
        {p: Rational(3, 10), b: Rational(1, 2), s: Rational(1, 4)},
        consequence=Eq((1 - p) * FALSE_FIRE.formula.rhs, 0),
    ),
)
