"""P5: the price of a mixture is its firing probability."""

from sympy import (
    Eq,
    Expr,
    Function,
    Gt,
    IndexedBase,
    Integer,
    Integral,
    Le,
    MatrixSymbol,
    Mul,
    Rational,
    Sum,
    Symbol,
    binomial,
    cos,
    floor,
    pi,
    sin,
    sqrt,
)

from theory.claims import Claim, Clause, ClosedForm, Mutation
from theory.derivation import Derivation, Proof, begin, prove
from theory.model import ZERO_TO_ONE, H, d, m, p
from theory.ranges import COUNT, PROBABILITY
from theory.theorems.indicators import Mean, idempotent, mean_of_indicators, orthogonal_nodes
from theory.theorems.series import bernoulli, first_term, one_integral, positive_integral
from theory.theorems.walks import (
    Balanced,
    Recursion,
    StepLaw,
    balanced_signs,
    inversion,
    mirrored,
    one_more_step,
    positive_by_recursion,
)

_j = Symbol("j", integer=True, nonnegative=True)
_n = Symbol("n", integer=True, nonnegative=True)
_k = Symbol("k", integer=True, positive=True)
_t = Symbol("t", real=True)
_h = Symbol("h", integer=True, positive=True)
_l = Symbol("l", integer=True, positive=True)

_UNIT = {p: ZERO_TO_ONE}
_ABOVE_ONE = {p: (Integer(0), Integer(2))}
_BELOW_TWO_THIRDS = {p: (Integer(0), Rational(2, 3))}


def firing_series(order: Expr, prob: Expr) -> Expr:
    """The firing probability of a node that mixes `order` features, each active with probability `prob`."""
    terms = binomial(order, 2 * _j) * binomial(2 * _j, _j) * (prob / 2) ** (2 * _j) * (1 - prob) ** (order - 2 * _j)
    return 1 - Sum(terms, (_j, 0, floor(order / 2)))


class FiringProbability(Function):  # type: ignore[misc]
    r"""The probability $\pi_m$ that a node of a mixture of order `m` fires: `FiringProbability(m, p)`."""

    nargs = 2

    def doit(self, **hints: object) -> Expr:
        """Its closed form, summed where the order is a number."""
        order, prob = self.args
        return firing_series(order, prob).doit(**hints) if order.is_Integer else self

    def _latex(self, printer: object, exp: object = None) -> str:
        order, prob = (printer._print(x) for x in self.args)  # type: ignore[attr-defined]
        power = "" if exp is None else f"^{{{exp}}}"
        return rf"\pi_{{{order}}}{power}" if self.args[1] == p else rf"\pi_{{{order}}}{power}\left({prob}\right)"


FIRING = FiringProbability(m, p)

# The walk S_1 + ... + S_n, n ~ Bin(m, p), takes m lazy steps; q(m, k) is its law.
_q = Function("q")
_D = Function("D")


def lazy_step(prob: Expr) -> StepLaw:
    """The law of one feature's part in a pre-activation: silent, plus or minus."""
    return {0: 1 - prob, 1: prob / 2, -1: prob / 2}


def derive_law(clause: Clause) -> Proof:
    """Proof of the series, from the number of active features in the group."""
    total = Sum(binomial(m, _n) * p**_n * (1 - p) ** (m - _n) * Balanced(_n), (_n, 0, m))
    reason = (
        "|v_h| = r |S_1 + ... + S_n| with n ~ Bin(m, p), since u_ih S_i is a sign like S_i: "
        "with 0 < b < r the node fires iff the sum is not zero"
    )
    series = (
        begin(FIRING, 1 - total, reason, box=_UNIT)
        .within(balanced_signs(total))
        .equals(firing_series(m, p), "gathering powers")
    )
    return prove(clause.formula, series)


def derive_integral(clause: Clause) -> Proof:
    """Proof of the integral form."""
    step = 1 - p + p * cos(_t)
    chain = begin(
        FIRING, 1 - _q(m, 0), "the node fires iff the walk of m lazy steps does not end at 0", box=_UNIT
    ).within(inversion(_q(m, 0), m, lazy_step(p), step, _t, _UNIT))
    return prove(clause.formula, chain)


def _difference(steps: Expr, place: Expr) -> Expr:
    """How much likelier the walk is at `place` than one further out."""
    return _q(steps, place) - _q(steps, place + 1)


