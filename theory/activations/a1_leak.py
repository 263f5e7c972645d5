"""A1: what passes of an attack through a node whose feature is absent, for other activations than the gate."""

from sympy import (
    And,
    Derivative,
    Eq,
    Expr,
    Ge,
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
from theory.algebra import Box
from theory.claims import Claim, Clause, ClosedForm, Mutation
from theory.derivation import Proof, begin, prove
from theory.model import H, Phi, Q, b, d, named, normal_density, phi, s
from theory.theorems.calculus import fundamental_theorem
from theory.theorems.counting import scaled_sum
from theory.theorems.duality import larger
from theory.theorems.resting import (
    Act,
    Slope,
    flat_at_rest,
    slope_at_rest,
)
from theory.theorems.support import by_cases

_j, _h = Symbol("j", integer=True), Symbol("h", integer=True)
a, omega, y = (IndexedBase(name, real=True) for name in ("a", "omega", "y"))
B, D = IndexedBase("B", nonnegative=True), IndexedBase("D", nonnegative=True)
a_0, omega_0 = Symbol("a_h", real=True, nonzero=True), Symbol("omega_h", real=True, nonzero=True)
_t = Symbol("t", real=True)
_REST: Box = {b: (Integer(0), oo)}

CROSS_TALK = named(r"\|\beta_{A^c}\|^2")
NODE_GAIN = named(r"\partial_{x_j} f_h")
FIRST_ORDER = named(r"\partial_t f_h / (a_h \omega_h)")
LEAKS = {word: named(rf"\lambda_{{{word.replace('_', ' ')}}}") for word in CHOICE.words}
LEAK_PAIR = named(r"\lambda_{pair}")
PAIRS = {word: named(rf"\pi_{{{word}}}") for word in ("relu", "silu", "gelu")}
GATE_DERIVATIVE = named(r"\mathbb{E}\,\mathrm{gate}'")
GATE_SLOPE = named(r"\partial_t \mathbb{E}\,\mathrm{gate}")


def _energy(gain: Expr) -> Expr:
    """Squared gains of the inactive features; `D_jh = 1` where node `h` is on feature `j`."""
    nodes = Sum(D[_j, _h] * a[_h] * omega[_h] * gain, (_h, 1, H))
    return Sum((1 - B[_j]) * nodes**2, (_j, 1, d))


_WEIGHTS = Sum(D[_j, _h] * a[_h] * omega[_h], (_h, 1, H))
_SQUARES = Sum((1 - B[_j]) * _WEIGHTS**2, (_j, 1, d))
_LEAKED = Slope(Integer(0)) ** 2 * _SQUARES


def derive_cross_talk(clause: Clause) -> Proof:
    """Proof of the cross-talk energy of a layer that is pure in features."""
    x = Symbol("x_j", real=True)
    node = begin(
        NODE_GAIN,
        Derivative(a_0 * Act(omega_0 * x), x),
        "a pure node sees its own feature alone, w_h^T z = omega_h x_j",
    )
    chain_rule = node.equals(a_0 * omega_0 * Slope(omega_0 * x), "chain rule")
    before, after = _energy(Slope(omega[_h] * B[_j] * y[_j])), _energy(Slope(Integer(0)))
    weights, squares = _WEIGHTS.function, _SQUARES.function
    chain = (
        begin(CROSS_TALK, before, "squared derivatives in the inactive features, x_j = B_j y_j")
        .within(by_cases(before.function, after.function, B[_j]))
        .within(scaled_sum(Sum(weights * Slope(Integer(0)), *_WEIGHTS.limits), Slope(Integer(0)), weights))
    )
    return prove(clause.formula, chain.by(scaled_sum(chain.end, Slope(Integer(0)) ** 2, squares)), lemmas=(chain_rule,))


def derive_flat(clause: Clause) -> Proof:
    """Proof that activations with a threshold do not leak."""
    flat = {"gate": GATE, "biased_relu": BIASED_RELU, "soft_threshold": SOFT_THRESHOLD}
    chains = (
        begin(LEAKS[word], slope_at_rest(f, v), "slope at rest", box=_REST).by(flat_at_rest(f, v, b, _REST))
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
        begin(LEAKS[word], slope_at_rest(f, v), "slope at rest").equals(value, "differentiate")
        for word, (f, value) in slopes.items()
    )
    return prove(clause.formula, *chains)


def derive_relu(clause: Clause) -> Proof:
    """Proof that noise opens a single unbiased ReLU half of the time."""
    open_half = Integral(normal_density(_t, Integer(0), s), (_t, 0, oo))
    chain = begin(LEAKS["relu"], open_half, "slope 1 where the noise N(0, s^2) is positive, else 0").by(
        fundamental_theorem(open_half, -Q(_t / s))
    )
    return prove(clause.formula, chain)


def derive_relu_pair(clause: Clause) -> Proof:
    """Proof that a pair of opposite ReLUs passes everything, whatever the noise."""
    start = begin(LEAK_PAIR, Derivative(RELU - RELU.subs(v, -v), v), "nodes w and -w with heads a and -a")
    chain = start.within(larger(RELU)).within(larger(RELU.subs(v, -v))).equals(Integer(1), "differentiate")
    return prove(clause.formula, chain)


def derive_first_order(clause: Clause) -> Proof:
    """Proof that the first-order change of an inactive node is the slope at rest."""
    per_weight = slope_at_rest(a_0 * Act(omega_0 * _t), _t) / (a_0 * omega_0)
    chain = begin(FIRST_ORDER, per_weight, "a pure node on an absent feature: w_h^T z = omega_h t")
    return prove(clause.formula, chain.equals(Slope(Integer(0)), "chain rule; a_h and omega_h are not zero"))


def derive_pairs(clause: Clause) -> Proof:
    """Proof that pairs of opposite nodes and opposite heads are linear."""
    relu = begin(PAIRS["relu"], RELU - RELU.subs(v, -v), "an odd pair of ReLUs")
    smooth = (
        begin(PAIRS[word], f - f.subs(v, -v), "an odd pair").equals(v, "the two halves add up to one")
        for word, f in (("silu", SILU), ("gelu", GELU))
    )
    return prove(clause.formula, relu.within(larger(RELU)).within(larger(RELU.subs(v, -v))), *smooth)


def derive_noisy_gate(clause: Clause) -> Proof:
    """Proof of the mean derivative of the noisy gate, and of the slope of its mean."""
    silent = Integral(normal_density(_t, Integer(0), s), (_t, -b, b))
    derivative = (
        begin(GATE_DERIVATIVE, 1 - silent, "the derivative is 1 where |v| > b, else 0, almost everywhere")
        .within(fundamental_theorem(silent, -Q(_t / s)))
        .equals(2 * Q(b / s), "symmetry of the normal law")
    )
    shift = Symbol("t", real=True)
    x = Symbol("v", real=True)
    density = x * normal_density(x, shift, s)
    potential = shift * Phi((x - shift) / s) - s * phi((x - shift) / s)
    above, below = Integral(density, (x, b, oo)), Integral(density, (x, -oo, -b))
    slope = (
        begin(GATE_SLOPE, Subs(Derivative(above + below, shift), shift, 0), "the mean output under a shift t, at t = 0")
        .within(fundamental_theorem(above, potential))
        .within(fundamental_theorem(below, potential))
        .equals(2 * Q(b / s) + 2 * b / s * phi(b / s), "differentiate")
    )
    return prove(clause.formula, derivative, slope)


CROSS_TALK_ENERGY = Clause(
    name="cross-talk energy",
    says=r"A network pure in features with activation $\mathrm{act}$ passes $\mathrm{act}'(0)$ of an infinitesimal "
    r"attack through an inactive node: its cross-talk energy is $\mathrm{act}'(0)^2 \sum_{j \notin A} "
    r"(\sum_{h \text{ on } j} a_h \omega_h)^2$ ($D_{jh} = 1$ where node $h$ is on feature $j$, $B_j = 1$ on $A$).",
    formula=Eq(CROSS_TALK, _LEAKED),
    derive=derive_cross_talk,
    mutation=Mutation(
        "the slope to the first power (SiLU, d = 1, one node of weight and head 1)",
        Eq(CROSS_TALK, _LEAKED / Slope(Integer(0))),
        {LEAKS["silu"]: Rational(1, 2)},
        consequence=Eq(LEAKS["silu"] ** 2, LEAKS["silu"]),
    ),
)

FLAT = Clause(
    name="no leak",
    says=r"$\mathrm{act}'(0) = 0$ for the gate, the biased ReLU and the soft threshold.",
    formula=And(*(Eq(LEAKS[word], 0) for word in ("gate", "biased_relu", "soft_threshold"))),
    box=_REST,
    derive=derive_flat,
    mutation=Mutation(
        "1 for the gate", Eq(LEAKS["gate"], 1), {v: Rational(1, 4), b: Integer(1)}, consequence=Eq(GATE, v)
    ),
)

SMOOTH = Clause(
    name="smooth activations leak",
    says=r"$\mathrm{act}'(0)$: tanh 1, sigmoid 1/4, SiLU and GELU 1/2.",
    formula=And(
        Eq(LEAKS["tanh"], 1),
        Eq(LEAKS["sigmoid"], Rational(1, 4)),
        Eq(LEAKS["silu"], Rational(1, 2)),
        Eq(LEAKS["gelu"], Rational(1, 2)),
    ),
    derive=derive_smooth,
    mutation=Mutation(
        "1/2 for the sigmoid",
        Eq(LEAKS["sigmoid"], Rational(1, 2)),
        {v: Integer(1)},
        # sig(v) - sig(-v) = 2 (slope) v + O(v^3), and sig is concave for v > 0.
        consequence=Ge(SIGMOID - SIGMOID.subs(v, -v), v),
    ),
)

RELU_NODE = Clause(
    name="ReLU, one node",
    says="A single unbiased ReLU passes the attack with probability $1/2$ under noise.",
    formula=Eq(LEAKS["relu"], Rational(1, 2)),
    derive=derive_relu,
    mutation=Mutation("always", Eq(LEAKS["relu"], 1), {s: Integer(1)}, consequence=Eq(Q(Integer(0)), 1)),
)

RELU_PAIR = Clause(
    name="ReLU, a pair",
    says=r"A $\pm$ pair of unbiased ReLUs passes it always.",
    formula=Eq(LEAK_PAIR, 1),
    derive=derive_relu_pair,
    mutation=Mutation(
        "with probability 1/2",
        Eq(LEAK_PAIR, Rational(1, 2)),
        {v: Integer(1)},
        consequence=Eq(RELU - RELU.subs(v, -v), v / 2),
    ),
)

FIRST = Clause(
    name="first order",
    says=r"To first order an inactive node with $a_h \omega_h \ne 0$ passes $a_h \omega_h \mathrm{act}'(0)$: nothing "
    r"iff $\mathrm{act}'(0) = 0$.",
    formula=Eq(FIRST_ORDER, Slope(Integer(0))),
    derive=derive_first_order,
    mutation=Mutation(
        "the weight twice (act = v)",
        Eq(FIRST_ORDER, omega_0 * Slope(Integer(0))),
        {omega_0: Integer(2)},
        consequence=Eq(omega_0 / omega_0, omega_0, evaluate=False),
    ),
)

LINEAR_PAIRS = Clause(
    name="odd pairs are linear",
    says=r"Odd pairs of ReLU, SiLU and GELU, $\pi(v) = \mathrm{act}(v) - \mathrm{act}(-v)$, are exactly linear.",
    formula=And(*(Eq(PAIRS[word], v) for word in ("relu", "silu", "gelu"))),
    derive=derive_pairs,
    mutation=Mutation("SiLU: half of it", Eq(PAIRS["silu"], v / 2), {v: Integer(1)}),
)

NOISY_GATE = Clause(
    name="noisy gate",
    says=r"For the noisy gate the derivative misses the jumps: its mean is $2Q(b/s)$, while the mean output moves by "
    r"$2Q(b/s) + 2(b/s)\varphi(b/s)$ for each unit of a small shift. What is called its leak, 0, is the slope at rest "
    r"without noise.",
    formula=And(
        Eq(GATE_DERIVATIVE, 2 * Q(b / s)),
        Eq(GATE_SLOPE, 2 * Q(b / s) + 2 * b / s * phi(b / s)),
    ),
    derive=derive_noisy_gate,
    mutation=Mutation(
        "the slope of the mean is the mean derivative",
        Eq(GATE_SLOPE, 2 * Q(b / s)),
        {b: Integer(1), s: Integer(1)},
        # By Stein's identity the slope is E[v gate(v)]/s^2 > P(fire), as v gate(v) >= b^2 = s^2 where it fires.
        consequence=Ge(2 * Q(b / s), 2 * Q(b / s) + 2 * b / s * phi(b / s)),
    ),
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
    setting=(
        r"Every node is pure: $w_h = \omega_h M_j$; orthogonal dictionary",
        r"An inactive feature is absent, $x_j = 0$; no noise unless it is named",
        r"$\mathrm{act}$ is differentiable at the pre-activations",
        r"$b > 0$ where there is a threshold; noise $N(0, s^2)$ at the node where there is some",
    ),
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
    words="share of an infinitesimal attack that an inactive node passes, act'(0); ReLU: on average under noise",
)
