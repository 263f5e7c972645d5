"""A1, attacks of a given size: an inactive node passes nothing iff its activation is constant on their reach."""

from sympy import Abs, Eq, Expr, Ge, Integer, Symbol

from theory.activations.choices import GATE, v
from theory.algebra import Box
from theory.assumptions import (
    Assumption,
    absent_feature,
    attack_ball,
    no_noise,
    orthogonal_dictionary,
    pure_node,
)
from theory.claims import Clause
from theory.derivation import Derivation, Proof, begin, prove
from theory.model import b, eps
from theory.quantities.activations import CHANGE, CUBE_CHANGE, CUBE_LEAK
from theory.quantities.gate import DUAL_NORM
from theory.ranges import NONNEGATIVE, POSITIVE, Range, closed
from theory.theorems.attack_ball import Largest
from theory.theorems.near_zero import (
    Act,
    at_least_anywhere,
    largest_of_odd,
    of_a_constant,
    slope_at_zero,
    still_within,
)

_t = Symbol("t", real=True)
u = Symbol("u", real=True)
"""A pre-activation as a share of the reach."""
_REACH = eps * DUAL_NORM


def derive_exact(clause: Clause) -> Proof:
    """Proof that an activation which is constant on the reach of the attack passes nothing."""
    change = _change(Act(_t), Act(Integer(0)))
    return prove(clause.formula, _begin_change(change, {}).by(of_a_constant(change, Act(_t), Act(Integer(0)))))


def derive_exact_gate(clause: Clause) -> Proof:
    """Proof that the gate passes nothing of an attack below its threshold."""
    gate = GATE.subs(v, _t)
    change = _change(gate, Integer(0))
    return prove(clause.formula, _begin_change(change, clause.box).by(still_within(gate, _t, _REACH, b, clause.box)))


def derive_not_exact(clause: Clause) -> Proof:
    """Proof that an activation which varies on the reach passes something."""
    change = _change(Act(_t), Act(Integer(0)))
    return prove(clause.formula, _begin_change(change, clause.box).by(at_least_anywhere(change, u, clause.box)))


def _change(f: Expr, rest: Expr) -> Largest:
    return Largest(Abs(f - rest), _t, _REACH)


def _begin_change(change: Largest, box: Box) -> Derivation:
    reason = "the attack adds every t with |t| <= eps ||w_h||_* to a pre-activation of 0 (G4)"
    return begin(CHANGE, change, reason, box=box)


def derive_cube(clause: Clause) -> Proof:
    """Proof that the cube leaks nothing to first order and something at every size."""
    first = begin(CUBE_LEAK, slope_at_zero(v**3, v), "slope at zero").equals(Integer(0), "differentiate")
    change = begin(CUBE_CHANGE, Largest(Abs(_t**3), _t, _REACH), "largest change within the reach of the attack")
    return prove(clause.formula, first, change.by(largest_of_odd(_t**3, _t, _REACH)))


constant_on_reach = Assumption(
    "constant on the reach",
    r"The activation is constant within the reach of the attack, $|v| \le \varepsilon\|w_h\|_*$.",
)
AT_REST = (attack_ball, pure_node, absent_feature, orthogonal_dictionary, no_noise)
_SIZES = {eps: NONNEGATIVE, DUAL_NORM: POSITIVE}

EXACT = Clause(
    name="exact up to a size",
    says="If the activation is constant within the reach of the attack, a node whose feature is absent passes on "
    "nothing of the attack: $[[formula]]$.",
    formula=Eq(CHANGE, 0),
    over=_SIZES,
    assumes=(*AT_REST, constant_on_reach),
    derive=derive_exact,
)

EXACT_ONLY = Clause(
    name="exact only then",
    says="A node whose feature is absent passes on at least as much of the attack as its activation varies within "
    "the reach: $[[formula]]$ for $[[range u]]$.",
    formula=Ge(CHANGE, Abs(Act(u * _REACH) - Act(Integer(0)))),
    over={u: closed(-1, 1), **_SIZES},
    assumes=AT_REST,
    derive=derive_not_exact,
)

EXACT_GATE = Clause(
    name="the gate is exact below its threshold",
    says="A gate whose feature is absent passes on nothing of an attack of size $[[range epsilon]]$: $[[formula]]$.",
    formula=Eq(CHANGE, 0),
    over={eps: Range(Integer(0), b / DUAL_NORM, open_high=True), DUAL_NORM: POSITIVE, b: POSITIVE},
    assumes=AT_REST,
    derive=derive_exact_gate,
)

CUBE = Clause(
    name="the cube separates the two",
    says="The activation $v^3$ is flat at zero and yet passes on part of every attack: $[[formula]]$.",
    formula=Eq(CUBE_LEAK, 0) & Eq(CUBE_CHANGE, _REACH**3),
    over=_SIZES,
    assumes=AT_REST,
    derive=derive_cube,
)