def derive_growth(clause: Clause) -> Proof:
    r"""Proof that $\pi_m$ increases strictly, for the probability that the statement names."""
    prob = next(iter(clause.formula.atoms(FiringProbability))).args[1]
    box = _BELOW_TWO_THIRDS if prob == p else {}
    law = lazy_step(prob)
    inner_weights = {-1: prob / 2, 0: 1 - prob, 1: prob / 2}
    inner = (
        begin(_D(m + 1, _k), _difference(m + 1, _k), "D(m, k) = q(m, k) - q(m, k+1)")
        .within(one_more_step(_q, m, _k, law, _UNIT))
        .within(one_more_step(_q, m, _k + 1, law, _UNIT))
    )
    edge_weights = {0: 1 - 3 * prob / 2, 1: prob / 2}
    edge = (
        begin(_D(m + 1, 0), _difference(m + 1, Integer(0)), "D(m, 0) = q(m, 0) - q(m, 1)")
        .within(one_more_step(_q, m, Integer(0), law, _UNIT))
        .within(one_more_step(_q, m, Integer(1), law, _UNIT))
        .within(mirrored(_q, m, Integer(1), law))
    )
    induction = positive_by_recursion(
        _difference, m, _k, Recursion(inner, inner_weights), Recursion(edge, edge_weights), box
    )
    gain = FiringProbability(m + 1, prob) - FiringProbability(m, prob)
    chain = (
        begin(gain, _q(m, 0) - _q(m + 1, 0), "the node fires iff the walk does not end at 0", box=box)
        .within(one_more_step(_q, m, Integer(0), law, _UNIT))
        .within(mirrored(_q, m, Integer(1), law))
        .equals(Mul(prob, _difference(m, Integer(0)), evaluate=False), "gathering")
    )
    return prove(clause.formula, chain.within(induction), lemmas=(inner, edge))


def derive_second_order(clause: Clause) -> Proof:
    """Proof of what the step from order 1 to order 2 brings."""
    chain = begin(
        FiringProbability(2, p) - FiringProbability(1, p),
        firing_series(Integer(2), p).doit() - firing_series(Integer(1), p).doit(),
        "the series, written out at both orders",
    ).equals(p * (1 - 3 * p / 2), "adding up")
    return prove(clause.formula, chain)


def derive_even_growth(clause: Clause) -> Proof:
    """Proof that two more features in a group raise the firing probability, for the order that the statement names."""
    order = min((x.args[0] for x in clause.formula.atoms(FiringProbability)), key=lambda x: x.subs(_n, 0))
    half = sin(_t / 2) ** 2
    step = 1 - 2 * p * half
    law = lazy_step(p)
    gain = step**order * 4 * p * half * (1 - p + p * cos(_t / 2) ** 2) / (2 * pi)
    both = begin(
        FiringProbability(order + 2, p) - FiringProbability(order, p),
        _q(order, 0) - _q(order + 2, 0),
        "the node fires iff the walk does not end at 0",
        box=_UNIT,
    )
    for steps in (order, order + 2):
        both = both.within(inversion(_q(steps, 0), steps, law, step, _t, _UNIT))
    whole = both.by(one_integral(both.end, gain, _t, Integer(0), 2 * pi))
    return prove(clause.formula, whole.by(positive_integral(whole.end, pi / 3, _UNIT, _ABOVE_ONE)))


def derive_bounds(clause: Clause) -> Proof:
    """Proof of the two upper bounds."""
    series = firing_series(m, p)
    total = next(iter(series.atoms(Sum)))
    empty = begin(FIRING, series, "the series", box=_UNIT).within(first_term(total, _UNIT))
    return prove(clause.formula, empty, empty.within(bernoulli(1 - p, m, _UNIT)))


# Any network with pairwise orthogonal nodes: c_h = u_h^T theta, s_h the gate, n_h = ||u_h||^2, P_h how often it fires.
_c = IndexedBase("c")
_s = IndexedBase("s")
_a = IndexedBase("a")
_P = IndexedBase("P")
_gram = IndexedBase("G")
_norms = IndexedBase("n")
PULL = Symbol(r"u_{k}^{\top}\beta")
ENERGY = Symbol(r"\mathbb{E}\|\beta\|^2")
_ENERGY_OF_NODES = Sum(_c[_h] ** 2 / _norms[_h] * _P[_h], (_h, 1, H))


