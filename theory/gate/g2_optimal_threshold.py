"""G2: the threshold with the least error of a pure node, and a closed-form approximation of it with an error bound.

For a rare feature the optimum is ``b^* = (s^2/mu) arccosh((1 - p)/p exp(mu^2/(2 s^2)))``.

Examples
--------
The threshold for a feature of amplitude 1 that is active one time in twenty, under noise of a quarter of it:

>>> from sympy import Rational
>>> at = {"omega": 1, "r": 1, "sigma": Rational(1, 4), "p": Rational(1, 20)}
>>> OPTIMAL_GATE.expression.subs({OPTIMAL_GATE.arguments[name]: value for name, value in at.items()}).evalf(4)
0.7273
"""

from sympy import Eq, Expr, Gt, Integer, Lt, Max, Symbol, acosh, cosh, exp, log, oo, sinh, sqrt

from theory.algebra import Box
from theory.assumptions import constant_amplitude, normal_noise, orthogonal_dictionary, pure_node
from theory.claims import Claim, Clause, ClosedForm, NearMiss
from theory.derivation import Derivation, Proof, begin, prove
from theory.gate.g1_errors import FALSE_FIRE, MISS
from theory.model import b, mu, omega, p, phi, r, s, sigma
from theory.quantities.gate import BEST_THRESHOLD
from theory.ranges import POSITIVE, Range, between
from theory.theorems.calculus import ArgMin, minimum_at_start, unique_minimum
from theory.theorems.concavity import above_chord, below_tangent
from theory.theorems.hyperbolic import arccosh_as_log

B_BEST = BEST_THRESHOLD(p, mu, s)

ERROR: Expr = (1 - p) * FALSE_FIRE.formula.rhs + p * MISS.formula.rhs
"""Probability that the gate is wrong, averaged over whether the feature is active."""
CRITICAL: Expr = 1 / (1 + exp(-(mu**2) / (2 * s**2)))
"""The probability of a feature below which a positive threshold is optimal; from it on, zero is."""
LEVEL: Expr = (1 - p) / p * exp(mu**2 / (2 * s**2))
"""What `cosh(b mu/s^2)` is at the optimum; at least one iff `p <= CRITICAL`."""
INTERIOR: Expr = s**2 / mu * acosh(LEVEL)
"""The optimal threshold for `p <= CRITICAL`."""
APPROXIMATION: Expr = mu / 2 + s**2 * log(2 * (1 - p) / p) / mu
"""`b_0`, the threshold up to exponentially small terms."""
SURPLUS_BOUND: Expr = log(2) * s**2 / mu * (p / (1 - p)) ** 2 * exp(-(mu**2) / s**2)
"""Upper bound on `b_0 - b^*`."""

LOWER_BOUND: Expr = APPROXIMATION - SURPLUS_BOUND
"""Lower bound on the optimal threshold, reached at CRITICAL."""

_THRESHOLDS: Box = {b: (Integer(0), oo)}
_SLOPE_SCALE = 2 * phi(b / s) / s * p * exp(-(mu**2) / (2 * s**2))
"""`d ERROR/db = _SLOPE_SCALE (cosh(b mu/s^2) - LEVEL)`, and it is positive."""
_ERROR_OF_G1 = "the error of G1, averaged over whether the feature is active, as a function of the threshold"


def _least(clause: Clause) -> Derivation:
    """The chain to the interior minimiser: the increasing factor of the derivative of the error vanishes there."""
    box = {**clause.box, **_THRESHOLDS}
    least = unique_minimum(ERROR, b, _SLOPE_SCALE, cosh(b * mu / s**2) - LEVEL, INTERIOR, box)
    return begin(B_BEST, ArgMin(ERROR, b), _ERROR_OF_G1, box=clause.box).by(least)


def derive_interior(clause: Clause) -> Proof:
    """Proof that the error is least where the increasing factor of its derivative vanishes."""
    return prove(clause.formula, _least(clause))


def derive_zero(clause: Clause) -> Proof:
    """Proof that the error grows with the threshold where the feature is common."""
    # cosh x - 1 = 2 sinh^2(x/2) shows the sign that cosh(x) - LEVEL hides.
    core = 2 * sinh(b * mu / (2 * s**2)) ** 2 + (1 - LEVEL)
    least = minimum_at_start(ERROR, b, _SLOPE_SCALE, core, {**clause.box, **_THRESHOLDS})
    return prove(clause.formula, begin(B_BEST, ArgMin(ERROR, b), _ERROR_OF_G1, box=clause.box).by(least))


def derive_boundary(clause: Clause) -> Proof:
    """Proof that the error grows with the threshold at the critical probability too."""
    error, scale = ERROR.subs(p, CRITICAL), _SLOPE_SCALE.subs(p, CRITICAL)
    least = minimum_at_start(error, b, scale, 2 * sinh(b * mu / (2 * s**2)) ** 2, _THRESHOLDS)
    chain = begin(B_BEST.subs(p, CRITICAL), ArgMin(error, b), _ERROR_OF_G1).by(least)
    return prove(clause.formula, chain, chain.equals(LOWER_BOUND.subs(p, CRITICAL), "both formulas are zero"))


