"""P9: no node fires more rarely because it mixes features, but a layer can be cheaper than a purified one."""

from itertools import product

from sympy import (
    And,
    Eq,
    Expr,
    Ge,
    Gt,
    Integer,
    Pow,
    Rational,
    Sum,
    Symbol,
    binomial,
    floor,
    latex,
    oo,
)

from theory.assumptions import Assumption, constant_amplitude, independent_features, no_noise
from theory.claims import Claim, Clause, NearMiss
from theory.derivation import Derivation, Proof, begin, opening, prove
from theory.model import ZERO_TO_ONE, b, m, p, r
from theory.purification.p5_firing_probability import firing_series
from theory.quantities.firing import (
    ENERGY,
    FIT_ERROR,
    NODE_FIRES,
    OFFSET_FIRES,
    TILTED_FIRES,
    OffsetShare,
    SilentShare,
    TiltedShare,
)
from theory.ranges import ACTIVE, COUNT, POSITIVE, REAL, between, integers_from
from theory.theorems.antichains import (
    MostSilent,
    below_geometric,
    binomial_theorem,
    by_parity,
    odd_share,
    power_falls,
    silent_patterns,
    silent_patterns_with_offset,
    tilted_patterns,
)

_n = Symbol("n", integer=True, nonnegative=True)
_k = Symbol("j", integer=True, nonnegative=True)
_BOX = {p: ZERO_TO_ONE}


def least_firing(order: Expr, prob: Expr) -> Expr:
    """The least firing probability of a node that mixes so many features: that of a mixture less the odd patterns."""
    weight = binomial(order, 2 * _k + 1) * prob ** (2 * _k + 1) * (1 - prob) ** (order - 2 * _k - 1)
    return firing_series(order, prob) - Sum(weight * odd_share(_k), (_k, 0, floor((order - 1) / 2)))


GEOMETRIC = Rational(2, 3) * (1 - (1 - 3 * p / 2) ** m)
"""The lower bound in closed form, which the least firing probability attains up to order four."""


def _over_counts(share: Expr) -> Expr:
    """The mean of a function of the number of active features."""
    return Sum(binomial(m, _n) * p**_n * (1 - p) ** (m - _n) * share, (_n, 0, m))


_excess, _others = Symbol("e", nonnegative=True), Symbol("f", nonnegative=True)


def _apart() -> Derivation:
    """The chain from what a flipped sign, and others flipped with it, change to twice the threshold."""
    change = 2 * (b + _excess) + _others
    return opening(change).at_least(
        2 * b, "each feature fires the node alone: |u_i| R_i = b + e", gap=2 * _excess + _others
    )


def _counted() -> Derivation:
    """The chain from the firing probability to the sum over the largest silent shares."""
    reason = "n of the m features are active, and given n the node is silent for a share of supports, signs, amplitudes"
    chain = begin(NODE_FIRES, 1 - _over_counts(SilentShare(_n)), reason, box=_BOX)
    return chain.within(silent_patterns(SilentShare(_n), _apart(), b, fires_alone))


def derive_bound(clause: Clause) -> Proof:
    """Proof of the lower bound, from the largest antichains of sign patterns."""
    chain = _counted().within(by_parity(_over_counts(MostSilent(_n)), _k))
    return prove(clause.formula, chain.equals(least_firing(m, p), "collect powers"))


def derive_offset(clause: Clause) -> Proof:
    """Proof of the weaker bound that holds whatever further entries and noise add."""
    reason = "given n active features of the m, the node is silent for a share of supports, signs, amplitudes, offsets"
    chain = begin(OFFSET_FIRES, 1 - _over_counts(OffsetShare(_n)), reason, box=_BOX)
    chain = chain.within(silent_patterns_with_offset(OffsetShare(_n), _apart(), b, fires_alone))
    return prove(clause.formula, chain)


