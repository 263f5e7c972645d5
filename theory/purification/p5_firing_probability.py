"""P5: the price of a mixture is its firing probability."""

from collections.abc import Callable

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
    latex,
    pi,
    sin,
    sqrt,
)
from sympy.core.function import UndefinedFunction

from theory.assumptions import Assumption, constant_amplitude, low_threshold, no_noise
from theory.claims import Claim, Clause, ClosedForm, NearMiss
from theory.derivation import Derivation, Proof, Step, begin, definition, opening, prove
from theory.laws import constant, indicator, walk
from theory.model import ZERO_TO_ONE, H, d, m, p
from theory.quantities.firing import ENERGY, MIXTURE_ENERGY, SEEN, FiringProbability
from theory.ranges import ACTIVE, COUNT, PROBABILITY, between, indices, integers_from
from theory.theorems.indicators import Mean, idempotent, orthogonal_nodes
from theory.theorems.series import bernoulli, first_term, one_integral, positive_integral
from theory.theorems.support import mean_of_indicators
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
k = Symbol("k", integer=True, positive=True)
_t = Symbol("t", real=True)
_h = Symbol("h", integer=True, positive=True)
_l = Symbol("l", integer=True, positive=True)

_UNIT = {p: ZERO_TO_ONE}
_ABOVE_ONE = {p: (Integer(0), Integer(2))}


def firing_series(order: Expr, prob: Expr) -> Expr:
    """The firing probability of a node that mixes `order` features, each active with probability `prob`."""
    terms = binomial(order, 2 * _j) * binomial(2 * _j, _j) * (prob / 2) ** (2 * _j) * (1 - prob) ** (order - 2 * _j)
    return 1 - Sum(terms, (_j, 0, floor(order / 2)))


FiringProbability.series = staticmethod(firing_series)

FIRING = FiringProbability(m, p)

_D = Function("D")


def lazy_step(prob: Expr) -> StepLaw:
    """The law of one feature's part in a pre-activation: silent, plus or minus."""
    return {0: 1 - prob, 1: prob / 2, -1: prob / 2}


def _walk(prob: Expr) -> UndefinedFunction:
    """The law `q(m, k)` of the walk S_1 + ... + S_n, n ~ Bin(m, prob), which takes m lazy steps."""
    return walk(Function(f"q^{{({latex(prob)})}}"), lazy_step(prob))


def probability_of_firing(order: Expr, prob: Expr, expression: Expr, reason: str) -> Step:
    """The link from the firing probability to what it is in the model: a probability, which is not negative."""
    sign = Step(expression, ">=", Integer(0), "a probability is not negative", "assumption", given=(mixture,))
    return definition(FiringProbability(order, prob), expression, reason, sign=sign)


def derive_law(clause: Clause) -> Proof:
    """Proof of the series, from the number of active features in the group."""
    return prove(clause.formula, _series())


def _series() -> Derivation:
    total = Sum(binomial(m, _n) * p**_n * (1 - p) ** (m - _n) * Balanced(_n), (_n, 0, m))
    reason = (
        "|v_h| = r |S_1 + ... + S_n| with n ~ Bin(m, p), since u_ih S_i is a sign like S_i: "
        "with 0 < b < r the node fires iff the sum is not zero"
    )
    return (
        opening(FIRING, box=_UNIT)
        .within(probability_of_firing(m, p, 1 - total, reason))
        .within(balanced_signs(total))
        .equals(firing_series(m, p), "collect powers")
    )


def derive_integral(clause: Clause) -> Proof:
    """Proof of the integral form."""
    step = 1 - p + p * cos(_t)
    chain = opening(FIRING, box=_UNIT).within(_fires(m, p))
    chain = chain.within(inversion(_walk(p)(m, 0), m, lazy_step(p), step, _t, _UNIT))
    return prove(clause.formula, chain)


def _differences(q: UndefinedFunction) -> Callable[[Expr, Expr], Expr]:
    """How much likelier the walk is at a place than one further out."""
    return lambda steps, place: q(steps, place) - q(steps, place + 1)


