"""P7, per sample: what clean and adversarial training do to the weight of a feature that is not there."""

from sympy import Abs, Basic, Eq, Function, Ge, IndexedBase, Integer, Rational, Sum, Symbol, sqrt

from theory.claims import Clause, Mutation
from theory.derivation import Derivation, Proof, begin, prove
from theory.model import eps, named
from theory.theorems.forces import not_in_support

_e, _u, _c, _x, _y, _rest, _a, _t = (
    Symbol(name, real=True) for name in ("e", "u_jh", "c", "x_j", "y", "f_0", "a_h", "t")
)
_energy = Symbol("q", nonnegative=True)
_gate = Function("gate")
_heads = IndexedBase("a", real=True)
_h = Symbol("h", integer=True, positive=True)
_active = Symbol("n", integer=True, positive=True)
BETA_J = Symbol("beta_j", real=True)
NORM = Symbol(r"\|\beta\|", positive=True)
HEADS = Symbol(r"\sum_{h \in \mathrm{Act}} a_h^2", nonnegative=True)
CLEAN_CHANGE = Symbol(r"\Delta_{u_{jh}} L_{clean}")
FLOW = named(r"\dot\beta_j")
RATE = Symbol(r"-\dot{\beta}_j/\beta_j")
_FORCE = named(r"\dot u_{jh}")

_STRENGTH = 2 * eps * (Abs(_e) + eps * NORM) / NORM
_AT = {eps: Rational(1, 2), _e: Integer(1), NORM: Integer(4)}


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
    loss = (Abs(_e) + eps * norm) ** 2
    return begin(
        _FORCE,
        -loss.diff(_u),
        "gradient flow on P2's worst case; beta_j = c + a_h u_jh, ||beta||^2 = q + beta_j^2",
    )


def derive_flow(clause: Clause) -> Proof:
    """Proof of the flow of cross-talk, from the forces on all active nodes."""
    force = _force()
    named_force = force.end.xreplace({_c: BETA_J - _a * _u}).xreplace({_energy: NORM**2 - BETA_J**2})
    total = Sum(_heads[_h] * named_force.xreplace({_a: _heads[_h]}), (_h, 1, _active))
    chain = begin(FLOW, total, "beta_j = sum of a_h u_jh over the n active nodes").equals(
        -_STRENGTH * Sum(_heads[_h] ** 2, (_h, 1, _active)) * BETA_J, "common factors"
    )
    return prove(clause.formula, chain, lemmas=(force,))


def derive_rate(clause: Clause) -> Proof:
    """Proof of the least rate at which cross-talk shrinks."""
    chain = begin(RATE, _STRENGTH * HEADS, "the flow, divided by -beta_j").at_least(2 * eps**2 * HEADS, "|e| >= 0")
    return prove(clause.formula, chain)


CLEAN = Clause(
    name="clean force",
    says=r"For $j \notin A$ the clean loss does not change with $u_{jh}$, in any network: its gradient there is zero.",
    formula=Eq(CLEAN_CHANGE, 0),
    derive=derive_clean,
    mutation=Mutation(
        "clean training shrinks cross-talk too",
        Eq(CLEAN_CHANGE, -2 * eps * BETA_J * _t),
        {eps: Rational(1, 2), BETA_J: Integer(1), _t: Integer(1)},
        consequence=Eq(-2 * eps * BETA_J * _t, 0),
    ),
)

CROSS_TALK = Clause(
    name="cross-talk flow",
    says=r"Under the worst-case loss of P2, with gates and head fixed and $\beta \ne 0$, cross-talk shrinks: "
    r"$\dot\beta_j = -2\epsilon\,(|e| + \epsilon\|\beta\|)/\|\beta\|\,\sum_{h \in \mathrm{Act}} a_h^2\;\beta_j$.",
    formula=Eq(FLOW, -_STRENGTH * Sum(_heads[_h] ** 2, (_h, 1, _active)) * BETA_J),
    derive=derive_flow,
    mutation=Mutation(
        "the error forgotten",
        Eq(FLOW, -2 * eps**2 * Sum(_heads[_h] ** 2, (_h, 1, _active)) * BETA_J),
        _AT,
        consequence=Eq(_STRENGTH, 2 * eps**2),
    ),
)

LEAST_RATE = Clause(
    name="least rate",
    says=r"It shrinks at a rate of at least $2\epsilon^2 \sum_{h \in \mathrm{Act}} a_h^2$.",
    formula=Ge(RATE, 2 * eps**2 * HEADS),
    derive=derive_rate,
    mutation=Mutation(
        "faster by the factor 1 + |e|",
        Ge(RATE, 2 * eps**2 * (1 + Abs(_e)) * HEADS),
        {**_AT, HEADS: Integer(1)},
    ),
)