def derive_attained(clause: Clause) -> Proof:
    """Proof that tilted weights leave as many patterns silent as any node can."""
    tilt = begin(Symbol("T"), 1 - Pow(2, -m), "the tilts 2^(i - m - 1), i = 1, ..., m, add up to this")
    tilt = tilt.at_most(Integer(1), "2^-m > 0", gap=Pow(2, -m), strict=True)
    reason = "n of the m features are active, and given n the node is silent for a share of the sign patterns"
    chain = begin(TILTED_FIRES, 1 - _over_counts(TiltedShare(_n)), reason, box=_BOX)
    chain = chain.within(tilted_patterns(TiltedShare(_n), tilt, tilted_weights))
    chain = chain.within(by_parity(_over_counts(MostSilent(_n)), _k))
    return prove(clause.formula, chain.equals(least_firing(m, p), "collect powers"), lemmas=(tilt,))


def _geometric() -> Derivation:
    """The chain on to the geometric bound."""
    chain = _counted().within(below_geometric(_n))
    (total,) = chain.end.atoms(Sum)
    terms = ((Rational(1, 3), p), (Rational(2, 3), -p / 2))
    return chain.within(binomial_theorem(total, 1 - p, terms))


def derive_geometric(clause: Clause) -> Proof:
    """Proof of the geometric bound, number of active features by number."""
    return prove(clause.formula, _geometric())


def derive_above_pure(clause: Clause) -> Proof:
    """Proof that a node that mixes features fires more often than a pure one."""
    # An order above one is at least two.
    box = {**clause.box, m: (Integer(1), oo)}
    chain = _geometric().narrowed(box).within(power_falls(1 - 3 * p / 2, m, Integer(2), box))
    return prove(clause.formula, chain.at_least(p, "p < 2/3", gap=p * (1 - 3 * p / 2), strict=True))


_ROWS = ((1, 0), (0, 1), (1, -1), (1, 1), (3, 1), (1, 3))
"""Feature weights of the six nodes of the example."""
THRESHOLD = Rational(9, 10)
"""Their threshold, as a multiple of the amplitude."""
THETA = (Symbol("theta_1", real=True), Symbol("theta_2", real=True))


def heads() -> tuple[Expr, ...]:
    """The heads of the six nodes."""
    first, second = THETA
    mixed = (first - second) / 2, (first + second) / 2
    return (first, second, *mixed, -(3 * first - second) / 8, -(3 * second - first) / 8)


def rows() -> tuple[tuple[int, int], ...]:
    """Feature weights of the six nodes."""
    return _ROWS


def derive_cheaper(clause: Clause) -> Proof:
    """Proof of energy and fit of the six nodes, input by input."""
    values = {0: 1 - p, 1: p / 2, -1: p / 2}
    energy, error = Integer(0), Integer(0)
    for i, j in product(values, values):
        seen = [row[0] * i + row[1] * j for row in _ROWS]
        firing = [node for node in zip(heads(), _ROWS, seen, strict=True) if abs(node[2]) >= THRESHOLD]
        beta = [sum((a * row[place] for a, row, _ in firing), Integer(0)) for place in (0, 1)]
        energy += values[i] * values[j] * (beta[0] ** 2 + beta[1] ** 2)
        output = sum((a * (r * v) for a, _, v in firing), Integer(0))
        error += (output - r * (THETA[0] * i + THETA[1] * j)) ** 2
    pays = begin(ENERGY, energy, "the nine inputs, each with the nodes that fire there")
    fits = begin(FIT_ERROR, error, "the output is the sum of heads times firing pre-activations")
    square = THETA[0] ** 2 + THETA[1] ** 2
    return prove(
        clause.formula,
        pays.equals((p - p**2 / 2) * square, "add the terms"),
        fits.equals(Integer(0), "every term vanishes"),
    )