def _fires(order: Expr, prob: Expr) -> Step:
    reason = "the node fires iff the lazy walk with as many steps as it has features does not end at 0"
    return probability_of_firing(order, prob, 1 - _walk(prob)(order, 0), reason)


def derive_growth(clause: Clause) -> Proof:
    r"""Proof that $\pi_m$ increases strictly, for the probability that the statement names."""
    prob = next(iter(clause.formula.atoms(FiringProbability))).args[1]
    box = clause.box if prob == p else {}
    law, q = lazy_step(prob), _walk(prob)
    difference = _differences(q)
    inner_weights = {-1: prob / 2, 0: 1 - prob, 1: prob / 2}
    inner = (
        begin(_D(m + 1, k), difference(m + 1, k), "D(m, k) = q(m, k) - q(m, k+1)", box=box)
        .within(one_more_step(q, m, k, law, _UNIT))
        .within(one_more_step(q, m, k + 1, law, _UNIT))
    )
    edge_weights = {0: 1 - 3 * prob / 2, 1: prob / 2}
    edge = (
        begin(_D(m + 1, 0), difference(m + 1, Integer(0)), "D(m, 0) = q(m, 0) - q(m, 1)", box=box)
        .within(one_more_step(q, m, Integer(0), law, _UNIT))
        .within(one_more_step(q, m, Integer(1), law, _UNIT))
        .within(mirrored(q, m, Integer(1), law))
    )
    induction = positive_by_recursion(
        difference, m, k, Recursion(inner, inner_weights), Recursion(edge, edge_weights), box
    )
    gain = FiringProbability(m + 1, prob) - FiringProbability(m, prob)
    chain = (
        opening(gain, box=box)
        .within(_fires(m + 1, prob))
        .within(_fires(m, prob))
        .within(one_more_step(q, m, Integer(0), law, _UNIT))
        .within(mirrored(q, m, Integer(1), law))
        .equals(Mul(prob, difference(m, Integer(0)), evaluate=False), "collect terms")
    )
    return prove(clause.formula, chain.within(induction), lemmas=(inner, edge))


def derive_second_order(clause: Clause) -> Proof:
    """Proof of what the step from order 1 to order 2 brings."""
    series = _series()
    chain = (
        opening(FiringProbability(2, p) - FiringProbability(1, p), box=_UNIT)
        .within(series.at({m: Integer(2)}, named=True))
        .within(series.at({m: Integer(1)}, named=True))
        .equals(p * (1 - 3 * p / 2), "add the terms")
    )
    return prove(clause.formula, chain, lemmas=(series,))


def derive_even_growth(clause: Clause) -> Proof:
    """Proof that two more features in a group raise the firing probability, for the order that the statement names."""
    order = min((x.args[0] for x in clause.formula.atoms(FiringProbability)), key=lambda x: x.subs(_n, 0))
    half = sin(_t / 2) ** 2
    step = 1 - 2 * p * half
    law = lazy_step(p)
    gain = step**order * 4 * p * half * (1 - p + p * cos(_t / 2) ** 2) / (2 * pi)
    gain_of_two = FiringProbability(order + 2, p) - FiringProbability(order, p)
    both = opening(gain_of_two).within(_fires(order + 2, p)).within(_fires(order, p))
    for steps in (order, order + 2):
        both = both.within(inversion(_walk(p)(steps, 0), steps, law, step, _t, _UNIT))
    whole = both.by(one_integral(both.end, gain, _t, Integer(0), 2 * pi))
    return prove(clause.formula, whole.by(positive_integral(whole.end, pi / 3, _UNIT, _ABOVE_ONE)))


def derive_bounds(clause: Clause) -> Proof:
    """Proof of the two upper bounds."""
    series = firing_series(m, p)
    total = next(iter(series.atoms(Sum)))
    empty = (
        opening(FIRING, box=_UNIT)
        .within(probability_of_firing(m, p, series, "the series"))
        .within(first_term(total, _UNIT))
    )
    return prove(clause.formula, empty, empty.within(bernoulli(1 - p, m, _UNIT)))


