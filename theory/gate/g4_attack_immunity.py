"""G4: how large an attack must be to make an inactive pure node fire or to silence an active one."""

from sympy import Abs, Basic, Eq, Expr, Ge, Integer, Integral, Lt, Max, Symbol, oo

from theory.algebra import Box
from theory.assumptions import (
    absent_feature,
    attack_ball,
    no_noise,
    normal_noise,
    orthogonal_dictionary,
    pure_node,
)
from theory.claims import Claim, Clause
from theory.derivation import Derivation, Proof, begin, prove
from theory.model import Q, b, eps, normal_density, s
from theory.quantities.gate import ATTACKED_FIRE_RATE, DUAL_NORM, V_MAX, V_MIN
from theory.ranges import NONNEGATIVE, POSITIVE, Range, above, at_least, closed
from theory.theorems.attack_ball import Largest, Least, each_below, largest_modulus, least_modulus, one_of
from theory.theorems.calculus import fundamental_theorem

u = Symbol(r"|w_{h}^\top z|", nonnegative=True)
"""Modulus of the pre-activation before the attack."""
_t = Symbol("t", real=True)

REACHING: Expr = b / DUAL_NORM
"""The least attack that fires an inactive node."""
SILENCING: Expr = (u - b) / DUAL_NORM
"""Attacks larger than this silence an active node."""

_MOVES = "by the definition of the dual norm the attack adds every t with |t| <= eps ||w_h||_*, and no other"


def derive_reach(clause: Clause) -> Proof:
    """Proof of the largest modulus that the attack can give the pre-activation."""
    return prove(clause.formula, _largest(u, {}))


def derive_depth(clause: Clause) -> Proof:
    """Proof of the least modulus that the attack can leave the pre-activation."""
    return prove(clause.formula, _least({}))


def derive_fires(clause: Clause) -> Proof:
    """Proof that any node fires once the reach is the threshold."""
    return prove(clause.formula, _largest(u, clause.box).at_least(b, "eps ||w_h||_* >= b, whatever the observation"))


def derive_stays_silent(clause: Clause) -> Proof:
    """Proof that an inactive node stays silent before that."""
    # The bound does not ask for eps >= 0, so that it is strict at eps = 0 too.
    box = {**clause.box, eps: (-oo, clause.over[eps].high)}
    return prove(clause.formula, _largest(Integer(0), box).at_most(b, "eps ||w_h||_* < b", strict=True))


def derive_silenced(clause: Clause) -> Proof:
    """Proof that a node falls silent once the reach exceeds its margin."""
    # The bound does not ask for |w_h^T z| >= b, so that it is strict there too.
    box = {x: ends for x, ends in clause.box.items() if x != u}
    chain = _least(box)
    return prove(clause.formula, chain.by(each_below(chain.end, b, box)))


def derive_keeps_firing(clause: Clause) -> Proof:
    """Proof that an active node keeps firing before that."""
    chain = _least(clause.box)
    kept = chain.by(one_of(chain.end, u - eps * DUAL_NORM)).at_least(b, "eps ||w_h||_* <= |w_h^T z| - b")
    return prove(clause.formula, kept)


def derive_noise(clause: Clause) -> Proof:
    """Proof of the probability that noise and attack together fire an inactive node."""
    margin = b - eps * DUAL_NORM
    silent = Integral(normal_density(_t, 0, s), (_t, -margin, margin))
    reason = "the noise n ~ N(0, s^2) leaves v_max = |n| + eps ||w_h||_*, below b or not"
    chain = (
        begin(ATTACKED_FIRE_RATE, 1 - silent, reason, box=clause.box)
        .within(fundamental_theorem(silent, -Q(_t / s)))
        .equals(2 * Q(margin / s), "symmetry of the normal law")
    )
    return prove(clause.formula, chain)


