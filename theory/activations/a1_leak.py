"""A1: what passes of an attack through a node whose feature is absent, for other activations than the gate."""

from sympy import (
    Abs,
    And,
    Basic,
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
from theory.derivation import Derivation, Proof, begin, prove
from theory.model import H, Phi, Q, b, d, eps, named, normal_density, phi, s
from theory.theorems.attack_ball import Largest
from theory.theorems.calculus import fundamental_theorem
from theory.theorems.counting import scaled_sum
from theory.theorems.duality import larger
from theory.theorems.resting import (
    Act,
    Slope,
    at_least_anywhere,
    flat_at_rest,
    largest_of_odd,
    of_a_constant,
    slope_at_rest,
    still_within,
)
from theory.theorems.support import by_cases

_j, _h = Symbol("j", integer=True), Symbol("h", integer=True)
a, omega, y = (IndexedBase(name, real=True) for name in ("a", "omega", "y"))
B, D = IndexedBase("B", nonnegative=True), IndexedBase("D", nonnegative=True)
a_0, omega_0 = Symbol("a_h", real=True, nonzero=True), Symbol("omega_h", real=True, nonzero=True)
N = Symbol(r"\|w_h\|_*", positive=True)
_t, _u = Symbol("t", real=True), Symbol("u", real=True)
_REST: Box = {b: (Integer(0), oo)}
_BELOW: Box = {eps: (Integer(0), b / N), b: (Integer(0), oo)}
_ANYWHERE: Box = {_u: (Integer(-1), Integer(1))}

CROSS_TALK = named(r"\|\beta_{A^c}\|^2")
NODE_GAIN = named(r"\partial_{x_j} f_h")
FIRST_ORDER = named(r"\partial_t f_h / (a_h \omega_h)")
CHANGE = named(r"\Delta_h")
LEAKS = {word: named(rf"\lambda_{{{word.replace('_', ' ')}}}") for word in CHOICE.words}
LEAK_PAIR = named(r"\lambda_{pair}")
CUBE_FIRST, CUBE_CHANGE = named(r"\lambda_{v^3}"), named(r"\Delta_{v^3}")
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


def derive_cross_talk(statement: Basic) -> Proof:
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
    return prove(statement, chain.by(scaled_sum(chain.end, Slope(Integer(0)) ** 2, squares)), lemmas=(chain_rule,))


def derive_flat(statement: Basic) -> Proof:
    """Proof that activations with a threshold do not leak."""
    flat = {"gate": GATE, "biased_relu": BIASED_RELU, "soft_threshold": SOFT_THRESHOLD}
    chains = (
        begin(LEAKS[word], slope_at_rest(f, v), "slope at rest", box=_REST).by(flat_at_rest(f, v, b, _REST))
        for word, f in flat.items()
    )
    return prove(statement, *chains)


def derive_smooth(statement: Basic) -> Proof:
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
    return prove(statement, *chains)


def derive_relu(statement: Basic) -> Proof:
    """Proof that noise opens a single unbiased ReLU half of the time."""
    open_half = Integral(normal_density(_t, Integer(0), s), (_t, 0, oo))
    chain = begin(LEAKS["relu"], open_half, "slope 1 where the noise N(0, s^2) is positive, else 0").by(
        fundamental_theorem(open_half, -Q(_t / s))
    )
    return prove(statement, chain)


def derive_relu_pair(statement: Basic) -> Proof:
    """Proof that a pair of opposite ReLUs passes everything, whatever the noise."""
    start = begin(LEAK_PAIR, Derivative(RELU - RELU.subs(v, -v), v), "nodes w and -w with heads a and -a")
    chain = start.within(larger(RELU)).within(larger(RELU.subs(v, -v))).equals(Integer(1), "differentiate")
    return prove(statement, chain)


def derive_exact(statement: Basic) -> Proof:
    """Proof that an activation which is constant on the reach of the attack passes nothing."""
    change = _change(Act(_t), Act(Integer(0)))
    return prove(statement, _begin_change(change, {}).by(of_a_constant(change, Act(_t), Act(Integer(0)))))


def derive_exact_gate(statement: Basic) -> Proof:
    """Proof that the gate passes nothing of an attack below its threshold."""
    gate = GATE.subs(v, _t)
    change = _change(gate, Integer(0))
    return prove(statement, _begin_change(change, _BELOW).by(still_within(gate, _t, eps * N, b, _BELOW)))


def derive_not_exact(statement: Basic) -> Proof:
    """Proof that an activation which varies on the reach passes something."""
    change = _change(Act(_t), Act(Integer(0)))
    return prove(statement, _begin_change(change, _ANYWHERE).by(at_least_anywhere(change, _u, _ANYWHERE)))


def _change(f: Expr, rest: Expr) -> Largest:
    return Largest(Abs(f - rest), _t, eps * N)


def _begin_change(change: Largest, box: Box) -> Derivation:
    reason = "the attack adds every t with |t| <= eps ||w_h||_* to the pre-activation (G4), which is 0 at rest"
    return begin(CHANGE, change, reason, box=box)


def derive_first_order(statement: Basic) -> Proof:
    """Proof that the first-order change of an inactive node is the slope at rest."""
    per_weight = slope_at_rest(a_0 * Act(omega_0 * _t), _t) / (a_0 * omega_0)
    chain = begin(FIRST_ORDER, per_weight, "a pure node on an absent feature: w_h^T z = omega_h t")
    return prove(statement, chain.equals(Slope(Integer(0)), "chain rule; a_h and omega_h are not zero"))


def derive_cube(statement: Basic) -> Proof:
    """Proof that the cube leaks nothing to first order and something at every size."""
    first = begin(CUBE_FIRST, slope_at_rest(v**3, v), "slope at rest").equals(Integer(0), "differentiate")
    change = begin(CUBE_CHANGE, Largest(Abs(_t**3), _t, eps * N), "largest change within the reach of the attack")
    return prove(statement, first, change.by(largest_of_odd(_t**3, _t, eps * N)))


def derive_pairs(statement: Basic) -> Proof:
    """Proof that pairs of opposite nodes and opposite heads are linear."""
    relu = begin(PAIRS["relu"], RELU - RELU.subs(v, -v), "an odd pair of ReLUs")
    smooth = (
        begin(PAIRS[word], f - f.subs(v, -v), "an odd pair").equals(v, "the two halves add up to one")
        for word, f in (("silu", SILU), ("gelu", GELU))
    )
    return prove(statement, relu.within(larger(RELU)).within(larger(RELU.subs(v, -v))), *smooth)


def derive_noisy_gate(statement: Basic) -> Proof:
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
    return prove(statement, derivative, slope)


_ONE = {eps: Integer(1), N: Integer(1)}

CROSS_TALK_ENERGY = Clause(
    name="cross-talk energy",
    words=r"A network pure in features with activation $\mathrm{act}$ passes $\mathrm{act}'(0)$ of an infinitesimal "
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
    words=r"$\mathrm{act}'(0) = 0$ for the gate, the biased ReLU and the soft threshold.",
    formula=And(*(Eq(LEAKS[word], 0) for word in ("gate", "biased_relu", "soft_threshold"))),
    box=_REST,
    derive=derive_flat,
    mutation=Mutation(
        "1 for the gate", Eq(LEAKS["gate"], 1), {v: Rational(1, 4), b: Integer(1)}, consequence=Eq(GATE, v)
    ),
)

SMOOTH = Clause(
    name="smooth activations leak",
    words=r"$\mathrm{act}'(0)$: tanh 1, sigmoid 1/4, SiLU and GELU 1/2.",
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
    words="A single unbiased ReLU passes the attack with probability $1/2$ under noise.",
    formula=Eq(LEAKS["relu"], Rational(1, 2)),
    derive=derive_relu,
    mutation=Mutation("always", Eq(LEAKS["relu"], 1), {s: Integer(1)}, consequence=Eq(Q(Integer(0)), 1)),
)

RELU_PAIR = Clause(
    name="ReLU, a pair",
    words=r"A $\pm$ pair of unbiased ReLUs passes it always.",
    formula=Eq(LEAK_PAIR, 1),
    derive=derive_relu_pair,
    mutation=Mutation(
        "with probability 1/2",
        Eq(LEAK_PAIR, Rational(1, 2)),
        {v: Integer(1)},
        consequence=Eq(RELU - RELU.subs(v, -v), v / 2),
    ),
)

EXACT = Clause(
    name="exact up to a size",
    words=r"An inactive node passes nothing at all of an attack of size $\varepsilon$, "
    r"$\Delta_h = \max |\mathrm{act}(t) - \mathrm{act}(0)| = 0$, if $\mathrm{act}$ is constant "
    r"on $|v| \le \varepsilon\|w_h\|_*$ ...",
    formula=Eq(CHANGE, 0),
    derive=derive_exact,
    mutation=Mutation("all of it", Eq(CHANGE, eps * N), _ONE, consequence=Eq(0 * eps, eps * N, evaluate=False)),
)

EXACT_ONLY = Clause(
    name="exact only then",
    words=r"... and only if: $\Delta_h \ge |\mathrm{act}(u\varepsilon\|w_h\|_*) - \mathrm{act}(0)|$ for "
    r"every $|u| < 1$.",
    formula=Ge(CHANGE, Abs(Act(_u * eps * N) - Act(Integer(0)))),
    box=_ANYWHERE,
    derive=derive_not_exact,
    mutation=Mutation(
        "at twice the size too (act = v)",
        Ge(CHANGE, Abs(Act(2 * _u * eps * N) - Act(Integer(0)))),
        {**_ONE, _u: Rational(3, 4)},
        consequence=Ge(eps * N, Abs(2 * _u * eps * N)),
    ),
)

EXACT_GATE = Clause(
    name="the gate is exact below its threshold",
    words=r"The gate is constant there for $\varepsilon\|w_h\|_* < b$: $\Delta_h = 0$.",
    formula=Eq(CHANGE, 0),
    box=_BELOW,
    derive=derive_exact_gate,
    mutation=Mutation(
        "as much as the attack",
        Eq(CHANGE, eps * N),
        {eps: Rational(1, 2), N: Integer(1), b: Integer(1), v: Rational(1, 2)},
        consequence=Eq(GATE, eps * N),
    ),
)

FIRST = Clause(
    name="first order",
    words=r"To first order an inactive node with $a_h \omega_h \ne 0$ passes $a_h \omega_h \mathrm{act}'(0)$: nothing "
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

CUBE = Clause(
    name="the cube separates the two",
    words=r"$v^3$ passes nothing to first order, and $(\varepsilon\|w_h\|_*)^3$ at size $\varepsilon$.",
    formula=And(Eq(CUBE_FIRST, 0), Eq(CUBE_CHANGE, (eps * N) ** 3)),
    derive=derive_cube,
    mutation=Mutation("nothing at any size", Eq(CUBE_CHANGE, 0), _ONE, consequence=Eq((eps * N) ** 3, 0)),
)

LINEAR_PAIRS = Clause(
    name="odd pairs are linear",
    words=r"Odd pairs of ReLU, SiLU and GELU, $\pi(v) = \mathrm{act}(v) - \mathrm{act}(-v)$, are exactly linear.",
    formula=And(*(Eq(PAIRS[word], v) for word in ("relu", "silu", "gelu"))),
    derive=derive_pairs,
    mutation=Mutation("SiLU: half of it", Eq(PAIRS["silu"], v / 2), {v: Integer(1)}),
)

NOISY_GATE = Clause(
    name="noisy gate",
    words=r"For the noisy gate the derivative misses the jumps: its mean is $2Q(b/s)$, while the mean output moves by "
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
    assumptions=(
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