# Any network with pairwise orthogonal nodes: c_h = u_h^T theta, s_h the gate, n_h = ||u_h||^2, P_h how often it fires.
c = constant(IndexedBase("c"))
rate = constant(IndexedBase("P"))
s = indicator(IndexedBase("s"), rate)
_a = IndexedBase("a")
_gram = IndexedBase("G")
norms = constant(IndexedBase("n"))
_ENERGY_OF_NODES = Sum(c[_h] ** 2 / norms[_h] * rate[_h], (_h, 1, H))


def derive_projection(clause: Clause) -> Proof:
    """Proof that the firing nodes see no difference between the effective map and the target."""
    total = Sum(s[_h] * c[_h] / norms[_h] * _gram[_h, k], (_h, 1, H))
    chain = begin(SEEN, total, "beta = sum of s_h a_h u_h with a_h = u_h^T theta/||u_h||^2")
    return prove(clause.formula, chain.by(orthogonal_nodes(total, _gram, norms)))


def derive_energy(clause: Clause) -> Proof:
    """Proof of the mean energy for pairwise orthogonal nodes."""
    return prove(clause.formula, _energy())


def _energy() -> Derivation:
    heads = {i: s[i] * c[i] / norms[i] for i in (_h, _l)}
    total = Sum(heads[_h] * heads[_l] * _gram[_h, _l], (_h, 1, H), (_l, 1, H))
    diagonal = orthogonal_nodes(total, _gram, norms)
    chain = begin(ENERGY, Mean(total), "beta = sum of s_h a_h u_h with a_h = u_h^T theta/||u_h||^2").within(diagonal)
    chain = chain.within(idempotent(chain.end, s))
    return chain.within(mean_of_indicators(chain.end, s, rate)).equals(_ENERGY_OF_NODES, "collect terms")


theta = MatrixSymbol("theta", d, 1)
_O = MatrixSymbol("O", d, d)


def derive_mixture(clause: Clause) -> Proof:
    """Proof of the mean energy of a mixture network, from that of orthogonal nodes."""
    U = sqrt(m) * _O
    pulls = U.T * theta
    chain = begin(
        MIXTURE_ENERGY,
        (FIRING / m) * pulls.T * pulls,
        "||u_h||^2 = m and every node fires with probability pi_m; U = sqrt(m) O with O orthogonal (Hadamard)",
        orthogonal=(_O,),
    ).equals(FIRING * theta.T * theta, "O O^T = I")
    return prove(clause.formula, chain, lemmas=(_energy(),))


mixture = Assumption(
    "mixture",
    "The network is a mixture of order $m$: each group of $m$ features has $m$ nodes with weights of equal modulus, "
    r"$U U^\top = m I$, and heads $a_h = u_h^\top\theta/m$.",
    defines=True,
)
orthogonal_nodes_only = Assumption("orthogonal nodes", "The columns of $U$ are nonzero and pairwise orthogonal.")
projecting_head = Assumption(
    "projecting head",
    r"The target is in the span of the nodes, and the heads are $a_h = c_h/n_h$ with $c_h = u_h^\top\theta$ and $n_h "
    r"= \|u_h\|^2$.",
    defines=True,
)
GROUP = (mixture, constant_amplitude, no_noise, low_threshold)
_NODES = (projecting_head, orthogonal_nodes_only)
_WALK = {m: COUNT, p: ACTIVE}

SERIES = Clause(
    name="series",
    says="A node that holds $m$ features, each active with probability $p$, is silent exactly when as many of its "
    "signs are positive as negative, so it fires with probability $[[formula]]$.",
    formula=Eq(FIRING, firing_series(m, p)),
    over=_WALK,
    assumes=GROUP,
    derive=derive_law,
)

INTEGRAL = Clause(
    name="integral",
    says="The firing probability can be written as an integral over the characteristic function of one feature: "
    "$[[formula]]$.",
    formula=Eq(FIRING, 1 - Integral((1 - p + p * cos(_t)) ** m, (_t, 0, 2 * pi)) / (2 * pi)),
    over=_WALK,
    assumes=GROUP,
    derive=derive_integral,
)

