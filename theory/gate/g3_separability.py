"""G3: how strong signals must be for one threshold to make all gates correct at once."""

from sympy import Expr, Ge, Gt, IndexedBase, Integer, Le, Lt, Rational, Sum, Symbol, log, sqrt

from theory.algebra import Box
from theory.assumptions import normal_noise, orthogonal_dictionary, pure_node
from theory.claims import Claim, Clause, ClosedForm
from theory.derivation import Derivation, Proof, begin, prove
from theory.gate.g1_errors import FALSE_FIRE, MISS
from theory.model import Q, alpha, b, d, mu, s, sigma
from theory.quantities.gate import ALL_RIGHT, FIRE_RATE, MISS_RATE
from theory.ranges import COUNT, POSITIVE, Range, above
from theory.theorems.calculus import decreases
from theory.theorems.normal_tail import tail_bound
from theory.theorems.union_bound import NoneOccurs, termwise, union_bound

SILENT_ROOT: Expr = sqrt(2 * log(d / alpha))
"""Threshold in units of `s` at which one silent gate fires with probability at most `alpha/d`."""
ACTIVE_ROOT: Expr = sqrt(2 * log(d / (2 * alpha)))
"""Distance from the threshold, in units of `s`, at which one gate is missed with probability at most `alpha/d`."""

n = Symbol("n", integer=True, nonnegative=True)
"""Number of active features."""
_i = Symbol("i", integer=True, positive=True)
_surplus = IndexedBase("y", nonnegative=True)[_i]
_t = Symbol("t", real=True)

THRESHOLD: Expr = s * SILENT_ROOT
LEAST_SIGNAL: Expr = s * (SILENT_ROOT + ACTIVE_ROOT)


def derive_silent(clause: Clause) -> Proof:
    """Proof that an inactive gate fires with probability at most `alpha/d`."""
    rate = FALSE_FIRE.formula.rhs.subs(b, THRESHOLD)
    chain = begin(clause.formula.lhs, rate, "the false-fire rate of G1", box=clause.box)
    return prove(clause.formula, chain.within(tail_bound(SILENT_ROOT, clause.box)))


def derive_active(clause: Clause) -> Proof:
    """Proof that an active gate stays silent with probability below `alpha/d`."""
    chain = _active_gate(clause.formula.lhs, mu, clause.box)
    return prove(clause.formula, chain.within(tail_bound(ACTIVE_ROOT, clause.box)))


def derive_all(clause: Clause) -> Proof:
    """Proof that all gates are right with probability above `1 - alpha`, by the union bound."""
    box: Box = {**clause.box, n: (Integer(0), d)}
    signal = LEAST_SIGNAL + s * _surplus
    fire, active_gate = 2 * Q(SILENT_ROOT), _active_gate(MISS_RATE(THRESHOLD, signal, s), signal, box)
    fires, misses = Sum(fire, (_i, 1, d - n)), Sum(active_gate.subject, (_i, 1, n))
    model = "no inactive node fires and no active one, of signal mu + s y_i, is missed; their rates are those of G1"
    chain = (
        begin(clause.formula.lhs, NoneOccurs(fires, misses), model, box=box)
        .by(union_bound(NoneOccurs(fires, misses)))
        .within(termwise(misses, active_gate, box))
        .equals(1 - 2 * (d - n) * Q(SILENT_ROOT) - n * Q(ACTIVE_ROOT), "n active and d - n inactive nodes")
        # Either bound is strict: one of them counts whatever the support.
        .within(tail_bound(SILENT_ROOT, box, strict=True))
        .within(tail_bound(ACTIVE_ROOT, box, strict=True))
        .equals(1 - alpha, "d terms of alpha/d")
    )
    return prove(clause.formula, chain, lemmas=(active_gate,))


