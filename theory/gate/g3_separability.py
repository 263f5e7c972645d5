"""G3: a signal this strong lets one threshold keep all gates right at once."""

from sympy import And, Basic, Expr, Function, Ge, IndexedBase, Integer, Le, Rational, Sum, Symbol, log, sqrt

from theory.algebra import Box
from theory.claims import Claim, Clause, ClosedForm, Mutation
from theory.derivation import Derivation, Proof, begin, prove
from theory.gate.g1_errors import FALSE_FIRE, MISS
from theory.model import Q, alpha, b, d, mu, s, sigma
from theory.ranges import COUNT, POSITIVE, Range
from theory.theorems.calculus import decreases
from theory.theorems.normal_tail import tail_bound
from theory.theorems.union_bound import NoneOccurs, termwise, union_bound

SILENT_ROOT: Expr = sqrt(2 * log(d / alpha))
"""Threshold in units of `s` at which one silent gate fires with probability at most `alpha/d`."""
HEARD_ROOT: Expr = sqrt(2 * log(d / (2 * alpha)))
"""Distance from the threshold, in units of `s`, at which one gate is missed with probability at most `alpha/d`."""

n = Symbol("n", integer=True, nonnegative=True)
"""Number of active features."""
_i = Symbol("i", integer=True, positive=True)
_surplus = IndexedBase("y", nonnegative=True)[_i]
_t = Symbol("t", real=True)

FIRE_RATE = Function(r"P_{fire}")
"""`FIRE_RATE(b)`: probability that an inactive node fires."""
MISS_RATE = Function(r"P_{miss}")
"""`MISS_RATE(b, mu_i)`: probability that an active node stays silent."""
ALL_RIGHT = Function(r"P_{right}")
"""`ALL_RIGHT(b, mu)`: probability that all `d` gates are right, where every active node has signal `mu` or more."""

THRESHOLD: Expr = s * SILENT_ROOT
LEAST_SIGNAL: Expr = s * (SILENT_ROOT + HEARD_ROOT)
HALVED_SIGNAL: Expr = s * (SILENT_ROOT + HEARD_ROOT / 2)
"""Half the second root, which is too little."""

_BOX: Box = {alpha: (Integer(0), d / 2), n: (Integer(0), d)}


def derive_each(clause: Clause) -> Proof:
    """Proof that each gate errs with probability at most `alpha/d`."""
    silent, heard = (conjunct.lhs for conjunct in _by_arity(clause.formula))
    return prove(clause.formula, _silent(silent, *silent.args), _heard(heard, *heard.args))


def derive_all(clause: Clause) -> Proof:
    """Proof that all gates are right with probability at least `1 - alpha`, by the union bound."""
    threshold, least = clause.formula.lhs.args
    silent = _silent(FIRE_RATE(threshold), threshold)
    heard = _heard(MISS_RATE(threshold, least + s * _surplus), threshold, least + s * _surplus)
    fires = Sum(silent.subject, (_i, 1, d - n))
    misses = Sum(heard.subject, (_i, 1, n))
    model = "no inactive node fires and no active one, of signal mu + s y_i, is missed"
    chain = (
        begin(clause.formula.lhs, NoneOccurs(fires, misses), model, box=_BOX)
        .by(union_bound(NoneOccurs(fires, misses)))
        .within(termwise(fires, silent, _BOX))
        .within(termwise(misses, heard, _BOX))
        .equals(1 - alpha, "d terms of alpha/d")
    )
    return prove(clause.formula, chain, lemmas=(silent, heard))


def _silent(name: Expr, threshold: Expr) -> Derivation:
    """The chain from the false-fire rate of G1 at `threshold` to `alpha/d`."""
    rate = FALSE_FIRE.formula.rhs.subs(b, threshold)
    return begin(name, rate, "the false-fire rate of G1", box=_BOX).within(tail_bound(threshold / s, _BOX))


def _heard(name: Expr, threshold: Expr, signal: Expr) -> Derivation:
    """The chain from the miss rate of G1 at `threshold` and `signal` to `alpha/d`."""
    rate = MISS.formula.rhs.subs({b: threshold, mu: signal}, simultaneous=True)
    return (
        begin(name, rate, "the miss rate of G1", box=_BOX)
        .equals(Q((signal - threshold) / s) - Q((signal + threshold) / s), "symmetry of the normal law")
        .at_most(Q((signal - threshold) / s), "a tail is not negative", gap=Q((signal + threshold) / s))
        .within(decreases(Q(_t), _t, HEARD_ROOT, (signal - threshold) / s, _BOX))
        .within(tail_bound(HEARD_ROOT, _BOX))
    )


def _by_arity(statement: Basic) -> list[Basic]:
    return sorted(And.make_args(statement), key=lambda conjunct: len(conjunct.lhs.args))


_ONE_SIGNAL = {b: THRESHOLD, mu: HALVED_SIGNAL}

EACH = Clause(
    name="each gate",
    says=r"With $b = s\sqrt{2\log(d/\alpha)}$ an inactive node fires, and one with a signal of "
    r"$s(\sqrt{2\log(d/\alpha)} + \sqrt{2\log(d/(2\alpha))} + y_i)$, $y_i \ge 0$, is missed, "
    r"with probability at most $\alpha/d$.",
    formula=And(
        Le(FIRE_RATE(THRESHOLD), alpha / d),
        Le(MISS_RATE(THRESHOLD, LEAST_SIGNAL + s * _surplus), alpha / d),
    ),
    box=_BOX,
    derive=derive_each,
    mutation=Mutation(
        "half the second root",
        And(
            Le(FIRE_RATE(THRESHOLD), alpha / d),
            Le(MISS_RATE(THRESHOLD, HALVED_SIGNAL + s * _surplus), alpha / d),
        ),
        {d: Integer(100), alpha: Rational(1, 10), s: Integer(1)},
        consequence=Le(MISS.formula.rhs.subs(_ONE_SIGNAL, simultaneous=True), alpha / d),
    ),
)

ALL = Clause(
    name="all gates",
    says=r"With $b = s\sqrt{2\log(d/\alpha)}$ all $d$ gates are right with probability at least $1-\alpha$, whatever "
    r"the support, as soon as $|\omega| r_{min} \ge s(\sqrt{2\log(d/\alpha)} + \sqrt{2\log(d/(2\alpha))})$.",
    formula=Ge(ALL_RIGHT(THRESHOLD, LEAST_SIGNAL), 1 - alpha),
    box=_BOX,
    derive=derive_all,
    mutation=Mutation(
        "half the second root: with independent noise and all features active at the least signal some gate errs",
        Ge(ALL_RIGHT(THRESHOLD, HALVED_SIGNAL), 1 - alpha),
        {d: Integer(100), alpha: Rational(1, 10), s: Integer(1)},
        consequence=Ge((1 - MISS.formula.rhs.subs(_ONE_SIGNAL, simultaneous=True)) ** d, 1 - alpha),
    ),
)

G3 = Claim(
    id="G3",
    title="Separability of all gates",
    clauses=(EACH, ALL),
    setting=(
        r"One pure node a feature, with equal $b$ and equal $s = \sigma|\omega| > 0$",
        r"Any support, with $n$ active features; amplitudes of at least $r_{min}$",
        r"$\alpha > 0$, $d \ge 2\alpha$",
    ),
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
    words="least amplitude at which all gates are right with probability at least 1 - alpha: omega r_min over |omega|",
    requires=((Ge(d, 2 * alpha), "d >= 2 alpha"),),
)
