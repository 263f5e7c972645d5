"""D4: adversarial training of the head alone shrinks a mixture or does nothing; it cannot purify."""

from sympy import (
    DiagMatrix,
    Eq,
    Expr,
    Ge,
    Integer,
    Le,
    Lt,
    Matrix,
    MatrixSymbol,
    Piecewise,
    Rational,
    Symbol,
    ZeroMatrix,
    oo,
    sqrt,
)

from theory.algebra import Box
from theory.claims import Claim, Clause, ClosedForm, Mutation
from theory.derivation import Derivation, Proof, begin, prove
from theory.inheritance.d2_mixture_layers import ENERGY, NODES, energy, head, theta
from theory.inheritance.d4_surrogate import (
    FIRES,
    LEAST_SHARE,
    NUMBERS,
    SIGNAL,
    SURROGATE_HEAD,
    SURROGATE_RISK,
)
from theory.inheritance.features import COVARIANCE_MATRIX, covariances_at_constant_amplitude
from theory.laws import constant, random
from theory.model import ZERO_TO_ONE, d, eps, m, p, r
from theory.purification.p5_firing_probability import FIRING, firing_series
from theory.purification.p6_adversarial_risk import GAIN
from theory.ranges import COUNT, NONNEGATIVE, POSITIVE, PROBABILITY
from theory.theorems.calculus import ArgMin, unique_minimum
from theory.theorems.expectation import ordered_means
from theory.theorems.indicators import Mean
from theory.theorems.least_squares import cauchy_schwarz, isotropic_covariance
from theory.theorems.support import termwise_mean

A0 = Symbol("A_0", positive=True)
B0 = Symbol("B_0", positive=True)
C0 = Symbol("C_0", positive=True)
share = constant(Symbol("c", positive=True))
"""The head is `c` times the least-squares head."""
WORST = Symbol(r"\mathrm{Worst}(c)", real=True)
WORST_ABOVE = Symbol(r"\mathrm{Worst}(1 + x)", real=True)
WORST_BELOW = Symbol(r"\mathrm{Worst}(-x)", real=True)
BEST = Symbol("c^*", real=True)
SQUARED_CROSS = Symbol("B_0^2", real=True)
SQUARED_LIMIT = Symbol("(A_0/B_0)^2", real=True)
SIGNAL_ENERGY = MatrixSymbol("A_0", 1, 1)
BETA = MatrixSymbol(r"\beta(c\,a)", d, 1)
_target = random(Symbol(r"|\theta'^\top X|", nonnegative=True))
_beyond = Symbol("x", positive=True)
_dictionary = MatrixSymbol("M", d, d)
_gates = MatrixSymbol("g", d, 1)

WORST_CASE = (1 - share) ** 2 * A0 + 2 * eps * share * (1 - share) * B0 + eps**2 * share**2 * C0
"""The worst case along the target, for `0 <= c <= 1`."""
_DENOMINATOR = A0 - 2 * eps * B0 + eps**2 * C0
INNER = (A0 - eps * B0) / _DENOMINATOR
"""Where it is least between the two thresholds."""
_ORDERED: Box = {A0: (B0**2 / C0, oo)}
_WEAK_ATTACK: Box = {share: ZERO_TO_ONE, eps: (Integer(0), B0 / C0), **_ORDERED}
_MIDDLE_ATTACK: Box = {share: (Integer(0), oo), eps: (B0 / C0, A0 / B0), **_ORDERED}
_square = Symbol(r"\|\theta'\|^2", positive=True)
_REACH: Box = {B0: (Integer(0), r * sqrt(p * FIRES) * _square), FIRES: (Integer(0), m * p)}
_STRONG_ATTACK: Box = {share: ZERO_TO_ONE, eps: (A0 / B0, oo), **_ORDERED}


def derive_worst(clause: Clause) -> Proof:
    """Proof of the worst case along the target, from P2."""
    mean = Mean(((1 - share) * _target + eps * share * GAIN) ** 2)
    reason = "P2 at tau = 0 for 0 <= c <= 1: |y - f| = (1 - c) |theta'^T X|, and the effective map is c beta"
    moments = {A0: Mean(_target**2), B0: Mean(_target * GAIN), C0: Mean(GAIN**2)}
    form = WORST_CASE.expand().subs(moments)
    chain = begin(WORST, mean, reason).by(termwise_mean(mean, form))
    return prove(clause.formula, chain.equals(WORST_CASE.subs(moments), "gathering"))


