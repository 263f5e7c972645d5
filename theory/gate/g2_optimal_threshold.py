"""G2: the threshold with the least error of a pure node, and how near it is to a plain formula."""

from sympy import And, Eq, Expr, Ge, Integer, Le, Max, Rational, Symbol, acosh, cosh, exp, log, oo, sinh, sqrt

from theory.algebra import Box
from theory.claims import Claim, Clause, ClosedForm, Mutation
from theory.derivation import Proof, begin, prove
from theory.gate.g1_errors import FALSE_FIRE, MISS
from theory.model import b, mu, named, omega, p, phi, r, s, sigma
from theory.ranges import POSITIVE, Range
from theory.theorems.calculus import ArgMin, minimum_at_start, unique_minimum
from theory.theorems.concavity import above_chord, below_tangent
from theory.theorems.hyperbolic import arccosh_as_log

B_BEST = named("b^*", nonnegative=True)
SURPLUS = named(r"\Delta_b", real=True)

ERROR: Expr = (1 - p) * FALSE_FIRE.formula.rhs + p * MISS.formula.rhs
"""Probability that the gate is wrong, over whether the feature is active."""
CRITICAL: Expr = 1 / (1 + exp(-(mu**2) / (2 * s**2)))
"""Largest `p` at which a positive threshold is of use."""
LEVEL: Expr = (1 - p) / p * exp(mu**2 / (2 * s**2))
"""What `cosh(b mu/s^2)` is at the optimum; at least one iff `p <= CRITICAL`."""
INTERIOR: Expr = s**2 / mu * acosh(LEVEL)
"""The optimal threshold for `p <= CRITICAL`."""
APPROXIMATION: Expr = mu / 2 + s**2 * log(2 * (1 - p) / p) / mu
"""`b_0`, the threshold up to exponentially small terms."""
SURPLUS_BOUND: Expr = log(2) * s**2 / mu * (p / (1 - p)) ** 2 * exp(-(mu**2) / s**2)
"""By how much `b_0` can exceed the optimal threshold."""

_RARE: Box = {p: (Integer(0), CRITICAL)}
_COMMON: Box = {p: (CRITICAL, Integer(1))}
_THRESHOLDS: Box = {b: (Integer(0), oo)}
_SLOPE_SCALE = 2 * phi(b / s) / s * p * exp(-(mu**2) / (2 * s**2))
_ERROR_OF_G1 = "the error of G1 over whether the feature is active, as a function of the threshold"


def derive_interior(clause: Clause) -> Proof:
    """Proof that the error is least where the increasing factor of its derivative vanishes."""
    least = unique_minimum(ERROR, b, _SLOPE_SCALE, cosh(b * mu / s**2) - LEVEL, INTERIOR, {**_RARE, **_THRESHOLDS})
    return prove(clause.formula, begin(B_BEST, ArgMin(ERROR, b), _ERROR_OF_G1, box=_RARE).by(least))


def derive_zero(clause: Clause) -> Proof:
    """Proof that the error grows with the threshold where the feature is common."""
    core = 2 * sinh(b * mu / (2 * s**2)) ** 2 + (1 - LEVEL)
    least = minimum_at_start(ERROR, b, _SLOPE_SCALE, core, {**_COMMON, **_THRESHOLDS})
    return prove(clause.formula, begin(B_BEST, ArgMin(ERROR, b), _ERROR_OF_G1, box=_COMMON).by(least))


def derive_boundary(clause: Clause) -> Proof:
    """Proof that the error grows with the threshold at the critical probability too."""
    error, scale = ERROR.subs(p, CRITICAL), _SLOPE_SCALE.subs(p, CRITICAL)
    least = minimum_at_start(error, b, scale, 2 * sinh(b * mu / (2 * s**2)) ** 2, _THRESHOLDS)
    return prove(clause.formula, begin(B_BEST, ArgMin(error, b), _ERROR_OF_G1).by(least))


def derive_approximation(clause: Clause) -> Proof:
    """Proof that `b_0` is too large, by an exponentially small amount at most.

    With `u = 1/LEVEL^2`, `b_0 - b^*` is `-(s^2/mu) log((1 + sqrt(1 - u))/2)`, convex in `u`.
    """
    u = Symbol("u", positive=True)
    w = sqrt(1 - u)
    f = log((1 + w) / 2)
    curvature = -(1 / (4 * w**3 * (1 + w)) + 1 / (4 * w**2 * (1 + w) ** 2))
    at = LEVEL**-2
    shared = (
        begin(SURPLUS, APPROXIMATION - INTERIOR, "b_0 against the optimal threshold", box=_RARE)
        .equals(s**2 / mu * (log(2 * LEVEL) - acosh(LEVEL)), "mu/2 is (s^2/mu) log exp(mu^2/(2 s^2))")
        .within(arccosh_as_log(LEVEL, _RARE))
        .equals(-(s**2) / mu * f.subs(u, at), "logarithm of a quotient")
    )
    above = shared.within(below_tangent(f, u, curvature, at, _RARE)).at_least(Integer(0), "u is a square")
    below = shared.within(above_chord(f, u, curvature, at, _RARE))
    return prove(clause.formula, above, below)


