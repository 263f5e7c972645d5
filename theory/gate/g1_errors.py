"""G1: how often a pure node fires on noise alone, and how often it misses its feature."""

from sympy import Eq, Expr, Integer, Integral, Symbol

from theory.assumptions import normal_noise, orthogonal_dictionary, pure_node
from theory.claims import Claim, Clause, ClosedForm
from theory.derivation import Proof, begin, prove
from theory.model import Phi, Q, b, mu, normal_density, omega, r, s, sigma
from theory.quantities.gate import FIRE_RATE, MEAN_MISS_RATE, MISS_RATE
from theory.ranges import NONNEGATIVE, POSITIVE
from theory.theorems.calculus import fundamental_theorem
from theory.theorems.indicators import Mean

_v = Symbol("v", real=True)
R = Symbol("R", positive=True)
"""A random amplitude."""

P_FIRE, P_MISS, P_MISS_MEAN = FIRE_RATE(b, s), MISS_RATE(b, mu, s), MEAN_MISS_RATE(b, omega, s)


def miss_rate(threshold: Expr, signal: Expr) -> Expr:
    """The probability of a miss at that threshold, for the signal `|omega|` times the amplitude."""
    return Phi((threshold - signal) / s) - Phi((-threshold - signal) / s)


def derive_false_fire(clause: Clause) -> Proof:
    """Proof that an inactive pure node fires with probability `2 Q(b/s)`."""
    silent = _silent(Integer(0))
    chain = (
        begin(
            P_FIRE,
            1 - silent,
            "inactive: the pre-activation is noise alone, N(0, s^2), and fires when |v| >= b",
        )
        .within(fundamental_theorem(silent, -Q(_v / s)))
        .equals(2 * Q(b / s), "symmetry of the normal law")
    )
    return prove(clause.formula, chain)


def derive_miss(clause: Clause) -> Proof:
    """Proof of the probability that an active pure node stays silent."""
    positive, negative = _silent(mu), _silent(-mu)
    chain = (
        begin(
            P_MISS,
            (positive + negative) / 2,
            "active: the pre-activation is mu or -mu, equally likely, plus noise, and is missed when |v| < b",
        )
        .within(fundamental_theorem(positive, Phi((_v - mu) / s)))
        .within(fundamental_theorem(negative, Phi((_v + mu) / s)))
        .equals(miss_rate(b, mu), "symmetry of the normal law: the sign of the feature plays no part")
    )
    return prove(clause.formula, chain)


def derive_mean_miss(clause: Clause) -> Proof:
    """Proof of the probability of a miss where the amplitude is random."""
    signal = omega * R
    silent = _silent(signal)
    chain = begin(
        P_MISS_MEAN,
        Mean(silent),
        "active: the amplitude is drawn first, then the noise; the sign of the feature plays no part",
    ).within(fundamental_theorem(silent, Phi((_v - signal) / s)))
    return prove(clause.formula, chain)


def _silent(mean: Expr) -> Integral:
    """Probability that a pre-activation of that mean stays below the threshold."""
    return Integral(normal_density(_v, mean, s), (_v, -b, b))


GATE = (pure_node, orthogonal_dictionary, normal_noise)

FALSE_FIRE = Clause(
    name="false fire",
    says="A pure node whose feature is absent sees only noise and fires with probability $[[formula]]$.",
    formula=Eq(P_FIRE, 2 * Q(b / s)),
    over={b: NONNEGATIVE, s: POSITIVE},
    assumes=GATE,
    derive=derive_false_fire,
)

MISS = Clause(
    name="miss",
    says=r"A pure node whose feature is active with signal $\mu$ stays silent with probability $[[formula]]$.",
    formula=Eq(P_MISS, miss_rate(b, mu)),
    over={b: NONNEGATIVE, mu: POSITIVE, s: POSITIVE},
    assumes=GATE,
    derive=derive_miss,
)

MEAN_MISS = Clause(
    name="miss, random amplitude",
    says="If the amplitude $R$ of an active feature is random, its pure node stays silent with the miss probability "
    "averaged over $R$: $[[formula]]$.",
    formula=Eq(P_MISS_MEAN, Mean(miss_rate(b, omega * R))),
    over={b: NONNEGATIVE, omega: POSITIVE, s: POSITIVE},
    assumes=GATE,
    derive=derive_mean_miss,
)

G1 = Claim(
    id="G1",
    title="Errors of the gate on a pure node",
    clauses=(FALSE_FIRE, MISS, MEAN_MISS),
    setting=(),
    source="section 4.1",
    kind="paper",
)

_OF_OMEGA = {s: sigma * omega, mu: omega * r}

GATE_FALSE_FIRE = ClosedForm(
    name="gate_false_fire",
    arguments={"omega": omega, "sigma": sigma, "b": b},
    expression=FALSE_FIRE.formula.rhs.subs(_OF_OMEGA),
    domain={"omega": POSITIVE, "sigma": POSITIVE, "b": NONNEGATIVE},
    claim="G1",
    words="probability that an inactive pure node fires",
)

GATE_MISS = ClosedForm(
    name="gate_miss",
    arguments={"omega": omega, "r": r, "sigma": sigma, "b": b},
    expression=MISS.formula.rhs.subs(_OF_OMEGA),
    domain={"omega": POSITIVE, "r": POSITIVE, "sigma": POSITIVE, "b": NONNEGATIVE},
    claim="G1",
    words="probability that an active pure node stays silent",
)