def _largest(before: Basic, box: Box) -> Derivation:
    start = begin(V_MAX, Largest(Abs(before + _t), _t, eps * DUAL_NORM), _MOVES, box=box)
    return start.by(largest_modulus(before, eps * DUAL_NORM))


def _least(box: Box) -> Derivation:
    return begin(V_MIN, Least(Abs(u + _t), _t, eps * DUAL_NORM), _MOVES, box=box).by(least_modulus(u, eps * DUAL_NORM))


_NODE = (attack_ball,)
_INACTIVE = (attack_ball, pure_node, absent_feature, orthogonal_dictionary)
_PARAMETERS = {b: POSITIVE, DUAL_NORM: POSITIVE}
_ACTIVE = Range(b, oo, natural=True)
"""Where the node fires without an attack."""

REACH = Clause(
    name="largest pre-activation",
    says="The largest modulus that an attack can give to the pre-activation of a node is $[[formula]]$.",
    formula=Eq(V_MAX, u + eps * DUAL_NORM),
    over={u: NONNEGATIVE, eps: NONNEGATIVE, DUAL_NORM: POSITIVE},
    assumes=_NODE,
    derive=derive_reach,
)

DEPTH = Clause(
    name="least pre-activation",
    says="The smallest modulus that an attack can leave to the pre-activation of a node is $[[formula]]$.",
    formula=Eq(V_MIN, Max(0, u - eps * DUAL_NORM)),
    over={u: NONNEGATIVE, eps: NONNEGATIVE, DUAL_NORM: POSITIVE},
    assumes=_NODE,
    derive=derive_depth,
)

FIRES = Clause(
    name="can be fired",
    says="An attack of size $[[range epsilon]]$ can make any node fire, whatever the observation and the noise: "
    "$[[formula]]$.",
    formula=Ge(V_MAX, b),
    over={eps: at_least(REACHING), u: NONNEGATIVE, **_PARAMETERS},
    assumes=_NODE,
    derive=derive_fires,
)

STAYS_SILENT = Clause(
    name="cannot be fired",
    says="Without noise, no attack of size $[[range epsilon]]$ can make a pure node fire whose feature is absent: "
    "$[[formula]]$.",
    formula=Lt(V_MAX, b),
    over={eps: Range(Integer(0), REACHING, open_high=True), **_PARAMETERS},
    assumes=(*_INACTIVE, no_noise),
    derive=derive_stays_silent,
)

SILENCED = Clause(
    name="can be silenced",
    says="An attack of size $[[range epsilon]]$ can silence a firing node: $[[formula]]$.",
    formula=Lt(V_MIN, b),
    over={eps: above(SILENCING), u: _ACTIVE, **_PARAMETERS},
    assumes=_NODE,
    derive=derive_silenced,
)

KEEPS_FIRING = Clause(
    name="cannot be silenced",
    says="No attack of size $[[range epsilon]]$ can silence a firing node: $[[formula]]$.",
    formula=Ge(V_MIN, b),
    over={eps: closed(0, SILENCING), u: _ACTIVE, **_PARAMETERS},
    assumes=_NODE,
    derive=derive_keeps_firing,
)

NOISE = Clause(
    name="with noise",
    says="With noise of standard deviation $s$, the probability that some attack of size $[[range epsilon]]$ makes a "
    "pure node fire whose feature is absent is $[[formula]]$.",
    formula=Eq(ATTACKED_FIRE_RATE, 2 * Q((b - eps * DUAL_NORM) / s)),
    over={eps: closed(0, REACHING), **_PARAMETERS, s: POSITIVE},
    assumes=(*_INACTIVE, normal_noise),
    derive=derive_noise,
)

G4 = Claim(
    id="G4",
    title="Attack immunity of inactive features",
    clauses=(REACH, DEPTH, FIRES, STAYS_SILENT, SILENCED, KEEPS_FIRING, NOISE),
    setting=(),
    source="section 4.2",
    kind="paper",
    depends_on=("G1",),
)
