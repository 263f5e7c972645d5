"""D1, where nodes share a feature: the minimum-norm head is robust everywhere, other heads need not be."""

from sympy import And, Eq, Expr, Ge, IndexedBase, Integer, Le, Rational, Sum, Symbol, true

from theory.assumptions import Assumption, no_noise
from theory.claims import Clause
from theory.derivation import Proof, Step, begin, prove
from theory.inheritance.d1_layer import least_squares_head, right_gates
from theory.quantities.heads import HEAD_SQUARE, MAP_SHARE, OutputOnAxis
from theory.ranges import COUNT, REAL
from theory.theorems.counting import scaled_sum
from theory.theorems.duality import termwise_by_cases
from theory.theorems.gates import Gate
from theory.theorems.inner_products import cauchy_schwarz

nodes = Symbol("n", integer=True, positive=True)
_h = Symbol("h", integer=True, positive=True)
target = Symbol(r"{\theta'_1}", real=True)
t = Symbol("t", real=True)
scale = Symbol("u", real=True)
_a = IndexedBase("a", real=True)
omega = IndexedBase("omega", real=True)
_fires = IndexedBase("F", nonnegative=True)

_WEIGHTS = Sum(omega[_h] ** 2, (_h, 1, nodes))
_MULTIPLE = scale * omega[_h]
"""Heads in proportion to the weights: `u = theta_i / sum of omega^2` fits."""

shortest = Assumption("shortest head", "No other least-squares head is shorter.")


def derive_least_norm(clause: Clause) -> Proof:
    """Proof that no least-squares head is shorter than the one in proportion to the weights."""
    energy = Sum(_a[_h] ** 2, (_h, 1, nodes))
    output, fitted = (Sum(head * omega[_h], (_h, 1, nodes)) for head in (_MULTIPLE, _a[_h]))
    reason = "all least-squares heads have the same sum of a_h omega_h, which u omega has"
    fit = Step(fitted, "=", output, reason, "assumption", given=(least_squares_head,))
    chain = (
        begin(HEAD_SQUARE, energy, "heads on the n nodes of one feature")
        .by(cauchy_schwarz(_a[_h], omega[_h], (_h, 1, nodes), quotient=True))
        .within(fit)
    )
    return prove(clause.formula, chain.within(scaled_sum(output, scale, omega[_h] ** 2)))


def derive_share(clause: Clause) -> Proof:
    """Proof that the effective map of the minimum-norm head never exceeds its target."""
    total = Sum(_fires[_h] * omega[_h] ** 2, (_h, 1, nodes))
    reason = "beta_i(z) adds a_h omega_h over the nodes that fire at z, any z; a_h = theta_i omega_h/sum of omega^2"
    chain = begin(MAP_SHARE, total, reason).by(termwise_by_cases(total, omega[_h] ** 2, {_fires[_h]: (true, true)}))
    return prove(clause.formula, chain)


NODES = ((1, "1", "1/2"), (1, "1", "9/10"), (1, "7/10", "1/2"), (2, "1", "1/2"), (1, "1", "21/20"))
"""Feature, weight and threshold of the nodes of the example."""
MOVED = (1, -1, 0, 0, 1)
"""Along this direction heads change without a trace on inputs without an attack."""


def _output(v: Expr) -> Expr:
    """The network at `v e_1`, with the head `(theta_1, 0, 0, theta_2, 0)` moved by `t` along the direction."""
    total = Integer(0)
    for place, (node, step) in enumerate(zip(NODES, MOVED, strict=True)):
        feature, weight, threshold = node
        if feature == 1:
            head = (target if place == 0 else Integer(0)) + step * t
            total += head * Gate(Rational(weight) * v, Rational(threshold))
    return total


def derive_beyond(clause: Clause) -> Proof:
    """Proof that a least-squares head can break down beyond P2's region."""
    reason = "the nodes of the example at v e_1, where the node on feature 2 is silent"
    equations = [part for part in clause.conjuncts if isinstance(part, Eq)]
    chains = (
        begin(part.lhs, _output(part.lhs.args[0]), reason).equals(_AT[part.lhs.args[0]], "gates") for part in equations
    )
    return prove(clause.formula, *chains)


_AT = {v: target if v == 1 else v * (target + t) for v in (Rational(1), Rational(4, 5), Rational(6, 5))}
"""The output at multiples of the first unit vector: the example's input, and the ends of the attack on it."""

one_feature = Assumption(
    "one feature", r"The nodes in question all hold the same feature, with weights $\omega_h$.", defines=True
)
example = Assumption(
    "example of shared features",
    "The nodes hold features "
    + ", ".join(str(feature) for feature, _, _ in NODES)
    + " with the weights "
    + ", ".join(weight for _, weight, _ in NODES)
    + " and the thresholds "
    + ", ".join(threshold for _, _, threshold in NODES)
    + r"; the amplitude is one, and $t$ times "
    + str(MOVED)
    + r" is added to the head $(\theta'_1, 0, 0, \theta'_2, 0)$.",
    defines=True,
)

SHORTEST = Clause(
    name="minimum-norm head",
    says="If several nodes share a feature, no least-squares head is shorter than the one proportional to their "
    r"weights, $a_h = u\,\omega_h$ with $u = \theta'_i/\sum \omega_h^2$: $[[formula]]$.",
    formula=Ge(HEAD_SQUARE, scale**2 * _WEIGHTS),
    over={nodes: COUNT},
    assumes=(one_feature, right_gates, no_noise, least_squares_head),
    derive=derive_least_norm,
)

BOUNDED = Clause(
    name="robust everywhere",
    says="The effective map of the shortest least-squares head never exceeds the target in modulus, even under "
    "attacks beyond the region of P2: $[[formula]]$ at every $z$.",
    formula=Le(MAP_SHARE, _WEIGHTS),
    over={nodes: COUNT},
    assumes=(one_feature, right_gates, no_noise, least_squares_head, shortest),
    derive=derive_share,
)

BEYOND = Clause(
    name="beyond the region",
    says="Heads with the same risk and effective map can differ beyond the region of P2: in the example, the effect "
    "of an attack on the output grows without bound in $t$, although $t$ has no effect without the attack: "
    "$[[formula]]$.",
    formula=And(*(Eq(OutputOnAxis(v), value) for v, value in _AT.items())),
    over={target: REAL, t: REAL},
    assumes=(example,),
    derive=derive_beyond,
)