def derive_projection(clause: Clause) -> Proof:
    """Proof that the firing nodes see no difference between the effective map and the target."""
    total = Sum(_s[_h] * _c[_h] / _norms[_h] * _gram[_h, _k], (_h, 1, H))
    chain = begin(PULL, total, "beta = sum of s_h a_h u_h with a_h = u_h^T theta/||u_h||^2")
    return prove(clause.formula, chain.by(orthogonal_nodes(total, _gram, _norms)))


def derive_energy(clause: Clause) -> Proof:
    """Proof of the mean energy for pairwise orthogonal nodes."""
    return prove(clause.formula, _energy())


def _energy() -> Derivation:
    heads = {i: _s[i] * _c[i] / _norms[i] for i in (_h, _l)}
    total = Sum(heads[_h] * heads[_l] * _gram[_h, _l], (_h, 1, H), (_l, 1, H))
    diagonal = orthogonal_nodes(total, _gram, _norms)
    chain = begin(ENERGY, Mean(total), "beta = sum of s_h a_h u_h with a_h = u_h^T theta/||u_h||^2").within(diagonal)
    chain = chain.within(idempotent(chain.end, _s))
    return chain.within(mean_of_indicators(chain.end, _s, _P)).equals(_ENERGY_OF_NODES, "gathering")


_theta = MatrixSymbol("theta", d, 1)
_O = MatrixSymbol("O", d, d)
MIXTURE_ENERGY = MatrixSymbol(r"\mathbb{E}\|\beta_m\|^2", 1, 1)


def derive_mixture(clause: Clause) -> Proof:
    """Proof of the mean energy of a mixture network, from that of orthogonal nodes."""
    U = sqrt(m) * _O
    pulls = U.T * _theta
    chain = begin(
        MIXTURE_ENERGY,
        (FIRING / m) * pulls.T * pulls,
        "||u_h||^2 = m and every node fires with probability pi_m; U = sqrt(m) O with O orthogonal (Hadamard)",
        orthogonal=(_O,),
    ).equals(FIRING * _theta.T * _theta, "O O^T = I")
    return prove(clause.formula, chain, lemmas=(_energy(),))


SERIES = Clause(
    name="series",
    says="In a mixture of order $m$ every node fires with probability "
    r"$\pi_m = P(S_1 + \dots + S_n \ne 0)$, $n \sim \mathrm{Bin}(m, p)$.",
    formula=Eq(FIRING, firing_series(m, p)),
    derive=derive_law,
    mutation=Mutation(
        "the probability that a feature of the group is active",
        Eq(FIRING, 1 - (1 - p) ** m),
        {m: Integer(4), p: Rational(3, 10)},
    ),
)

INTEGRAL = Clause(
    name="integral",
    says=r"$\pi_m = 1 - \frac{1}{2\pi} \int_0^{2\pi} (1 - p + p \cos t)^m dt$.",
    formula=Eq(FIRING, 1 - Integral((1 - p + p * cos(_t)) ** m, (_t, 0, 2 * pi)) / (2 * pi)),
    derive=derive_integral,
    mutation=Mutation(
        "divided by the wrong length",
        Eq(FIRING, 1 - Integral((1 - p + p * cos(_t)) ** m, (_t, 0, 2 * pi)) / pi),
        {m: Integer(2), p: Rational(1, 2)},
        consequence=Eq(firing_series(m, p), 1 - Integral((1 - p + p * cos(_t)) ** m, (_t, 0, 2 * pi)) / pi),
    ),
)

GROWTH = Clause(
    name="growth",
    says=r"$\pi_m$ increases strictly over all integers $m$ if $0 < p < 2/3$: the law of the walk "
    "then falls away from 0.",
    formula=Gt(FiringProbability(m + 1, p) - FiringProbability(m, p), 0),
    box=_BELOW_TWO_THIRDS,
    derive=derive_growth,
    mutation=Mutation(
        "p = 7/10",
        Gt(FiringProbability(m + 1, Rational(7, 10)) - FiringProbability(m, Rational(7, 10)), 0),
        {m: Integer(1)},
    ),
)

ONLY_BELOW = Clause(
    name="only below 2/3",
    says="It does so only if $p < 2/3$: otherwise the step from order 1 to order 2 brings nothing or a loss.",
    formula=Eq(FiringProbability(2, p) - FiringProbability(1, p), p * (1 - 3 * p / 2)),
    derive=derive_second_order,
    mutation=Mutation(
        "the threshold 1 for 2/3",
        Eq(FiringProbability(2, p) - FiringProbability(1, p), p * (1 - p)),
        {p: Rational(1, 2)},
    ),
)

