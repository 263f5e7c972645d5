"""G1: how often a pure node fires on noise alone, and how often it misses its feature."""

from sympy import Basic, Eq, Integral, Rational, Symbol

from theory.claims import NONNEGATIVE, POSITIVE, Claim, Clause, ClosedForm, Mutation
from theory.derivation import Proof, begin, prove
from theory.model import Phi, Q, b, mu, named, normal_density, omega, r, s, sigma
from theory.theorems.calculus import fundamental_theorem

P_FIRE = named("P_{fire}")
P_MISS = named("P_{miss}")
_v = Symbol("v", real=True)


def derive_false_fire(statement: Basic) -> Proof:
    """Proof that an inactive pure node fires with probability `2 Q(b/s)`."""
    silent = Integral(normal_density(_v, 0, s), (_v, -b, b))
    chain = (
        begin(
            P_FIRE,
            1 - silent,
            "inactive: the pre-activation is noise alone, N(0, s^2), and fires when |v| >= b",
        )
        .within(fundamental_theorem(silent, -Q(_v / s)))
        .equals(2 * Q(b / s), "symmetry of the normal law")
    )
    return prove(statement, chain)


def derive_miss(statement: Basic) -> Proof:
    """Proof of the probability that an active pure node stays silent."""
    silent = Integral(normal_density(_v, mu, s), (_v, -b, b))
    chain = begin(P_MISS, silent, "active: the pre-activation is +-mu plus noise, and is missed when |v| < b").by(
        fundamental_theorem(silent, Phi((_v - mu) / s))
    )
    return prove(statement, chain)


FALSE_FIRE = Clause(
    name="false fire",
    words="An inactive pure node fires with probability $2Q(b/s)$.",
    formula=Eq(P_FIRE, 2 * Q(b / s)),
    derive=derive_false_fire,
    mutation=Mutation("one tail instead of two", Eq(P_FIRE, Q(b / s)), {b: Rational(1), s: Rational(1)}),
)

MISS = Clause(
    name="miss",
    words="An active pure node is missed with probability "
    r"$\Phi((b-\mu)/s) - \Phi((-b-\mu)/s)$, averaged over the amplitude when that is random.",
    formula=Eq(P_MISS, Phi((b - mu) / s) - Phi((-b - mu) / s)),
    derive=derive_miss,
    mutation=Mutation(
        "the lower tail forgotten",
        Eq(P_MISS, Phi((b - mu) / s)),
        {b: Rational(1, 2), mu: Rational(1), s: Rational(1)},
    ),
)

G1 = Claim(
    id="G1",
    title="Errors of the gate on a pure node",
    clauses=(FALSE_FIRE, MISS),
    assumptions=(r"A pure node of weight $\omega$", r"$s = \sigma|\omega| > 0$", r"$\mu = |\omega| r$"),
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