GROWTH = Clause(
    name="growth",
    says="If $[[range p]]$, a node that holds one more feature fires strictly more often, $[[formula]]$, because the "
    "law of the random walk then decreases away from zero.",
    formula=Gt(FiringProbability(m + 1, p) - FiringProbability(m, p), 0),
    over={m: COUNT, p: between(0, Rational(2, 3))},
    assumes=GROUP,
    derive=derive_growth,
    near_miss=NearMiss("p from 0 to 7/10", over={p: between(0, Rational(7, 10))}),
)

ONLY_BELOW = Clause(
    name="only below",
    says="The range of $p$ on which every further feature raises the firing probability cannot be extended: the "
    "second feature changes it by $[[formula]]$, which is not positive for larger $p$.",
    formula=Eq(FiringProbability(2, p) - FiringProbability(1, p), p * (1 - 3 * p / 2)),
    over={p: ACTIVE},
    assumes=GROUP,
    derive=derive_second_order,
)

EVEN_GROWTH = Clause(
    name="growth over even orders",
    says="Two more features make a node of even order fire strictly more often at every $p$: $[[formula]]$ for "
    "$[[range]]$.",
    formula=Gt(FiringProbability(2 * _n + 2, p) - FiringProbability(2 * _n, p), 0),
    over={_n: integers_from(0), p: ACTIVE},
    assumes=GROUP,
    derive=derive_even_growth,
    near_miss=NearMiss("over odd orders", Gt(FiringProbability(2 * _n + 3, p) - FiringProbability(2 * _n + 1, p), 0)),
)

BOUNDS = Clause(
    name="bounds",
    says="The firing probability of a node is at most the probability that at least one of its features is active, "
    "which in turn is at most the sum of their activity probabilities: $[[formula]]$.",
    formula=Le(FIRING, 1 - (1 - p) ** m) & Le(FIRING, m * p),
    over=_WALK,
    assumes=GROUP,
    derive=derive_bounds,
)

PROJECTION = Clause(
    name="projection",
    says=r"The effective map $\beta$ is the orthogonal projection of $\theta$ onto the span of the firing nodes: "
    "$[[formula]]$, where $s_k$ is one if node $k$ fires and zero otherwise.",
    formula=Eq(SEEN, s[k] * c[k]),
    over={k: indices(H), H: COUNT},
    assumes=_NODES,
    derive=derive_projection,
)

GENERAL_ENERGY = Clause(
    name="energy of orthogonal nodes",
    says="For any amplitude law and any noise, the mean energy of orthogonal nodes follows from the probabilities "
    "$P_h$ that node $h$ fires: $[[formula]]$.",
    formula=Eq(ENERGY, _ENERGY_OF_NODES),
    over={H: COUNT},
    assumes=_NODES,
    derive=derive_energy,
)

MIXTURE = Clause(
    name="energy of a mixture",
    says="The mean energy of a mixture network of order $m$ is determined by its firing probability: $[[formula]]$.",
    formula=Eq(MIXTURE_ENERGY, FIRING * theta.T * theta),
    over=_WALK,
    assumes=GROUP,
    derive=derive_mixture,
)

P5 = Claim(
    id="P5",
    title="The price of a mixture is its firing probability",
    clauses=(SERIES, INTEGRAL, GROWTH, ONLY_BELOW, EVEN_GROWTH, BOUNDS, PROJECTION, GENERAL_ENERGY, MIXTURE),
    setting=(),
    source="beyond the paper",
    kind="sharpened",
    depends_on=("P1",),
)

FIRING_PROBABILITY = ClosedForm(
    name="firing_probability",
    arguments={"m": m, "p": p},
    expression=FIRING,
    domain={"m": COUNT, "p": PROBABILITY},
    claim="P5",
    words="probability that a node of a mixture of order m fires; its mean energy over ||theta||^2",
)