def derive_approximation(clause: Clause) -> Proof:
    """Proof that `b_0` is too large, by an exponentially small amount at most.

    With `u = 1/LEVEL^2`, `b_0 - b^*` is `-(s^2/mu) log((1 + sqrt(1 - u))/2)`, convex in `u`. A convex function
    lies below its chord. To show strictness, split off `(w - 1 + u)/2`, `w = sqrt(1 - u)`, which equals `w (1 - w)/2`,
    is positive inside and zero at both ends. The rest still lies on the right side of the same chord.
    """
    u = Symbol("u", positive=True)
    w = sqrt(1 - u)
    f = log((1 + w) / 2)
    curvature = -(1 / (4 * w**3 * (1 + w)) + 1 / (4 * w**2 * (1 + w) ** 2))
    excess = (w - 1 + u) / 2
    rest_curvature = -(u / (8 * w**3 * (1 + w) ** 2) + 1 / (4 * w**2 * (1 + w) ** 2))
    at, scale = LEVEL**-2, s**2 / mu
    logarithm = _least(clause).within(arccosh_as_log(LEVEL, clause.box))
    below = (
        logarithm.equals(APPROXIMATION + scale * f.subs(u, at), "mu/2 is (s^2/mu) log exp(mu^2/(2 s^2))")
        .within(below_tangent(f, u, curvature, at, clause.box))
        .at_most(APPROXIMATION, "u > 0, as the square of a positive number", strict=True)
    )
    above = (
        logarithm.equals(
            APPROXIMATION + scale * (f - excess).subs(u, at) + scale * excess.subs(u, at), "the same, in two parts"
        )
        .within(above_chord(f - excess, u, rest_curvature, at, clause.box))
        .at_least(
            LOWER_BOUND,
            "w (1 - w) > 0",
            # w (1 - w) = w u/(1 + w), whose sign is plain.
            gap=scale * (w * u / (1 + w)).subs(u, at) / 2,
            strict=True,
        )
    )
    return prove(clause.formula, below, above)


_GATE = (pure_node, constant_amplitude, orthogonal_dictionary, normal_noise)
_SIGNALS = {mu: POSITIVE, s: POSITIVE}
_RARE = {p: between(0, CRITICAL), **_SIGNALS}

MINIMISER = Clause(
    name="interior minimiser",
    says="If the feature is sufficiently rare, $[[range p]]$, exactly one threshold minimises the error probability "
    "of a pure node: $[[formula]]$.",
    formula=Eq(B_BEST, INTERIOR),
    over=_RARE,
    assumes=_GATE,
    derive=derive_interior,
)

ZERO = Clause(
    name="minimiser at zero",
    says="If the feature is common enough, $[[range p]]$, the error probability of a pure node is smallest at "
    "threshold zero: $[[formula]]$.",
    formula=Eq(B_BEST, 0),
    over={p: Range(CRITICAL, Integer(1), open_low=True, open_high=True, natural_high=True), **_SIGNALS},
    assumes=_GATE,
    derive=derive_zero,
)

BOUNDARY = Clause(
    name="minimiser at the critical probability",
    says="At the critical probability, which separates rare from common features, the error probability of a pure "
    "node is smallest at threshold zero, and the closed-form approximation for rare features has the same limit: "
    "$[[formula]]$.",
    formula=Eq(B_BEST.subs(p, CRITICAL), 0) & Eq(B_BEST.subs(p, CRITICAL), LOWER_BOUND.subs(p, CRITICAL)),
    over=_SIGNALS,
    assumes=_GATE,
    derive=derive_boundary,
    # The right-hand sides are zero, so that a factor changes nothing.
    near_miss=NearMiss(
        "the surplus is larger by a factor of 101/100",
        Eq(B_BEST.subs(p, CRITICAL), (APPROXIMATION - Integer(101) / 100 * SURPLUS_BOUND).subs(p, CRITICAL)),
    ),
)

NEAR = Clause(
    name="plain approximation",
    says="For a rare feature, $[[range p]]$, the optimal threshold lies slightly below a simple closed form: "
    "$[[formula]]$.",
    formula=Lt(B_BEST, APPROXIMATION) & Gt(B_BEST, LOWER_BOUND),
    over=_RARE,
    assumes=_GATE,
    derive=derive_approximation,
    # Equality is reached at the critical probability alone, so 99/100 of the bound fails only just below it; the check
    # looks there.
    near_miss=NearMiss(
        "the surplus is smaller by a factor of 99/100",
        Lt(B_BEST, APPROXIMATION) & Gt(B_BEST, APPROXIMATION - Integer(99) / 100 * SURPLUS_BOUND),
    ),
)

G2 = Claim(
    id="G2",
    title="The optimal threshold",
    clauses=(MINIMISER, ZERO, BOUNDARY, NEAR),
    setting=(),
    source="beyond the paper; section 4.1 keeps the threshold free",
    kind="sharpened",
    depends_on=("G1",),
)

OPTIMAL_GATE = ClosedForm(
    name="optimal_gate",
    arguments={"omega": omega, "r": r, "sigma": sigma, "p": p},
    # acosh(1) = 0 is the optimum where LEVEL < 1, i.e. where the feature is common.
    expression=(s**2 / mu * acosh(Max(1, LEVEL))).subs({s: sigma * omega, mu: omega * r}),
    domain={"omega": POSITIVE, "r": POSITIVE, "sigma": POSITIVE, "p": between(0, 1)},
    claim="G2",
    words="threshold at which the error probability of a pure node is least, averaged over whether its feature "
    "is active",
)
