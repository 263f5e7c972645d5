"""N1: the purification bound against attacks in other norms, with the identity as dictionary."""

from sympy import Abs, Eq, Ge, Integer, Max, Sum, Symbol

from theory.assumptions import Assumption, density_amplitudes, exact_fit
from theory.claims import Claim, Clause
from theory.derivation import Proof, begin, prove
from theory.model import d
from theory.purification.p3_purification_bound import (
    SUPPORT,
    B,
    a,
    absolute_norm,
    active_part,
    beta,
    i,
    norm_bound,
    theta,
)
from theory.quantities.norms import GAIN, MEAN_EXCESS, MEAN_GAIN, NORM_INF, NORM_Q
from theory.ranges import COUNT, POSITIVE, PROBABILITY, Range
from theory.theorems.expectation import ordered_means
from theory.theorems.fits import AbsoluteNorm
from theory.theorems.indicators import Mean
from theory.theorems.powers import largest_argument, power_on_support
from theory.theorems.support import by_cases, markov

_h = Symbol("h", integer=True)
q = Symbol("q", positive=True)
"""Exponent of the dual norm, `s/(s-1)` for an attack in l_s, `s > 1`: finite, at least 1."""
kappa, prob = Symbol("kappa", positive=True), Symbol(r"\pi", positive=True)
_EXCESS = Symbol(r"\|\beta\|_q-\|\theta_A\|_q", nonnegative=True)
t_1, c = Symbol(r"|\theta_{1}|", positive=True), Symbol("c", positive=True)

_FEATURES = (i, 1, d)
_ENTRY = Abs(beta[i]) ** q
_ON, _OFF = B[i] * _ENTRY, (1 - B[i]) * _ENTRY
_DUAL = "M = I, and the dual norm is absolute"


def derive_bound(clause: Clause) -> Proof:
    """Proof of the bound at every input."""
    chain, *lemmas = norm_bound(GAIN, _DUAL, (absolute_norm, identity_dictionary))
    return prove(clause.formula, chain, lemmas=lemmas)


def derive_mean(clause: Clause) -> Proof:
    """Proof of the bound on the mean norm."""
    pointwise, *others = norm_bound(GAIN, _DUAL, (absolute_norm, identity_dictionary))
    start = begin(MEAN_GAIN, Mean(AbsoluteNorm(beta[i])), "the gain of the attack, averaged")
    return prove(clause.formula, start.by(ordered_means(pointwise)), lemmas=(pointwise, *others))


def derive_excess(clause: Clause) -> Proof:
    """Proof that the norm is made of the active target and of the cross-talk."""
    active, network = active_part(beta[i], a[_h], theta[i])
    chain = (
        begin(NORM_Q, Sum(_ENTRY, _FEATURES) ** (1 / q), "l_q norm of the effective map, 1 <= q < infinity")
        .within(by_cases(_ENTRY, _ON + _OFF, B[i]))
        .within(power_on_support(active.as_step(SUPPORT), B[i], q))
    )
    return prove(clause.formula, chain, lemmas=(active, network))


def derive_mean_strict(clause: Clause) -> Proof:
    """Proof that an excess of positive probability makes the bound on the mean strict."""
    given = (*_FIT, event)
    chain = begin(MEAN_EXCESS, Mean(_EXCESS), "nonnegative at every input", given=given).by(
        markov(Mean(_EXCESS), kappa, prob)
    )
    return prove(clause.formula, chain)


def derive_hidden(clause: Clause) -> Proof:
    """Proof that small cross-talk does not show in the largest entry."""
    largest = Max(t_1, c * t_1)
    chain = begin(NORM_INF, largest, "A = {1}, |beta| = (|theta_1|, c |theta_1|)", box=clause.box, given=(one_active,))
    return prove(clause.formula, chain.by(largest_argument(largest, t_1, clause.box)))


identity_dictionary = Assumption("identity dictionary", "The dictionary is the identity, $M = I$.")
event = Assumption(
    "event",
    r"With probability $\pi$, the $l_q$ norm of the effective map exceeds that of the active part of the target by at "
    r"least $\kappa$.",
    defines=True,
)
one_active = Assumption(
    "one active feature",
    r"Only feature $1$ is active, and the effective map has the entry $\theta_1$ and one of modulus $c|\theta_1|$.",
    defines=True,
)
_FIT = (exact_fit, density_amplitudes)

BOUND = Clause(
    name="bound",
    says="If the dictionary is the identity, an attack whose dual norm is absolute, as for every $l_s$ norm, almost "
    "surely gains at least $[[rhs]]$ from an exact fit.",
    formula=Ge(GAIN, AbsoluteNorm(B[i] * theta[i])),
    over={d: COUNT},
    assumes=(*_FIT, absolute_norm, identity_dictionary),
    derive=derive_bound,
)

MEAN_BOUND = Clause(
    name="mean bound",
    says="If the dictionary is the identity, an attack whose dual norm is absolute gains at least $[[rhs]]$ on "
    "average from an exact fit.",
    formula=Ge(MEAN_GAIN, Mean(AbsoluteNorm(B[i] * theta[i]))),
    over={d: COUNT},
    assumes=(*_FIT, absolute_norm, identity_dictionary),
    derive=derive_mean,
)

EXCESS = Clause(
    name="excess",
    says="Under an $l_s$ attack with $s$ above one, whose dual norm is that of $l_q$, the effective map of an exact "
    "fit has norm $[[rhs]]$, so it attains the bound at an input if and only if there is no cross-talk there.",
    formula=Eq(NORM_Q, Sum(B[i] * Abs(theta[i]) ** q + _OFF, _FEATURES) ** (1 / q)),
    over={q: Range(Integer(1), natural=True), d: COUNT},
    assumes=_FIT,
    derive=derive_excess,
)

MEAN_STRICT = Clause(
    name="strict mean",
    says="Cross-talk of positive probability makes the bound on the mean strict: if the norm exceeds its bound by "
    r"$\kappa$ with probability $\pi$, then $[[formula]]$.",
    formula=Ge(MEAN_EXCESS, kappa * prob),
    over={kappa: POSITIVE, prob: PROBABILITY},
    assumes=(*_FIT, event),
    derive=derive_mean_strict,
)

HIDDEN = Clause(
    name="l1 attack: the equality case fails",
    says=r"Under an $l_1$ attack, whose dual norm is that of $l_\infty$, the bound is also attained with cross-talk: "
    "$[[formula]]$ for every $[[range c]]$.",
    formula=Eq(NORM_INF, t_1),
    over={c: Range(Integer(0), Integer(1), open_low=True), t_1: POSITIVE},
    assumes=(one_active,),
    derive=derive_hidden,
)

N1 = Claim(
    id="N1",
    title="The purification bound against other attacks",
    clauses=(BOUND, MEAN_BOUND, EXCESS, MEAN_STRICT, HIDDEN),
    setting=(),
    source="beyond the paper",
    kind="sharpened",
    depends_on=("P3",),
)
