"""G4: how large an attack must be to fire an inactive pure node or to silence an active one."""

from sympy import Abs, Add, Basic, Eq, Ge, Integer, Integral, Le, Lt, Max, Rational, Symbol, oo, sqrt, symbols

from theory.algebra import Box
from theory.claims import Claim, Clause, Mutation
from theory.derivation import Derivation, Proof, begin, prove
from theory.model import Q, b, eps, named, normal_density, s
from theory.theorems.attack_ball import Largest, Least, each_below, largest_modulus, least_modulus, one_of
from theory.theorems.calculus import fundamental_theorem

DUAL_NORM = Symbol(r"\|w_h\|_*", positive=True)
"""Dual norm of the node's weights."""
u = Symbol(r"|w_h^T z|", nonnegative=True)
"""Modulus of the pre-activation before the attack."""
_N2 = Symbol(r"\|w_h\|_2", positive=True)
V_MAX = named(r"v_{max}")
V_MIN = named(r"v_{min}")
P_ATTACKED = named("P_{fire}")
_t = Symbol("t", real=True)

_WITHIN: Box = {eps: (Integer(0), b / DUAL_NORM), b: (Integer(0), oo)}
_BEYOND: Box = {eps: (b / DUAL_NORM, oo), b: (Integer(0), oo)}
_SILENCED: Box = {eps: ((u - b) / DUAL_NORM, oo), u: (b, oo), b: (Integer(0), oo)}
_KEPT: Box = {eps: (Integer(0), (u - b) / DUAL_NORM), u: (b, oo), b: (Integer(0), oo)}

_MOVES = "by the definition of the dual norm the attack adds every t with |t| <= eps ||w_h||_*, and no other"


def derive_reach(clause: Clause) -> Proof:
    """Proof of the largest modulus that the attack can give the pre-activation."""
    return prove(clause.formula, _largest(u, {}))


def derive_depth(clause: Clause) -> Proof:
    """Proof of the least modulus that the attack can leave the pre-activation."""
    return prove(clause.formula, _least({}))


def derive_fires(clause: Clause) -> Proof:
    """Proof that an inactive node fires once the reach is the threshold."""
    return prove(clause.formula, _largest(Integer(0), _BEYOND).at_least(b, "eps ||w_h||_* >= b"))


def derive_stays_silent(clause: Clause) -> Proof:
    """Proof that an inactive node stays silent before that."""
    return prove(clause.formula, _largest(Integer(0), _WITHIN).at_most(b, "eps ||w_h||_* < b", strict=True))


def derive_silenced(clause: Clause) -> Proof:
    """Proof that an active node falls silent once the reach exceeds its margin."""
    chain = _least(_SILENCED)
    return prove(clause.formula, chain.by(each_below(chain.end, b, _SILENCED)))


def derive_keeps_firing(clause: Clause) -> Proof:
    """Proof that an active node keeps firing before that."""
    chain = _least(_KEPT)
    kept = chain.by(one_of(chain.end, u - eps * DUAL_NORM)).at_least(b, "eps ||w_h||_* <= |w_h^T z| - b")
    return prove(clause.formula, kept)


def derive_noise(clause: Clause) -> Proof:
    """Proof of the probability that noise and attack together fire an inactive node."""
    margin = b - eps * DUAL_NORM
    silent = Integral(normal_density(_t, 0, s), (_t, -margin, margin))
    chain = (
        begin(P_ATTACKED, 1 - silent, "the noise n ~ N(0, s^2) leaves v_max = |n| + eps ||w_h||_*, below b or not")
        .within(fundamental_theorem(silent, -Q(_t / s)))
        .equals(2 * Q(margin / s), "symmetry of the normal law")
    )
    return prove(clause.formula, chain)


def derive_certain(clause: Clause) -> Proof:
    """Proof that no noise saves an inactive node within reach."""
    return prove(clause.formula, _largest(u, _BEYOND).at_least(b, "eps ||w_h||_* >= b, whatever the noise"))


def _largest(before: Basic, box: Box) -> Derivation:
    start = begin(V_MAX, Largest(Abs(before + _t), _t, eps * DUAL_NORM), _MOVES, box=box)
    return start.by(largest_modulus(before, eps * DUAL_NORM))


def _least(box: Box) -> Derivation:
    return begin(V_MIN, Least(Abs(u + _t), _t, eps * DUAL_NORM), _MOVES, box=box).by(least_modulus(u, eps * DUAL_NORM))


_ONE = {eps: Integer(1), DUAL_NORM: Integer(1), b: Integer(1)}
_w = symbols("w_1:5", positive=True)
_HALVES = {**dict.fromkeys(_w, Rational(1, 2)), eps: Integer(1)}

REACH = Clause(
    name="largest pre-activation",
    says=r"The attack can raise $|w_h^T z|$ to $v_{max} = |w_h^T z| + \varepsilon\|w_h\|_*$, and no further.",
    formula=Eq(V_MAX, u + eps * DUAL_NORM),
    derive=derive_reach,
    mutation=Mutation(
        "the l2 norm against an l_inf attack",
        Eq(V_MAX, u + eps * _N2),
        _HALVES,
        # The attack (1, 1, 1, 1) eps moves w^T z by eps sum_i w_i.
        consequence=Le(eps * Add(*_w), eps * sqrt(Add(*(w**2 for w in _w)))),
    ),
)