fires_alone = Assumption(
    "each feature fires the node",
    r"Each of the $m$ features of the node fires it alone: $|u_{ih}| R_i \ge b > 0$ for every amplitude $R_i$ of "
    "feature $i$.",
)
fair_signs = Assumption(
    "fair signs",
    "An active feature is as likely to be negative as positive, whatever the others and the amplitudes are.",
)
tilted_weights = Assumption(
    "tilted weights", "The node holds $m$ features with the weights $b(1 + 2^{i-m-1})/r$.", defines=True
)
six_nodes = Assumption(
    "six nodes",
    "There are two features, and the six nodes with the feature weights "
    + ", ".join(f"${row}$" for row in _ROWS)
    + f" have the threshold $b = {latex(THRESHOLD)}\\,r$ and the heads "
    + ", ".join(f"${latex(head)}$" for head in heads())
    + ".",
    defines=True,
)
_NODE = (fires_alone, fair_signs, independent_features, no_noise)
_MIXED = {m: COUNT, p: ACTIVE}

BOUND = Clause(
    name="least firing probability",
    says="A node that mixes $m$ features, each of which fires it alone, fires at least as often as the largest "
    "possible set of silent sign patterns allows, whatever its weights and the law of the amplitudes: $[[formula]]$.",
    formula=Ge(NODE_FIRES, least_firing(m, p)),
    over=_MIXED,
    assumes=_NODE,
    derive=derive_bound,
)

ATTAINED = Clause(
    name="attained",
    says="The bound is attained for every $m$: slightly tilted weights silence every balanced pattern and half of "
    "those whose signs add up to one, $[[formula]]$.",
    formula=Eq(TILTED_FIRES, least_firing(m, p)),
    over=_MIXED,
    assumes=(tilted_weights, constant_amplitude, independent_features, no_noise),
    derive=derive_attained,
)

GEOMETRIC_BOUND = Clause(
    name="geometric bound",
    says="The firing probability of a node that mixes $m$ features, each of which fires it alone, has a lower bound in "
    "closed form, which tilted weights attain up to four features: $[[formula]]$.",
    formula=Ge(NODE_FIRES, GEOMETRIC),
    over=_MIXED,
    assumes=_NODE,
    derive=derive_geometric,
)

WITH_OFFSET = Clause(
    name="with noise and further entries",
    says="Whatever noise and further features add to the pre-activation, the node fires at least as often as Erdos' "
    "bound on the silent sign patterns allows: $[[formula]]$.",
    formula=Ge(OFFSET_FIRES, 1 - _over_counts(binomial(_n, floor(_n / 2)) / 2**_n)),
    over=_MIXED,
    assumes=(fires_alone, fair_signs, independent_features),
    derive=derive_offset,
)

ABOVE_PURE = Clause(
    name="more often than a pure node",
    says="For $[[range p]]$, a node that mixes two or more features, each of which fires it alone, fires strictly more "
    "often than a pure node: $[[formula]]$.",
    formula=Gt(NODE_FIRES, p),
    over={m: integers_from(2), p: between(0, Rational(2, 3))},
    assumes=_NODE,
    derive=derive_above_pure,
    near_miss=NearMiss("p up to 7/10", over={p: between(0, Rational(7, 10))}),
)

CHEAPER = Clause(
    name="a cheaper layer",
    says="Nevertheless a layer as a whole can be cheaper than a purified one, whose mean energy is $p\\|\\theta\\|^2$: "
    "the six nodes of the example fit every input exactly, and $[[formula]]$.",
    formula=And(Eq(ENERGY, (p - p**2 / 2) * (THETA[0] ** 2 + THETA[1] ** 2)), Eq(FIT_ERROR, 0)),
    over={p: ACTIVE, r: POSITIVE, THETA[0]: REAL, THETA[1]: REAL},
    assumes=(six_nodes, constant_amplitude, independent_features, no_noise),
    derive=derive_cheaper,
)

P9 = Claim(
    id="P9",
    title="No node fires more rarely because it mixes features",
    clauses=(BOUND, ATTAINED, GEOMETRIC_BOUND, ABOVE_PURE, WITH_OFFSET, CHEAPER),
    setting=(),
    source="beyond the paper",
    kind="sharpened",
    depends_on=("P5",),
)
