"""A1: what passes of an attack through a node whose feature is absent, for other activations than the gate."""

from sympy import (
    And,
    Derivative,
    Eq,
    Expr,
    IndexedBase,
    Integer,
    Integral,
    Rational,
    Subs,
    Sum,
    Symbol,
    oo,
)

from theory.activations.a1_finite_attacks import CUBE, EXACT, EXACT_GATE, EXACT_ONLY
from theory.activations.choices import (
    ACTIVATION,
    BIASED_RELU,
    CHOICE,
    GATE,
    GELU,
    RELU,
    SIGMOID,
    SILU,
    SOFT_THRESHOLD,
    TANH,
    by_activation,
    v,
)
from theory.assumptions import (
    Assumption,
    absent_feature,
    no_noise,
    normal_noise,
    orthogonal_dictionary,
    pure_node,
)
from theory.claims import Claim, Clause, ClosedForm
from theory.derivation import Proof, begin, prove
from theory.laws import zero_or_one
from theory.model import H, Phi, Q, b, d, named, normal_density, phi, s
from theory.quantities.activations import (
    CROSS_TALK,
    GATE_DERIVATIVE,
    GATE_SLOPE,
    LEAKS,
    NODE_LEAK,
    PAIR_SLOPE,
    PAIRS,
)
from theory.ranges import COUNT, POSITIVE, REAL
from theory.theorems.calculus import fundamental_theorem
from theory.theorems.counting import scaled_sum
from theory.theorems.duality import larger
from theory.theorems.near_zero import (
    Act,
    Slope,
    flat_at_zero,
    slope_at_zero,
)
from theory.theorems.support import by_cases

_j, _h = Symbol("j", integer=True), Symbol("h", integer=True)
a, omega, y = (IndexedBase(name, real=True) for name in ("a", "omega", "y"))
is_on, D = zero_or_one(IndexedBase("I", nonnegative=True)), IndexedBase("D", nonnegative=True)
a_h, omega_h = Symbol("a_h", real=True), Symbol("omega_h", real=True)
_t = Symbol("t", real=True)

_NODE_GAIN = named(r"\partial_{x_j} f_h")


def _energy(gain: Expr) -> Expr:
    """Squared gains of the inactive features; `D_jh = 1` where node `h` is on feature `j`."""
    nodes = Sum(D[_j, _h] * a[_h] * omega[_h] * gain, (_h, 1, H))
    return Sum((1 - is_on[_j]) * nodes**2, (_j, 1, d))


_WEIGHTS = Sum(D[_j, _h] * a[_h] * omega[_h], (_h, 1, H))
_SQUARES = Sum((1 - is_on[_j]) * _WEIGHTS**2, (_j, 1, d))
_LEAKED = Slope(Integer(0)) ** 2 * _SQUARES


def derive_cross_talk(clause: Clause) -> Proof:
    """Proof of the cross-talk energy of a layer that is pure in features."""
    x = Symbol("x_j", real=True)
    node = begin(
        _NODE_GAIN,
        Derivative(a_h * Act(omega_h * x), x),
        "a pure node sees only its own feature, w_h^T z = omega_h x_j",
    )
    chain_rule = node.equals(a_h * omega_h * Slope(omega_h * x), "chain rule")
    before, after = _energy(Slope(omega[_h] * is_on[_j] * y[_j])), _energy(Slope(Integer(0)))
    weights, squares = _WEIGHTS.function, _SQUARES.function
    chain = (
        begin(CROSS_TALK, before, "squared derivatives in the inactive features, x_j = I_j y_j")
        .within(by_cases(before.function, after.function, is_on[_j]))
        .within(scaled_sum(Sum(weights * Slope(Integer(0)), *_WEIGHTS.limits), Slope(Integer(0)), weights))
    )
    return prove(clause.formula, chain.by(scaled_sum(chain.end, Slope(Integer(0)) ** 2, squares)), lemmas=(chain_rule,))


def derive_flat(clause: Clause) -> Proof:
    """Proof that activations with a threshold do not leak."""
    flat = {"gate": GATE, "biased_relu": BIASED_RELU, "soft_threshold": SOFT_THRESHOLD}
    chains = (
        begin(LEAKS[word], slope_at_zero(f, v), "slope at zero", box=clause.box).by(flat_at_zero(f, v, b, clause.box))
        for word, f in flat.items()
    )
    return prove(clause.formula, *chains)


