"""P7, per sample: what clean and adversarial training do to the weight of a feature that is not there."""

from sympy import Abs, Basic, Eq, Function, Ge, Sum, Symbol, sqrt

from theory.assumptions import inside_region, no_noise
from theory.claims import Clause
from theory.derivation import Derivation, Proof, begin, prove
from theory.model import eps, named
from theory.quantities.forces import ACTIVE_HEADS, BETA_J, CLEAN_CHANGE, ERROR, FLOW, NORM, RATE
from theory.ranges import COUNT, NONNEGATIVE
from theory.theorems.forces import OFF_SUPPORT, not_in_support

_u, _c, _x, _y, _rest, _a, _t = (Symbol(name, real=True) for name in ("u_jh", "c", "x_j", "y", "f_0", "a_h", "t"))
_energy = Symbol("q", nonnegative=True)
_gate = Function("gate")
_h = Symbol("h", integer=True, positive=True)
active = Symbol("n", integer=True, positive=True)
"""Number of active nodes."""
_FORCE = named(r"\dot u_{jh}")

_STRENGTH = 2 * eps * (Abs(ERROR) + eps * NORM) / NORM
HEADS = Sum(ACTIVE_HEADS[_h] ** 2, (_h, 1, active))


def derive_clean(clause: Clause) -> Proof:
    """Proof that the clean loss does not depend on `u_jh`."""

    def loss(weight: Basic) -> Basic:
        return (_y - _rest - _a * _gate(_c + weight * _x)) ** 2

    change = loss(_u + _t) - loss(_u)
    reason = "node h sees v_h = c + u_jh x_j; the other nodes do not depend on u_jh"
    return prove(clause.formula, begin(CLEAN_CHANGE, change, reason).by(not_in_support(change, _x)))


def _force() -> Derivation:
    """The gradient flow of one weight: gates and head fixed, and by the clean clause `e` does not depend on it."""
    beta = _c + _a * _u
    norm = sqrt(_energy + beta**2)
    loss = (Abs(ERROR) + eps * norm) ** 2
    return begin(
        _FORCE,
        -loss.diff(_u),
        "gradient flow on P2's worst case; beta_j = c + a_h u_jh, ||beta||^2 = q + beta_j^2",
    )


def derive_flow(clause: Clause) -> Proof:
    """Proof of the flow of cross-talk, from the forces on all active nodes."""
    force = _force()
    named_force = force.end.xreplace({_c: BETA_J - _a * _u}).xreplace({_energy: NORM**2 - BETA_J**2})
    total = Sum(ACTIVE_HEADS[_h] * named_force.xreplace({_a: ACTIVE_HEADS[_h]}), (_h, 1, active))
    chain = begin(FLOW, total, "beta_j = sum of a_h u_jh over the n active nodes").equals(
        -_STRENGTH * HEADS * BETA_J, "common factors"
    )
    return prove(clause.formula, chain, lemmas=(force,))


def derive_rate(clause: Clause) -> Proof:
    """Proof of the least rate at which cross-talk shrinks."""
    chain = begin(RATE, _STRENGTH * HEADS, "the flow, divided by -beta_j").at_least(2 * eps**2 * HEADS, "|e| >= 0")
    return prove(clause.formula, chain)


absent = OFF_SUPPORT

CLEAN = Clause(
    name="clean force",
    says="Clean training leaves the weight of an absent feature unchanged, because the clean loss does not depend on "
    "it: $[[formula]]$.",
    formula=Eq(CLEAN_CHANGE, 0),
    assumes=(absent, no_noise),
    derive=derive_clean,
)

CROSS_TALK = Clause(
    name="cross-talk flow",
    says="Adversarial training drives the cross-talk of an absent feature towards zero, and does so faster for "
    "larger attacks and larger errors: $[[formula]]$.",
    formula=Eq(FLOW, -_STRENGTH * HEADS * BETA_J),
    over={eps: NONNEGATIVE, active: COUNT},
    assumes=(absent, no_noise, inside_region),
    depends_on=("P2/worst case", "P7/clean force"),
    derive=derive_flow,
)

LEAST_RATE = Clause(
    name="least rate",
    says="Cross-talk decays at a rate of at least $[[rhs]]$, which is set by the energy of the active heads.",
    formula=Ge(RATE, 2 * eps**2 * HEADS),
    over={eps: NONNEGATIVE, active: COUNT},
    assumes=(absent, no_noise, inside_region),
    depends_on=("P7/cross-talk flow",),
    derive=derive_rate,
)