DEPTH = Clause(
    name="least pre-activation",
    says=r"It can lower $|w_h^T z|$ to $v_{min} = \max(0, |w_h^T z| - \varepsilon\|w_h\|_*)$, and no further.",
    formula=Eq(V_MIN, Max(0, u - eps * DUAL_NORM)),
    derive=derive_depth,
    mutation=Mutation(
        "below zero",
        Eq(V_MIN, u - eps * DUAL_NORM),
        {u: Integer(1), eps: Integer(2), DUAL_NORM: Integer(1)},
        consequence=Ge(u - eps * DUAL_NORM, 0),
    ),
)

FIRES = Clause(
    name="can be fired",
    says=r"No noise, $b > 0$: an attack of size $\varepsilon$ can fire an inactive pure node "
    r"if $\varepsilon\|w_h\|_* \ge b$ ...",
    formula=Ge(V_MAX, b),
    box=_BEYOND,
    derive=derive_fires,
    mutation=Mutation("twice the threshold", Ge(V_MAX, 2 * b), _ONE, consequence=Ge(eps * DUAL_NORM, 2 * b)),
)

STAYS_SILENT = Clause(
    name="cannot be fired",
    says=r"... and only if: below that its pre-activation stays under the threshold.",
    formula=Lt(V_MAX, b),
    box=_WITHIN,
    derive=derive_stays_silent,
    mutation=Mutation(
        "half the threshold",
        Lt(V_MAX, b / 2),
        {eps: Rational(3, 4), DUAL_NORM: Integer(1), b: Integer(1)},
        consequence=Lt(eps * DUAL_NORM, b / 2),
    ),
)

_LIFTED = {eps: Rational(3, 2), DUAL_NORM: Integer(1), b: Integer(1), u: Integer(2)}

SILENCED = Clause(
    name="can be silenced",
    says=r"It can silence an active pure node if $\varepsilon\|w_h\|_* > |w_h^T z| - b$ ...",
    formula=Lt(V_MIN, b),
    box=_SILENCED,
    derive=derive_silenced,
    mutation=Mutation("to half the threshold", Lt(V_MIN, b / 2), _LIFTED, consequence=Lt(u - eps * DUAL_NORM, b / 2)),
)

KEEPS_FIRING = Clause(
    name="cannot be silenced",
    says=r"... and only if: up to that its pre-activation stays at the threshold or above.",
    formula=Ge(V_MIN, b),
    box=_KEPT,
    derive=derive_keeps_firing,
    mutation=Mutation(
        "above the threshold at the end of the range",
        Ge(V_MIN, 2 * b),
        {eps: Integer(1), DUAL_NORM: Integer(1), b: Integer(1), u: Integer(2)},
        consequence=Ge(u - eps * DUAL_NORM, 2 * b),
    ),
)

NOISE = Clause(
    name="with noise",
    says=r"With noise, for $\varepsilon\|w_h\|_* \le b$, it can fire an inactive pure node with probability "
    r"$P(|N(0, s^2)| \ge b - \varepsilon\|w_h\|_*) = 2Q((b - \varepsilon\|w_h\|_*)/s)$.",
    formula=Eq(P_ATTACKED, 2 * Q((b - eps * DUAL_NORM) / s)),
    box=_WITHIN,
    derive=derive_noise,
    mutation=Mutation(
        "one tail instead of two",
        Eq(P_ATTACKED, Q((b - eps * DUAL_NORM) / s)),
        {eps: Rational(1, 2), DUAL_NORM: Integer(1), b: Integer(1), s: Integer(1)},
    ),
)

CERTAIN = Clause(
    name="with noise, beyond the threshold",
    says=r"With noise, for $\varepsilon\|w_h\|_* \ge b$, it can always fire it: that probability is one.",
    formula=Ge(V_MAX, b),
    box=_BEYOND,
    derive=derive_certain,
    mutation=Mutation(
        "twice the threshold", Ge(V_MAX, 2 * b), {**_ONE, u: Integer(0)}, consequence=Ge(u + eps * DUAL_NORM, 2 * b)
    ),
)

G4 = Claim(
    id="G4",
    title="Attack immunity of inactive features",
    clauses=(REACH, DEPTH, FIRES, STAYS_SILENT, SILENCED, KEEPS_FIRING, NOISE, CERTAIN),
    setting=(
        r"A pure node $w_h = \omega M_i$ with threshold $b > 0$",
        r"The attack: every $\delta$ with $\|\delta\| \le \varepsilon$, in any norm, with dual norm $\|\cdot\|_*$",
        "Without noise the pre-activation of an inactive pure node is zero; with noise it is $N(0, s^2)$",
    ),
    source="section 4.2",
    kind="paper",
    depends_on=("G1",),
)