EVEN_GROWTH = Clause(
    name="growth over even orders",
    says=r"$\pi_m$ increases strictly over even $m$ for all $0 < p \le 1$.",
    formula=Gt(FiringProbability(2 * _n + 2, p) - FiringProbability(2 * _n, p), 0),
    derive=derive_even_growth,
    mutation=Mutation(
        "over odd orders",
        Gt(FiringProbability(2 * _n + 3, p) - FiringProbability(2 * _n + 1, p), 0),
        {_n: Integer(0), p: Integer(1)},
    ),
)

BOUNDS = Clause(
    name="bounds",
    says=r"$\pi_m \le 1 - (1-p)^m \le m p$.",
    formula=Le(FIRING, 1 - (1 - p) ** m) & Le(FIRING, m * p),
    derive=derive_bounds,
    mutation=Mutation("half of the bound", Le(FIRING, m * p / 2), {m: Integer(1), p: Rational(1, 2)}),
)

PROJECTION = Clause(
    name="projection",
    says=r"If the columns of $U$ are nonzero, pairwise orthogonal and span $\theta$, and "
    r"$a_h = c_h/n_h$ with $c_h = u_h^\top\theta$, $n_h = \|u_h\|^2$, then $\beta$ is the orthogonal projection of "
    r"$\theta$ on the span of the firing nodes: $s_h = 1$ for a firing node and 0 for a silent one, and $\beta$ and "
    r"$\theta$ have the same product with every firing node.",
    formula=Eq(PULL, _s[_k] * _c[_k]),
    derive=derive_projection,
    mutation=Mutation(
        "every node sees the target",
        Eq(PULL, _c[_k]),
        {_s[_k]: Integer(0), _c[_k]: Integer(1)},
        consequence=Eq(_s[_k] * _c[_k], _c[_k]),
    ),
)

GENERAL_ENERGY = Clause(
    name="energy of orthogonal nodes",
    says=r"Then $\mathbb{E}\|\beta\|^2 = \sum_h (u_h^\top\theta)^2/\|u_h\|^2 \, P_h$, $P_h$ the probability that node "
    "$h$ fires, for any amplitude law and any noise.",
    formula=Eq(ENERGY, _ENERGY_OF_NODES),
    derive=derive_energy,
    mutation=Mutation(
        "the squared norm forgotten",
        Eq(ENERGY, Sum(_c[_h] ** 2 * _P[_h], (_h, 1, H))),
        {_c[_h]: Integer(1), _norms[_h]: Integer(2), _P[_h]: Rational(1, 2)},
        consequence=Eq(_c[_h] ** 2 / _norms[_h] * _P[_h], _c[_h] ** 2 * _P[_h]),
    ),
)

MIXTURE = Clause(
    name="energy of a mixture",
    says=r"A mixture network of order $m$ has $\mathbb{E}\|\beta\|^2 = \pi_m \|\theta\|^2$.",
    formula=Eq(MIXTURE_ENERGY, FIRING * _theta.T * _theta),
    derive=derive_mixture,
    mutation=Mutation(
        "the activity of one feature for the firing probability",
        Eq(MIXTURE_ENERGY, p * _theta.T * _theta),
        {m: Integer(4), p: Rational(3, 10)},
        consequence=Eq(FIRING, p),
    ),
)

P5 = Claim(
    id="P5",
    title="The price of a mixture is its firing probability",
    clauses=(SERIES, INTEGRAL, GROWTH, ONLY_BELOW, EVEN_GROWTH, BOUNDS, PROJECTION, GENERAL_ENERGY, MIXTURE),
    setting=(
        "$0 < p \\le 1$",
        r"for the mixture: constant amplitude $r$, no noise, one threshold $0 < b < r$",
        r"mixture of order $m$: $U U^\top = m I$ with blocks of signs, $a_h = u_h^\top\theta/m$",
    ),
    source="beyond the paper",
    kind="sharpened",
    depends_on=("P1",),
)

FIRING_PROBABILITY = ClosedForm(
    name="firing_probability",
    arguments={"m": m, "p": p},
    expression=SERIES.formula.rhs,
    domain={"m": COUNT, "p": PROBABILITY},
    claim="P5",
    words="probability that a node of a mixture of order m fires; its mean energy over ||theta||^2",
)