def derive_smooth(clause: Clause) -> Proof:
    """Proof of the leaks of smooth activations."""
    slopes = {
        "tanh": (TANH, Integer(1)),
        "sigmoid": (SIGMOID, Rational(1, 4)),
        "silu": (SILU, Rational(1, 2)),
        "gelu": (GELU, Rational(1, 2)),
    }
    chains = (
        begin(LEAKS[word], slope_at_zero(f, v), "slope at zero").equals(value, "differentiate")
        for word, (f, value) in slopes.items()
    )
    return prove(clause.formula, *chains)


def derive_relu(clause: Clause) -> Proof:
    """Proof that noise opens a single unbiased ReLU half of the time."""
    open_half = Integral(normal_density(_t, Integer(0), s), (_t, 0, oo))
    chain = begin(LEAKS["relu"], open_half, "the slope is 1 where the noise N(0, s^2) is positive and 0 elsewhere").by(
        fundamental_theorem(open_half, -Q(_t / s))
    )
    return prove(clause.formula, chain)


def derive_relu_pair(clause: Clause) -> Proof:
    """Proof that a pair of opposite ReLUs passes everything, whatever the noise."""
    start = begin(PAIR_SLOPE(v), Derivative(RELU - RELU.subs(v, -v), v), "nodes w and -w with heads a and -a")
    chain = start.within(larger(RELU)).within(larger(RELU.subs(v, -v))).equals(Integer(1), "differentiate")
    return prove(clause.formula, chain)


def derive_first_order(clause: Clause) -> Proof:
    """Proof that the first-order change of an inactive node is the slope at zero."""
    slope = slope_at_zero(a_h * Act(omega_h * _t), _t)
    chain = begin(NODE_LEAK, slope, "a pure node on an absent feature: w_h^T z = omega_h t")
    return prove(clause.formula, chain.equals(a_h * omega_h * Slope(Integer(0)), "chain rule"))


def derive_pairs(clause: Clause) -> Proof:
    """Proof that pairs of opposite nodes and opposite heads are linear."""
    relu = begin(PAIRS["relu"](v), RELU - RELU.subs(v, -v), "an odd pair of ReLUs")
    smooth = (
        begin(PAIRS[word](v), f - f.subs(v, -v), "an odd pair of nodes").equals(v, "the two halves add up to one")
        for word, f in (("silu", SILU), ("gelu", GELU))
    )
    return prove(clause.formula, relu.within(larger(RELU)).within(larger(RELU.subs(v, -v))), *smooth)


def derive_noisy_gate(clause: Clause) -> Proof:
    """Proof of the mean derivative of the noisy gate, and of the slope of its mean."""
    silent = Integral(normal_density(_t, Integer(0), s), (_t, -b, b))
    derivative = (
        begin(GATE_DERIVATIVE(b, s), 1 - silent, "almost everywhere the derivative is 1 where |v| > b and 0 elsewhere")
        .within(fundamental_theorem(silent, -Q(_t / s)))
        .equals(2 * Q(b / s), "symmetry of the normal law")
    )
    shift = Symbol("t", real=True)
    x = Symbol("v", real=True)
    density = x * normal_density(x, shift, s)
    potential = shift * Phi((x - shift) / s) - s * phi((x - shift) / s)
    above, below = Integral(density, (x, b, oo)), Integral(density, (x, -oo, -b))
    slope = (
        begin(
            GATE_SLOPE(b, s),
            Subs(Derivative(above + below, shift), shift, 0),
            "the mean output under a shift t, at t = 0",
        )
        .within(fundamental_theorem(above, potential))
        .within(fundamental_theorem(below, potential))
        .equals(2 * Q(b / s) + 2 * b / s * phi(b / s), "differentiate")
    )
    return prove(clause.formula, derivative, slope)


differentiable = Assumption(
    "differentiable", r"The activation $\mathrm{act}$ has a derivative at the pre-activations.", defines=True
)
pure_network = Assumption(
    "pure network",
    r"Every node is pure: $D_{jh}$ is 1 if node $h$, with weight $\omega_h$ and head $a_h$, holds feature $j$ and is "
    "0 otherwise; $I_j$ is 1 if feature $j$ is active, that is in $A$, and is 0 otherwise.",
    defines=True,
)
_AT_REST = (pure_node, absent_feature, orthogonal_dictionary)