def _active_gate(name: Expr, signal: Expr, box: Box) -> Derivation:
    """The chain from the miss rate of G1 at the threshold and `signal` to a tail that does not depend on the signal."""
    rate = MISS.formula.rhs.subs({b: THRESHOLD, mu: signal}, simultaneous=True)
    near, far = (signal - THRESHOLD) / s, (signal + THRESHOLD) / s
    return (
        begin(name, rate, "the miss rate of G1", box=box)
        .equals(Q(near) - Q(far), "symmetry of the normal law")
        .at_most(Q(near), "a tail is positive", gap=Q(far), strict=True)
        .within(decreases(Q(_t), _t, ACTIVE_ROOT, near, box))
    )


_LAYER = (pure_node, orthogonal_dictionary, normal_noise)
_PROPER = Range(Integer(0), d / 2, open_low=True, open_high=True, natural_high=True)
"""Errors for which the distance of the signal from the threshold is the root of a positive number."""

SILENT = Clause(
    name="inactive gate",
    says="At the threshold $[[threshold]]$, the gate of an absent feature fires with probability at most $[[rhs]]$: "
    "$[[formula]]$ for $[[range alpha]]$.",
    parts={"threshold": lambda clause: clause.formula.lhs.args[0]},
    formula=Le(FIRE_RATE(THRESHOLD, s), alpha / d),
    over={alpha: Range(Integer(0), d, open_low=True, natural_high=True), d: COUNT, s: POSITIVE},
    assumes=_LAYER,
    derive=derive_silent,
)

ACTIVE = Clause(
    name="active gate",
    says="At the threshold $[[threshold]]$, the gate of an active feature with signal $[[range mu]]$ stays silent "
    "with probability below $[[rhs]]$: $[[formula]]$ for $[[range alpha]]$.",
    parts={"threshold": lambda clause: clause.formula.lhs.args[0]},
    formula=Lt(MISS_RATE(THRESHOLD, mu, s), alpha / d),
    over={mu: above(LEAST_SIGNAL), alpha: _PROPER, d: COUNT, s: POSITIVE},
    assumes=_LAYER,
    derive=derive_active,
    # At d = 2 alpha and the least signal the rate is Q(0) - Q(2 sqrt(2 log 2)), 1.9 % below the bound.
    resolution=Rational(1, 50),
)

ALL = Clause(
    name="all gates",
    says="With the threshold $[[threshold]]$ and signals of at least $[[signal]]$, all $d$ gates are correct with "
    "probability above $[[rhs]]$, whatever the support: $[[formula]]$ for $[[range alpha]]$.",
    parts={
        "threshold": lambda clause: clause.formula.lhs.args[1],
        "signal": lambda clause: clause.formula.lhs.args[2],
    },
    formula=Gt(ALL_RIGHT(d, THRESHOLD, LEAST_SIGNAL, s), 1 - alpha),
    over={alpha: _PROPER, d: COUNT, s: POSITIVE},
    # The number of active features: the statement holds for each that there can be.
    box={alpha: (Integer(0), d / 2), n: (Integer(0), d)},
    assumes=_LAYER,
    derive=derive_all,
    # At d = 1 with the feature active the probability is that of the clause before, so it is as near as that.
    resolution=Rational(1, 50),
)

G3 = Claim(
    id="G3",
    title="Separability of all gates",
    clauses=(SILENT, ACTIVE, ALL),
    setting=(),
    source="beyond the paper; section 4.1 argues with orders of magnitude",
    kind="sharpened",
    depends_on=("G1",),
)

SEPARABILITY_THRESHOLD = ClosedForm(
    name="separability_threshold",
    arguments={"d": d, "sigma": sigma, "alpha": alpha},
    expression=LEAST_SIGNAL.subs(s, sigma),
    domain={"d": COUNT, "sigma": POSITIVE, "alpha": Range(Integer(0), Integer(1), open_low=True, open_high=True)},
    claim="G3",
    words="least amplitude at which all gates are correct with probability at least 1 - alpha (omega r_min over "
    "|omega|)",
    requires=((Ge(d, 2 * alpha), "d >= 2 alpha"),),
)
