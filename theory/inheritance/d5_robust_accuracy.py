"""D5: robust accuracy of a purified network."""

from sympy import Eq, Integer, Rational, Sum, Symbol, binomial, sqrt

from theory.claims import Claim, Clause, ClosedForm, Mutation
from theory.derivation import Proof, begin, prove
from theory.laws import count
from theory.model import d, eps, named, p, r
from theory.ranges import COUNT, NONNEGATIVE, POSITIVE, PROBABILITY
from theory.theorems.averages import mean_of_binomial
from theory.theorems.balls import WorstCase, over_ball
from theory.theorems.counts import Exceeds, law_of_signs
from theory.theorems.indicators import Mean

MARGIN = Symbol(r"\min_\delta \mathrm{sign}(\theta^\top x)\, f(z + \delta)", real=True)
ACCURACY = named("P_{robust}")
TAIL = named("P_{tail}")
_N = count(Symbol("N", integer=True, nonnegative=True), d, p)
_k = Symbol("k", integer=True, nonnegative=True)
_j = Symbol("j", integer=True, nonnegative=True)
_push = Symbol("c", real=True)
_total = Symbol(r"|S_1 + \dots + S_N|", nonnegative=True)

ROBUST = Sum(binomial(d, _k) * p**_k * (1 - p) ** (d - _k) * Exceeds(_k, eps * sqrt(_k) / r), (_k, 0, d))


def derive_margin(clause: Clause) -> Proof:
    """Proof of the least margin that an attack leaves."""
    worst = WorstCase(-(r * _total + _push), _push, eps, sqrt(_N))
    reason = (
        "inside P2's region f(z + delta) = f(z) + (M beta)^T delta; |f(z)| = r |S_1 + ... + S_N|, and ||M beta|| = "
        "sqrt(N) "
        "since beta_i = theta_i = 1 or -1 on the support; the signs theta_i S_i are random signs"
    )
    return prove(clause.formula, begin(MARGIN, -worst, reason).within(over_ball(worst)))


def derive_accuracy(clause: Clause) -> Proof:
    """Proof of the robust accuracy as a sum over the size of the support."""
    mean = Mean(Exceeds(_N, eps * sqrt(_N) / r))
    reason = "robust iff the margin is above zero: N signs add up to more than eps sqrt(N)/r; for N = 0 they never do"
    return prove(clause.formula, begin(ACCURACY, mean, reason).by(mean_of_binomial(mean, _N, d, p, _k)))


def derive_tail(clause: Clause) -> Proof:
    """Proof of the law of a sum of signs."""
    tail = Exceeds(_N, eps * sqrt(_N) / r)
    return prove(clause.formula, begin(TAIL, tail, "given N").by(law_of_signs(tail, _j)))


_TAIL_SUM = law_of_signs(Exceeds(_N, eps * sqrt(_N) / r), _j).right
_QUOTED = {d: Integer(20), p: Rational(1, 10), eps: Rational(2, 5), r: Integer(1)}

LEAST_MARGIN = Clause(
    name="margin",
    says=r"Inside P2's region an $l_2$ attack leaves the margin $r|S_1 + \dots + S_N| - \epsilon\sqrt N$, and can "
    r"reach it.",
    formula=Eq(MARGIN, r * _total - eps * sqrt(_N)),
    derive=derive_margin,
    mutation=Mutation(
        "the gain of a single feature",
        Eq(MARGIN, r * _total - eps),
        {_N: Integer(4), eps: Integer(1), r: Integer(1), _total: Integer(2)},
        consequence=Eq(r * _total - eps * sqrt(_N), r * _total - eps),
    ),
)

GIVEN_SUPPORT = Clause(
    name="given the support",
    says=r"Given $N$ the sum of signs exceeds $\epsilon\sqrt N/r$ in modulus with the probability of that many "
    r"minuses.",
    formula=Eq(TAIL, _TAIL_SUM),
    derive=derive_tail,
    mutation=Mutation(
        "one tail",
        Eq(TAIL, _TAIL_SUM / 2),
        {_N: Integer(1), eps: Rational(1, 2), r: Integer(1)},
        consequence=Eq(_TAIL_SUM, _TAIL_SUM / 2),
    ),
)

ROBUST_ACCURACY = Clause(
    name="robust accuracy",
    says=r"The robust accuracy is $P(N \ge 1,\; r|S_1 + \dots + S_N| > \epsilon\sqrt N)$, $N \sim \mathrm{Bin}(d, "
    r"p)$: the "
    "empty support counts as wrong, and a tie is not robust.",
    formula=Eq(ACCURACY, ROBUST),
    derive=derive_accuracy,
    mutation=Mutation(
        "the empty support counted as right",
        Eq(ACCURACY, ROBUST + (1 - p) ** d),
        _QUOTED,
        consequence=Eq(ROBUST, ROBUST + (1 - p) ** d),
    ),
)

D5 = Claim(
    id="D5",
    title="Robust accuracy of a purified network",
    clauses=(LEAST_MARGIN, GIVEN_SUPPORT, ROBUST_ACCURACY),
    setting=(
        r"A purified network, $|\theta_i| = 1$; labels $\mathrm{sign}(\theta^\top x)$",
        "Constant amplitude $r$, no noise",
        r"Attack in $l_2$ inside P2's region ($\epsilon < \min(b, r - b)$)",
    ),
    source="section 6",
    kind="sharpened",
    depends_on=("P1", "P2"),
)

PURIFIED_ROBUST_ACCURACY = ClosedForm(
    name="purified_robust_accuracy",
    arguments={"d": d, "p": p, "r": r, "eps": eps},
    expression=ROBUST_ACCURACY.formula.rhs,
    domain={"d": COUNT, "p": PROBABILITY, "r": POSITIVE, "eps": NONNEGATIVE},
    claim="D5",
    words="probability that no l2 attack of size eps turns the sign of a purified network, |theta_i| = 1, inside "
    "P2's region",
)
