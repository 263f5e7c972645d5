"""N1: the purification bound against attacks in other norms, with the identity as dictionary."""

from sympy import Abs, Eq, Ge, Gt, Integer, Max, Rational, Sum, Symbol

from theory.algebra import Box
from theory.claims import Claim, Clause, Mutation
from theory.derivation import Proof, begin, prove
from theory.model import d, named, p
from theory.purification.p3_purification_bound import POINTWISE, B, a, active_part, beta, derive_norm, theta
from theory.quantities.norms import NORM
from theory.theorems.expectation import ordered_means
from theory.theorems.fits import AbsoluteNorm
from theory.theorems.indicators import Mean
from theory.theorems.linear_programs import one_term
from theory.theorems.powers import largest_argument, power_on_support, root_exceeds
from theory.theorems.support import by_cases, markov

_i, _h = Symbol("i", integer=True), Symbol("h", integer=True)
q = Symbol("q", positive=True)
"""Exponent of the dual norm, `s/(s-1)` for an attack in l_s, `s > 1`: finite, at least 1."""
kappa, prob = Symbol("kappa", positive=True), Symbol(r"\pi", positive=True)
G = Symbol(r"\|\beta\|_q-\|\theta_A\|_q", nonnegative=True)
t_1, c = Symbol("|theta_1|", positive=True), Symbol("c", positive=True)
_SMALLER: Box = {c: (Integer(0), Integer(1))}

NORM_Q = named(r"\|\beta\|_q")
MEAN_NORM = named(r"\mathbb{E}\|\beta\|_*")
EXCESS = named(r"\mathbb{E}(\|\beta\|_q - \|\theta_A\|_q)")
NORM_INF = named(r"\|\beta\|_\infty")
_FEATURES = (_i, 1, d)
_ENTRY = Abs(beta[_i]) ** q
_ON, _OFF = B[_i] * _ENTRY, (1 - B[_i]) ** 2 * _ENTRY
_TARGET = Sum(B[_i] * Abs(theta[_i]) ** q, _FEATURES)
_CROSS_TALK = Sum(_OFF, _FEATURES)


def derive_mean(clause: Clause) -> Proof:
    """Proof of the bound on the mean norm."""
    pointwise, *others = POINTWISE.proof().chains
    start = begin(MEAN_NORM, Mean(AbsoluteNorm(beta[_i])), "the gain of the attack, averaged")
    return prove(clause.formula, start.by(ordered_means(pointwise)), lemmas=(pointwise, *others))


def derive_equality(clause: Clause) -> Proof:
    """Proof that a fit without cross-talk attains the bound."""
    active, network = active_part(beta[_i], a[_h], theta[_i])
    link = power_on_support(active.as_step("the effective map is the target on the support"), B[_i], q)
    start = begin(NORM_Q, Sum(_ON, _FEATURES) ** (1 / q), "no cross-talk: only the support counts")
    return prove(clause.formula, start.within(link), lemmas=(active, network))


def derive_strict(clause: Clause) -> Proof:
    """Proof that cross-talk makes the bound strict at that input."""
    active, network = active_part(beta[_i], a[_h], theta[_i])
    link = power_on_support(active.as_step("the effective map is the target on the support"), B[_i], q)
    chain = (
        begin(NORM_Q, Sum(_ENTRY, _FEATURES) ** (1 / q), "l_q norm of the effective map, 1 <= q < infinity")
        .within(by_cases(_ENTRY, _ON + _OFF, B[_i]))
        .within(link)
    )
    split = chain.end.base
    bounded = chain.by(root_exceeds(split, _TARGET, one_term(_CROSS_TALK, kappa), q))
    return prove(clause.formula, bounded, lemmas=(active, network))


def derive_mean_strict(clause: Clause) -> Proof:
    """Proof that cross-talk of positive probability makes the bound on the mean strict."""
    chain = begin(EXCESS, Mean(G), "not negative at any input").by(markov(Mean(G), kappa, prob))
    return prove(clause.formula, chain.at_least(Integer(0), "both are positive", strict=True))


def derive_hidden(clause: Clause) -> Proof:
    """Proof that small cross-talk does not show in the largest entry."""
    largest = Max(t_1, c * t_1)
    chain = begin(NORM_INF, largest, "A = {1}, beta = (theta_1, c theta_1), 0 < c < 1", box=_SMALLER)
    return prove(clause.formula, chain.by(largest_argument(largest, t_1, _SMALLER)))


_x, _y = Symbol("theta_1", real=True), Symbol("theta_2", real=True)
_BOTH = {_x: Integer(1), _y: Integer(1)}