def derive_outside(clause: Clause) -> Proof:
    """Proof that no multiple outside of [0, 1] does better than the nearer end."""
    above = _pointwise(_beyond * _target + eps * (1 + _beyond) * GAIN, eps * GAIN)
    below = _pointwise((1 + _beyond) * _target + eps * _beyond * GAIN, _target)
    reason = "P2 at tau = 0: the error and the effective map add up in modulus"
    chains = (
        begin(name, Mean(pointwise.subject), reason).by(ordered_means(pointwise))
        for name, pointwise in ((WORST_ABOVE, above), (WORST_BELOW, below))
    )
    return prove(clause.formula, *chains, lemmas=(above, below))


def _pointwise(modulus: Expr, least: Expr) -> Derivation:
    return begin(Symbol("l", real=True), (modulus**2).expand(), "the loss on one input").at_least(
        least**2, "every further term is positive"
    )


def derive_cauchy_schwarz(clause: Clause) -> Proof:
    """Proof that the two thresholds come in order."""
    link = cauchy_schwarz(_target, GAIN)
    return prove(clause.formula, begin(SQUARED_CROSS, link.left, "B_0 is a mean product").by(link))


def derive_weak(clause: Clause) -> Proof:
    """Proof that a weak attack leaves the least-squares head as it is."""
    gap = (1 - share) ** 2 * (A0 - eps * B0) + (1 - share) * (1 + share) * eps * (B0 - eps * C0)
    chain = begin(WORST, WORST_CASE, "the worst case along the target", box=_WEAK_ATTACK)
    return prove(clause.formula, chain.at_least(eps**2 * C0, "eps <= B_0/C_0 <= A_0/B_0", gap=gap))


def derive_strong(clause: Clause) -> Proof:
    """Proof that a strong attack leaves nothing of the head."""
    gap = share**2 * eps * (eps * C0 - B0) + share * (2 - share) * (eps * B0 - A0)
    chain = begin(WORST, WORST_CASE, "the worst case along the target", box=_STRONG_ATTACK)
    return prove(clause.formula, chain.at_least(A0, "eps >= A_0/B_0 >= B_0/C_0", gap=gap))


def derive_middle(clause: Clause) -> Proof:
    """Proof of the multiple that is best in between."""
    least = ArgMin(WORST_CASE, share)
    core = share * _DENOMINATOR - (A0 - eps * B0)
    unique = unique_minimum(WORST_CASE, share, Integer(2), core, INNER, _MIDDLE_ATTACK)
    best = begin(BEST, least, "the best multiple", box=_MIDDLE_ATTACK).by(unique)
    gap = eps * (eps * C0 - B0) / _DENOMINATOR
    return prove(clause.formula, best, best.at_most(Integer(1), "eps > B_0/C_0", gap=gap, strict=True))


def derive_unreached(clause: Clause) -> Proof:
    """Proof that the strong attack lies beyond P2's region."""
    signal = SIGNAL * _square
    reason = "A_0 = p r^2 ||theta'||^2; B_0^2 <= A_0 C_0, C_0 = pi_m ||theta'||^2, and pi_m <= m p (P5)"
    chain = begin(SQUARED_LIMIT, signal**2 / B0**2, reason, box=_REACH)
    return prove(clause.formula, chain.at_least(SIGNAL / FIRES, "B_0^2 <= A_0 C_0").at_least(r**2 / m, "pi_m <= m p"))


def derive_moments(clause: Clause) -> Proof:
    """Proof of the two moments that have closed forms."""
    form = theta.T * COVARIANCE_MATRIX * theta
    isotropic = isotropic_covariance(COVARIANCE_MATRIX, covariances_at_constant_amplitude())
    signal = begin(SIGNAL_ENERGY, form, "A_0 = E(theta'^T X)^2, C = E x x^T").within(isotropic)
    return prove(clause.formula, signal.equals(SIGNAL * theta.T * theta, "C = p r^2 I"), energy())


def derive_cross_talk(clause: Clause) -> Proof:
    """Proof that the effective map is shrunk as a whole."""
    weights = _dictionary * NODES
    reason = "P1 with W = M U and the head c a; the gates g do not see the head"
    chain = begin(
        BETA, _dictionary.T * weights * DiagMatrix(_gates) * (share * head), reason, orthogonal=(_dictionary,)
    )
    return prove(clause.formula, chain.equals(share * NODES * DiagMatrix(_gates) * head, "M^T M = I"))