MINIMISER = Clause(
    name="interior minimiser",
    says=r"For $p < 1/(1 + e^{-\mu^2/(2 s^2)})$ the error "
    r"$(1-p)\, 2Q(b/s) + p\,[\Phi((b-\mu)/s) - \Phi((-b-\mu)/s)]$ has one minimiser on $b \ge 0$, "
    r"$b^* = (s^2/\mu) \operatorname{arccosh}(((1-p)/p)\, e^{\mu^2/(2 s^2)})$.",
    formula=Eq(B_BEST, INTERIOR),
    box=_RARE,
    derive=derive_interior,
    mutation=Mutation(
        "half the signal",
        Eq(B_BEST, mu / 2),
        {p: Rational(1, 20), mu: Integer(1), s: Rational(1, 4)},
        consequence=Le(ERROR.subs(b, mu / 2), ERROR.subs(b, INTERIOR)),
    ),
)

ZERO = Clause(
    name="minimiser at zero",
    says=r"For $p > 1/(1 + e^{-\mu^2/(2 s^2)})$ the only minimiser is $b^* = 0$.",
    formula=Eq(B_BEST, 0),
    box=_COMMON,
    derive=derive_zero,
    mutation=Mutation(
        "the arccosh formula, whose argument is below one there",
        Eq(B_BEST, INTERIOR),
        {p: Rational(9, 10), mu: Integer(1), s: Integer(1)},
        consequence=Ge(LEVEL, 1),
    ),
)

BOUNDARY = Clause(
    name="minimiser at the critical probability",
    says=r"At $p = 1/(1 + e^{-\mu^2/(2 s^2)})$ the only minimiser is $b^* = 0$, where both formulas agree.",
    formula=Eq(B_BEST, 0),
    derive=derive_boundary,
    mutation=Mutation(
        "half the signal",
        Eq(B_BEST, mu / 2),
        {mu: Integer(1), s: Integer(1)},
        consequence=Le(ERROR.subs(p, CRITICAL).subs(b, mu / 2), ERROR.subs(p, CRITICAL).subs(b, 0)),
    ),
)

NEAR = Clause(
    name="plain approximation",
    says=r"For $p \le 1/(1 + e^{-\mu^2/(2 s^2)})$, $b_0 = \mu/2 + s^2 \log(2(1-p)/p)/\mu$ exceeds $b^*$ "
    r"by $\Delta_b = b_0 - b^*$, at least $0$ and at most $(\log 2)(s^2/\mu)(p/(1-p))^2 e^{-\mu^2/s^2}$.",
    formula=And(Ge(SURPLUS, 0), Le(SURPLUS, SURPLUS_BOUND)),
    box=_RARE,
    derive=derive_approximation,
    mutation=Mutation(
        "half the constant",
        And(Ge(SURPLUS, 0), Le(SURPLUS, SURPLUS_BOUND / 2)),
        {p: Rational(1, 2), mu: Rational(1, 10), s: Integer(1)},
    ),
)

G2 = Claim(
    id="G2",
    title="The optimal threshold",
    clauses=(MINIMISER, ZERO, BOUNDARY, NEAR),
    setting=(
        "$0 < p < 1$",
        r"A pure node of weight $\omega$, $s = \sigma|\omega| > 0$, $\mu = |\omega| r > 0$",
        "Constant amplitude",
    ),
    source="beyond the paper; section 4.1 keeps the threshold free",
    kind="sharpened",
    depends_on=("G1",),
)

_OPEN_PROBABILITY = Range(Integer(0), Integer(1), open_low=True, open_high=True)

OPTIMAL_GATE = ClosedForm(
    name="optimal_gate",
    arguments={"omega": omega, "r": r, "sigma": sigma, "p": p},
    expression=(s**2 / mu * acosh(Max(1, LEVEL))).subs({s: sigma * omega, mu: omega * r}),
    domain={"omega": POSITIVE, "r": POSITIVE, "sigma": POSITIVE, "p": _OPEN_PROBABILITY},
    claim="G2",
    words="threshold at which a pure node errs least, over whether its feature is active",
)
