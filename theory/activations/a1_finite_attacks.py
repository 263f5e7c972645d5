"""A1, attacks of a given size: an inactive node passes nothing iff its activation is constant on their reach."""

from sympy import (
    Abs,
    And,
    Eq,
    Expr,
    Ge,
    Integer,
    Rational,
    Symbol,
    oo,
)

from theory.activations.choices import (
    GATE,
    v,
)
from theory.algebra import Box
from theory.claims import Clause, Mutation
from theory.derivation import Derivation, Proof, begin, prove
from theory.model import b, eps, named
from theory.theorems.attack_ball import Largest
from theory.theorems.resting import (
    Act,
    at_least_anywhere,
    largest_of_odd,
    of_a_constant,
    slope_at_rest,
    still_within,
)

_t, _u = Symbol("t", real=True), Symbol("u", real=True)
N = Symbol(r"\|w_h\|_*", positive=True)
_BELOW: Box = {eps: (Integer(0), b / N), b: (Integer(0), oo)}
_ANYWHERE: Box = {_u: (Integer(-1), Integer(1))}

CHANGE = named(r"\Delta_h")
CUBE_FIRST, CUBE_CHANGE = named(r"\lambda_{v^3}"), named(r"\Delta_{v^3}")


def derive_exact(clause: Clause) -> Proof:
    """Proof that an activation which is constant on the reach of the attack passes nothing."""
    change = _change(Act(_t), Act(Integer(0)))
    return prove(clause.formula, _begin_change(change, {}).by(of_a_constant(change, Act(_t), Act(Integer(0)))))


def derive_exact_gate(clause: Clause) -> Proof:
    """Proof that the gate passes nothing of an attack below its threshold."""
    gate = GATE.subs(v, _t)
    change = _change(gate, Integer(0))
    return prove(clause.formula, _begin_change(change, _BELOW).by(still_within(gate, _t, eps * N, b, _BELOW)))


def derive_not_exact(clause: Clause) -> Proof:
    """Proof that an activation which varies on the reach passes something."""
    change = _change(Act(_t), Act(Integer(0)))
    return prove(clause.formula, _begin_change(change, _ANYWHERE).by(at_least_anywhere(change, _u, _ANYWHERE)))


def _change(f: Expr, rest: Expr) -> Largest:
    return Largest(Abs(f - rest), _t, eps * N)


def _begin_change(change: Largest, box: Box) -> Derivation:
    reason = "the attack adds every t with |t| <= eps ||w_h||_* to the pre-activation (G4), which is 0 at rest"
    return begin(CHANGE, change, reason, box=box)


def derive_cube(clause: Clause) -> Proof:
    """Proof that the cube leaks nothing to first order and something at every size."""
    first = begin(CUBE_FIRST, slope_at_rest(v**3, v), "slope at rest").equals(Integer(0), "differentiate")
    change = begin(CUBE_CHANGE, Largest(Abs(_t**3), _t, eps * N), "largest change within the reach of the attack")
    return prove(clause.formula, first, change.by(largest_of_odd(_t**3, _t, eps * N)))


_ONE = {eps: Integer(1), N: Integer(1)}

EXACT = Clause(
    name="exact up to a size",
    says=r"An inactive node passes nothing at all of an attack of size $\varepsilon$, "
    r"$\Delta_h = \max |\mathrm{act}(t) - \mathrm{act}(0)| = 0$, if $\mathrm{act}$ is constant "
    r"on $|v| \le \varepsilon\|w_h\|_*$ ...",
    formula=Eq(CHANGE, 0),
    derive=derive_exact,
    mutation=Mutation("all of it", Eq(CHANGE, eps * N), _ONE, consequence=Eq(0 * eps, eps * N, evaluate=False)),
)

EXACT_ONLY = Clause(
    name="exact only then",
    says=r"... and only if: $\Delta_h \ge |\mathrm{act}(u\varepsilon\|w_h\|_*) - \mathrm{act}(0)|$ for "
    r"every $|u| < 1$.",
    formula=Ge(CHANGE, Abs(Act(_u * eps * N) - Act(Integer(0)))),
    box=_ANYWHERE,
    derive=derive_not_exact,
    mutation=Mutation(
        "at twice the size too (act = v)",
        Ge(CHANGE, Abs(Act(2 * _u * eps * N) - Act(Integer(0)))),
        {**_ONE, _u: Rational(3, 4)},
        consequence=Ge(eps * N, Abs(2 * _u * eps * N)),
    ),
)

EXACT_GATE = Clause(
    name="the gate is exact below its threshold",
    says=r"The gate is constant there for $\varepsilon\|w_h\|_* < b$: $\Delta_h = 0$.",
    formula=Eq(CHANGE, 0),
    box=_BELOW,
    derive=derive_exact_gate,
    mutation=Mutation(
        "as much as the attack",
        Eq(CHANGE, eps * N),
        {eps: Rational(1, 2), N: Integer(1), b: Integer(1), v: Rational(1, 2)},
        consequence=Eq(GATE, eps * N),
    ),
)

CUBE = Clause(
    name="the cube separates the two",
    says=r"$v^3$ passes nothing to first order, and $(\varepsilon\|w_h\|_*)^3$ at size $\varepsilon$.",
    formula=And(Eq(CUBE_FIRST, 0), Eq(CUBE_CHANGE, (eps * N) ** 3)),
    derive=derive_cube,
    mutation=Mutation("nothing at any size", Eq(CUBE_CHANGE, 0), _ONE, consequence=Eq((eps * N) ** 3, 0)),
)