_MOMENTS = {A0: Integer(1), B0: Rational(1, 2), C0: Integer(1)}
_OF_SURROGATE = A0 / (A0 + eps**2 * C0)
_WORST_FORM = WORST_CASE.subs({A0: Mean(_target**2), B0: Mean(_target * GAIN), C0: Mean(GAIN**2)})

ALONG = Clause(
    name="along the target",
    says=r"At $\tau = 0$, inside P2's region, the true worst case of $U a = c\,\theta'$, $0 \le c \le 1$, is "
    r"$(1-c)^2 A_0 + 2\epsilon c(1-c) B_0 + \epsilon^2 c^2 C_0$, with $A_0 = \mathbb{E}(\theta'^\top X)^2$, "
    r"$B_0 = \mathbb{E}[|\theta'^\top X|\,\|\beta\|]$, $C_0 = \mathbb{E}\|\beta\|^2$, $\beta$ at $c = 1$.",
    formula=Eq(WORST, _WORST_FORM),
    derive=derive_worst,
    mutation=Mutation(
        "the surrogate taken for the true risk",
        Eq(WORST, (1 - share) ** 2 * Mean(_target**2) + eps**2 * share**2 * Mean(GAIN**2)),
        {share: Rational(1, 2), eps: Integer(1), _target: Integer(1), GAIN: Integer(1)},
        consequence=Eq(2 * eps * share * (1 - share) * _target * GAIN, 0),
    ),
)

OUTSIDE = Clause(
    name="outside of [0, 1]",
    says="A multiple above 1 does worse than $c = 1$, a negative one worse than $c = 0$.",
    formula=Ge(WORST_ABOVE, Mean(eps**2 * GAIN**2)) & Ge(WORST_BELOW, Mean(_target**2)),
    derive=derive_outside,
    mutation=Mutation(
        "a negative multiple gains",
        Le(WORST_BELOW, Mean(_target**2)),
        {_beyond: Integer(1), eps: Integer(1), _target: Integer(1), GAIN: Integer(1)},
        consequence=Le(((1 + _beyond) * _target + eps * _beyond * GAIN) ** 2, _target**2),
    ),
)

ORDER = Clause(
    name="order of the thresholds",
    says=r"$B_0^2 \le A_0 C_0$, so $B_0/C_0 \le A_0/B_0$.",
    formula=Le(SQUARED_CROSS, Mean(_target**2) * Mean(GAIN**2)),
    derive=derive_cauchy_schwarz,
    mutation=Mutation(
        "the other way round (two inputs, |theta^T X| = 1, 0 and ||beta|| = 0, 1)",
        Ge(SQUARED_CROSS, Mean(_target**2) * Mean(GAIN**2)),
        {p: Rational(1, 2)},
        consequence=Ge(0 * p, p**2),
    ),
)

WEAK = Clause(
    name="weak attack",
    says=r"For $\epsilon \le B_0/C_0$ the least-squares head, $c = 1$, is the best.",
    formula=Ge(WORST, eps**2 * C0),
    box=_WEAK_ATTACK,
    derive=derive_weak,
    mutation=Mutation(
        "the surrogate's multiple does better",
        Lt(WORST, eps**2 * C0),
        {**_MOMENTS, eps: Rational(1, 10)},
        consequence=Lt(WORST_CASE.subs(share, _OF_SURROGATE), eps**2 * C0),
    ),
)

MIDDLE = Clause(
    name="attack in between",
    says=r"For $B_0/C_0 < \epsilon < A_0/B_0$ the best is $c = \frac{A_0 - \epsilon B_0}{A_0 - 2\epsilon B_0 + "
    r"\epsilon^2 C_0} < 1$.",
    formula=Eq(BEST, INNER) & Lt(BEST, 1),
    box={eps: _MIDDLE_ATTACK[eps], **_ORDERED},
    derive=derive_middle,
    mutation=Mutation(
        "the surrogate taken for the true risk",
        Eq(BEST, _OF_SURROGATE) & Lt(BEST, 1),
        {**_MOMENTS, eps: Integer(1)},
        consequence=Le(WORST_CASE.subs(share, _OF_SURROGATE), WORST_CASE.subs(share, INNER) - Rational(1, 100)),
    ),
)