BOUND = Clause(
    name="bound",
    says=r"$M = I$: against an attack in any norm $\|M\beta\|_* = \|\beta\|_* \ge \|\theta_A\|_*$; the duals of "
    "the l_s norms are absolute.",
    formula=Ge(NORM, AbsoluteNorm(B[_i] * theta[_i])),
    derive=derive_norm,
    mutation=Mutation(
        "the whole target instead of its active part (l_inf attack, pure nodes, d = 2, A = {1})",
        Ge(NORM, AbsoluteNorm(theta[_i])),
        _BOTH,
        consequence=Ge(Abs(_x), Abs(_x) + Abs(_y)),
    ),
)

MEAN_BOUND = Clause(
    name="mean bound",
    says=r"So $\mathbb{E}\|\beta\|_* \ge \mathbb{E}\|\theta_A\|_*$.",
    formula=Ge(MEAN_NORM, Mean(AbsoluteNorm(B[_i] * theta[_i]))),
    derive=derive_mean,
    mutation=Mutation(
        "the whole target (l_inf attack, pure nodes, d = 2)",
        Ge(MEAN_NORM, Mean(AbsoluteNorm(theta[_i]))),
        {**_BOTH, p: Rational(1, 2)},
        consequence=Ge(p * (Abs(_x) + Abs(_y)), Abs(_x) + Abs(_y)),
    ),
)

EQUALITY = Clause(
    name="equality without cross-talk",
    says=r"For an l_s attack, $s > 1$, $q = s/(s-1)$: equality without cross-talk, $\|\beta\|_q = \|\theta_A\|_q$ ...",
    formula=Eq(NORM_Q, _TARGET ** (1 / q)),
    derive=derive_equality,
    mutation=Mutation(
        "without the root (d = 1)",
        Eq(NORM_Q, _TARGET),
        {_x: Integer(2), q: Integer(2)},
        consequence=Eq((Abs(_x) ** q) ** (1 / q), Abs(_x) ** q),
    ),
)

STRICT = Clause(
    name="equality only without cross-talk",
    says=r"... and only then: cross-talk, $\sum_{i \notin A} |\beta_i|^q \ge \kappa > 0$, makes it strict.",
    formula=Gt(NORM_Q, _TARGET ** (1 / q)),
    derive=derive_strict,
    mutation=Mutation(
        "by the root of the cross-talk",
        Gt(NORM_Q, _TARGET ** (1 / q) + kappa ** (1 / q)),
        {_x: Integer(1), q: Integer(2), kappa: Integer(1)},
        # beta = (theta_1, kappa^(1/q)), A = {1}: then both sides are known.
        consequence=Gt((Abs(_x) ** q + kappa) ** (1 / q), Abs(_x) + kappa ** (1 / q)),
    ),
)

MEAN_STRICT = Clause(
    name="strict mean",
    says=r"An excess of at least $\kappa > 0$ on an event of probability $\pi > 0$ makes the mean bound strict.",
    formula=Gt(EXCESS, 0),
    derive=derive_mean_strict,
    mutation=Mutation(
        "the probability forgotten",
        Gt(EXCESS, kappa),
        {kappa: Integer(1), prob: Rational(1, 2)},
        consequence=Gt(prob * kappa, kappa),
    ),
)

HIDDEN = Clause(
    name="l1 attack: the equality case fails",
    says=r"For an l1 attack the bound is attained with cross-talk too: $A = \{1\}$, $\beta = (\theta_1, c\theta_1)$, "
    r"$0 < c < 1$ has $\|\beta\|_\infty = |\theta_1|$.",
    formula=Eq(NORM_INF, t_1),
    box=_SMALLER,
    derive=derive_hidden,
    mutation=Mutation(
        "the equality case of the others: strict with cross-talk (A = {1}, beta = (1, .5))",
        Gt(NORM_INF, t_1),
        {t_1: Integer(1), c: Rational(1, 2)},
        consequence=Gt(Max(t_1, c * t_1), t_1),
    ),
)

N1 = Claim(
    id="N1",
    title="The purification bound against other attacks",
    clauses=(BOUND, MEAN_BOUND, EQUALITY, STRICT, MEAN_STRICT, HIDDEN),
    setting=(
        "$M = I$",
        r"Density amplitudes, no noise, an exact fit $f(x) = \theta^T x$ almost surely",
        r"An attack in l_s, $1 \le s \le \infty$",
    ),
    source="beyond the paper",
    kind="sharpened",
    depends_on=("P3",),
)
