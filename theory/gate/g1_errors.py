"""G1: how often a pure node fires on noise alone, and how often it misses its feature."""

from sympy import Eq, Expr, Integer, Integral, Rational, Symbol

from theory.claims import Claim, Clause, ClosedForm, Mutation
from theory.derivation import Proof, begin, prove
from theory.model import Phi, Q, b, mu, named, normal_density, omega, r, r_max, r_min, s, sigma
from theory.ranges import NONNEGATIVE, POSITIVE
from theory.theorems.calculus import fundamental_theorem
from theory.theorems.indicators import Mean

P_FIRE = named("P_{fire}")
P_MISS = named("P_{miss}")
P_MISS_MEAN = named(r"\bar{P}_{miss}")
_v = Symbol("v", real=True)
_R = Symbol("R", positive=True)


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
    signal = omega * _R
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


FALSE_FIRE = Clause(
    name="false fire",
    says="An inactive pure node fires with probability $2Q(b/s)$.",
    formula=Eq(P_FIRE, 2 * Q(b / s)),
    derive=derive_false_fire,
    mutation=Mutation("one tail instead of two", Eq(P_FIRE, Q(b / s)), {b: Rational(1), s: Rational(1)}),
)

MISS = Clause(
    name="miss",
    says=r"An active pure node is missed with probability $\Phi((b-\mu)/s) - \Phi((-b-\mu)/s)$ ...",
    formula=Eq(P_MISS, miss_rate(b, mu)),
    derive=derive_miss,
    mutation=Mutation(
        "the lower tail forgotten",
        Eq(P_MISS, Phi((b - mu) / s)),
        {b: Rational(1, 2), mu: Rational(1), s: Rational(1)},
    ),
)

_MIDDLE = omega * (r_min + r_max) / 2

MEAN_MISS = Clause(
    name="miss, random amplitude",
    says="... averaged over the amplitude when it is random.",
    formula=Eq(P_MISS_MEAN, Mean(miss_rate(b, omega * _R))),
    derive=derive_mean_miss,
    mutation=Mutation(
        "the mean amplitude in place of the average, uniform law",
        Eq(P_MISS_MEAN, miss_rate(b, _MIDDLE)),
        {r_min: Rational(1), r_max: Rational(2), b: Rational(1), omega: Rational(1), s: Rational(1, 2)},
        consequence=Eq(Integral(miss_rate(b, omega * _R) / (r_max - r_min), (_R, r_min, r_max)), miss_rate(b, _MIDDLE)),
    ),
)

G1 = Claim(
    id="G1",
    title="Errors of the gate on a pure node",
    clauses=(FALSE_FIRE, MISS, MEAN_MISS),
    setting=(r"A pure node of weight $\omega$", r"$s = \sigma|\omega| > 0$", r"$\mu = |\omega| r$"),
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