STRONG = Clause(
    name="strong attack",
    says=r"For $\epsilon \ge A_0/B_0$ no head at all, $c = 0$, is the best.",
    formula=Ge(WORST, A0),
    box=_STRONG_ATTACK,
    derive=derive_strong,
    mutation=Mutation(
        "the surrogate's multiple does better",
        Lt(WORST, A0),
        {**_MOMENTS, eps: Integer(3)},
        consequence=Lt(WORST_CASE.subs(share, _OF_SURROGATE), A0),
    ),
)

UNREACHED = Clause(
    name="no strong attack inside",
    says=r"Inside P2's region that never happens: $A_0/B_0 \ge r/\sqrt m$, and the region ends at "
    r"$\epsilon = \min(b, r - b)/\sqrt m \le r/(2\sqrt m)$. There the head is kept or shrunk, never given up.",
    formula=Ge(SQUARED_LIMIT, r**2 / m),
    box=_REACH,
    derive=derive_unreached,
    mutation=Mutation(
        "twice as far",
        Ge(SQUARED_LIMIT, 4 * r**2 / m),
        {r: Integer(1), m: Integer(1)},
        consequence=Ge(r**2, 4 * r**2 / m),
    ),
)

MOMENTS = Clause(
    name="moments",
    says=r"$A_0 = p r^2\|\theta'\|^2$ and $C_0 = \pi_m\|\theta'\|^2$.",
    formula=Eq(SIGNAL_ENERGY, SIGNAL * theta.T * theta) & Eq(ENERGY, FIRING * theta.T * theta),
    derive=derive_moments,
    mutation=Mutation(
        "the activity of one feature for the firing probability",
        Eq(SIGNAL_ENERGY, SIGNAL * theta.T * theta) & Eq(ENERGY, p * theta.T * theta),
        {m: Integer(4), p: Rational(3, 10)},
        consequence=Eq(FIRING, p),
    ),
)

CROSS_TALK = Clause(
    name="cross-talk",
    says=r"It shrinks or does nothing, and keeps the cross-talk: $\beta$ of the head $c\,a$ is $c$ times that of "
    r"$a$ on "
    "every input, on and off the support alike.",
    formula=Eq(BETA, share * NODES * DiagMatrix(_gates) * head),
    derive=derive_cross_talk,
    mutation=Mutation(
        "cross-talk taken away (one feature, off the support)",
        Eq(BETA, ZeroMatrix(d, 1)),
        {**NUMBERS, MatrixSymbol("g", 1, 1): Matrix([1]), share: Rational(1, 2)},
        consequence=Eq(share, 0),
    ),
)

D4 = Claim(
    id="D4",
    title="Adversarial training of the head alone cannot purify",
    clauses=(
        SURROGATE_RISK,
        SURROGATE_HEAD,
        ALONG,
        OUTSIDE,
        ORDER,
        WEAK,
        MIDDLE,
        STRONG,
        UNREACHED,
        MOMENTS,
        CROSS_TALK,
    ),
    setting=(
        r"A frozen mixture layer of order $m$, one threshold $0 < b < r$; only the head is trained, for a new "
        r"target $\theta'$",
        r"Constant amplitude $r$, no observation noise, $0 < p \le 1$; $\pi_m$ as in P5",
        r"The true worst case: attack in $l_2$ inside P2's region, $\tau = 0$",
    ),
    source="section 6",
    kind="sharpened",
    depends_on=("P1", "P2", "P4", "P5", "D2"),
)

_theta_square = Symbol("theta_sq", nonnegative=True)

HEAD_ONLY_RISK = ClosedForm(
    name="head_only_risk",
    arguments={"theta_sq": _theta_square, "p": p, "r": r, "eps": eps, "m": m},
    expression=Piecewise((Integer(0), Eq(p, 0)), (_theta_square * LEAST_SHARE.subs(FIRES, firing_series(m, p)), True)),
    domain={"theta_sq": NONNEGATIVE, "p": PROBABILITY, "r": POSITIVE, "eps": NONNEGATIVE, "m": COUNT},
    claim="D4",
    words="least surrogate risk E e^2 + eps^2 E||beta||^2 of a head on a frozen mixture layer; theta_sq = ||theta'||^2",
)