CROSS_TALK_ENERGY = Clause(
    name="cross-talk energy",
    says="The cross-talk energy of a network of pure nodes under an infinitesimal attack on the absent features is "
    "determined by the slope of the activation at zero: $[[formula]]$.",
    formula=Eq(CROSS_TALK, _LEAKED),
    over={d: COUNT, H: COUNT},
    assumes=(pure_network, differentiable, orthogonal_dictionary, no_noise),
    derive=derive_cross_talk,
)

FLAT = Clause(
    name="no leak",
    says="The gate, the biased ReLU and the soft threshold are flat at zero if their threshold is positive: "
    "$[[formula]]$ for $[[range b]]$.",
    formula=And(*(Eq(LEAKS[word], 0) for word in ("gate", "biased_relu", "soft_threshold"))),
    over={b: POSITIVE},
    derive=derive_flat,
)

SMOOTH = Clause(
    name="smooth activations leak",
    says="The smooth activations have these slopes at zero: $[[formula]]$.",
    formula=And(
        Eq(LEAKS["tanh"], 1),
        Eq(LEAKS["sigmoid"], Rational(1, 4)),
        Eq(LEAKS["silu"], Rational(1, 2)),
        Eq(LEAKS["gelu"], Rational(1, 2)),
    ),
    derive=derive_smooth,
)

RELU_NODE = Clause(
    name="ReLU, one node",
    says="The probability that noise opens a single unbiased ReLU equals the mean of its slope: $[[formula]]$.",
    formula=Eq(LEAKS["relu"], Rational(1, 2)),
    assumes=(*_AT_REST, normal_noise),
    derive=derive_relu,
)

RELU_PAIR = Clause(
    name="ReLU, a pair",
    says="Two unbiased ReLUs with opposite weights and opposite heads pass on an attack whatever the noise, because "
    "their slope is $[[formula]]$ at every $v$.",
    formula=Eq(PAIR_SLOPE(v), 1),
    over={v: REAL},
    derive=derive_relu_pair,
)

FIRST = Clause(
    name="first order",
    says="To first order, a node whose feature is absent passes on $[[formula]]$ of an attack, so it passes on "
    "nothing if and only if its activation is flat at zero, unless its weight or its head is zero.",
    formula=Eq(NODE_LEAK, a_h * omega_h * Slope(Integer(0))),
    over={a_h: REAL, omega_h: REAL},
    assumes=(pure_node, absent_feature, differentiable, orthogonal_dictionary, no_noise),
    derive=derive_first_order,
)

LINEAR_PAIRS = Clause(
    name="odd pairs are linear",
    says=r"Two nodes with opposite weights and opposite heads, $\pi(v) = \mathrm{act}(v) - \mathrm{act}(-v)$, are "
    "exactly linear if the activation is the ReLU, the SiLU or the GELU: $[[formula]]$.",
    formula=And(*(Eq(PAIRS[word](v), v) for word in ("relu", "silu", "gelu"))),
    over={v: REAL},
    derive=derive_pairs,
)

NOISY_GATE = Clause(
    name="noisy gate",
    says="Under noise, the derivative of a gate misses its jumps: its mean differs from the derivative of the mean "
    "output under a shift, $[[formula]]$.",
    formula=And(Eq(GATE_DERIVATIVE(b, s), 2 * Q(b / s)), Eq(GATE_SLOPE(b, s), 2 * Q(b / s) + 2 * b / s * phi(b / s))),
    over={b: POSITIVE, s: POSITIVE},
    assumes=(*_AT_REST, normal_noise),
    derive=derive_noisy_gate,
)

A1 = Claim(
    id="A1",
    title="Leak of other activations",
    clauses=(
        CROSS_TALK_ENERGY,
        FLAT,
        SMOOTH,
        RELU_NODE,
        RELU_PAIR,
        EXACT,
        EXACT_ONLY,
        EXACT_GATE,
        FIRST,
        CUBE,
        LINEAR_PAIRS,
        NOISY_GATE,
    ),
    setting=(),
    source="section 8, open question 2",
    kind="open question",
    depends_on=("G4",),
)

_VALUES = {e.lhs: e.rhs for e in (*FLAT.formula.args, *SMOOTH.formula.args, RELU_NODE.formula)}

LEAK = ClosedForm(
    name="leak",
    arguments={"activation": ACTIVATION},
    expression=by_activation({word: _VALUES[LEAKS[word]] for word in CHOICE.words}),
    domain={"activation": CHOICE},
    claim="A1",
    words="share of an infinitesimal attack that an inactive node passes on, act'(0); for the ReLU on average "
    "under noise",
)
