"""A2: how much noise an inactive node passes on, for each activation."""

from collections.abc import Callable

from sympy import (
    And,
    Basic,
    Eq,
    Expr,
    Ge,
    Integer,
    Integral,
    Le,
    Rational,
    Symbol,
    asin,
    atan,
    cosh,
    exp,
    oo,
    pi,
    sqrt,
    tanh,
)

from theory.activations.choices import ACTIVATION, CHOICE, GELU, SIGMOID, TANH, by_activation, v
from theory.claims import Claim, Clause, ClosedForm, Mutation
from theory.derivation import Derivation, Proof, begin, prove
from theory.model import Phi, Q, b, named, normal_density, phi, s
from theory.ranges import NONNEGATIVE, POSITIVE
from theory.theorems.calculus import fundamental_theorem
from theory.theorems.gaussian import (
    along_parameter,
    arcsine_as_arctangent,
    at_least_core,
    at_most_core_and_tails,
    by_parts,
    core,
    normal_mean,
)

ENERGY = {word: named(rf"E_{{{word.replace('_', ' ')}}}") for word in CHOICE.words}
MEAN_SQUARE, MEAN_SLOPE, MEAN_DENSITY = (
    named(rf"\mathbb{{E}}\left[{f}\right]") for f in (r"\Phi(sn)^2", r"2n\Phi(sn)\varphi(sn)", r"\varphi(sn)^2")
)
SIGMOID_VALUE = named(r"\mathrm{sig}(v)")
T = Symbol("T", positive=True)
"""Where the integrals are cut."""
n = Symbol("n", real=True)
"""The noise over its standard deviation."""
_t = Symbol("t", positive=True)
_x = b / s
_LINE = (n, -oo, oo)
_DENSITY = normal_density(v, Integer(0), s)
_SHOWN = ("shown above",)

_SQUARED = -(s**2) * (v / s * phi(v / s) + Q(v / s))
"""Antiderivative of `v^2` times the density."""
_EXCESS = -((s**2 + b**2) * Q(v / s) + s * (v - 2 * b) * phi(v / s))
"""Antiderivative of `(v - b)^2` times the density."""
_SHORTFALL = (s**2 + b**2) * Phi(v / s) - s * (v + 2 * b) * phi(v / s)
"""Antiderivative of `(v + b)^2` times the density."""


def derive_gate(clause: Clause) -> Proof:
    """Proof of the noise energy of the gate."""
    above, below = Integral(v**2 * _DENSITY, (v, b, oo)), Integral(v**2 * _DENSITY, (v, -oo, -b))
    chain = (
        begin(ENERGY["gate"], above + below, "the noise passes where |v| >= b")
        .within(fundamental_theorem(above, _SQUARED))
        .within(fundamental_theorem(below, s**2 * (Phi(v / s) - v / s * phi(v / s))))
        .equals(s**2 * (2 * _x * phi(_x) + 2 * Q(_x)), "symmetry of the normal law")
    )
    return prove(clause.formula, chain)


def derive_biased_relu(clause: Clause) -> Proof:
    """Proof of the noise energy of the biased ReLU."""
    above = Integral((v - b) ** 2 * _DENSITY, (v, b, oo))
    chain = (
        begin(ENERGY["biased_relu"], above, "v - b passes where v > b")
        .by(fundamental_theorem(above, _EXCESS))
        .equals(s**2 * ((1 + _x**2) * Q(_x) - _x * phi(_x)), "in x = b/s")
    )
    return prove(clause.formula, chain)


def derive_soft_threshold(clause: Clause) -> Proof:
    """Proof of the noise energy of the soft threshold."""
    above, below = Integral((v - b) ** 2 * _DENSITY, (v, b, oo)), Integral((v + b) ** 2 * _DENSITY, (v, -oo, -b))
    chain = (
        begin(ENERGY["soft_threshold"], above + below, "|v| - b passes where |v| > b")
        .within(fundamental_theorem(above, _EXCESS))
        .within(fundamental_theorem(below, _SHORTFALL))
        .equals(2 * s**2 * ((1 + _x**2) * Q(_x) - _x * phi(_x)), "symmetry of the normal law")
    )
    return prove(clause.formula, chain)


def derive_relu(clause: Clause) -> Proof:
    """Proof of the noise energy of the unbiased ReLU."""
    above = Integral(v**2 * _DENSITY, (v, 0, oo))
    chain = begin(ENERGY["relu"], above, "v passes where it is positive").by(fundamental_theorem(above, _SQUARED))
    return prove(clause.formula, chain)


def derive_gelu(clause: Clause) -> Proof:
    """Proof of the noise energy of the GELU."""
    energy = Integral((s * n) ** 2 * Phi(s * n) ** 2 * phi(n), _LINE)
    square = _mean_square()
    slope = _mean_slope()
    split = s**2 * square.subject + s**3 * slope.subject
    chain = (
        begin(ENERGY["gelu"], energy, "v = s n, n standard normal")
        .by(by_parts(energy, -(s**2) * n * Phi(s * n) ** 2 * phi(n), split))
        .within(square.at({}))
        .within(slope.at({}))
        .equals(GELU_ENERGY, "collect")
    )
    return prove(clause.formula, chain, lemmas=(square, slope))


def _mean_density() -> Derivation:
    r"""$E\varphi(sn)^2$, a Gaussian integral."""
    integral, root = Integral(phi(s * n) ** 2 * phi(n), _LINE), sqrt(1 + 2 * s**2)
    start = begin(MEAN_DENSITY, integral, "n standard normal")
    return start.by(fundamental_theorem(integral, -Q(n * root) / (2 * pi * root)))


def _mean_slope() -> Derivation:
    r"""$E[2n\Phi(sn)\varphi(sn)]$, by parts: $\varphi'(x) = -x\varphi(x)$."""
    integral = Integral(2 * n * Phi(s * n) * phi(s * n) * phi(n), _LINE)
    density = _mean_density()
    potential = -2 * Phi(s * n) * phi(s * n) * phi(n) / (1 + s**2)
    start = begin(MEAN_SLOPE, integral, "n standard normal")
    parts = by_parts(integral, potential, 2 * s / (1 + s**2) * density.subject)
    return start.by(parts).within(density.at({}))


def _mean_square() -> Derivation:
    r"""$E\Phi(sn)^2$, from its value 1/4 at $s = 0$ along its slope."""
    integral = Integral(Phi(s * n) ** 2 * phi(n), _LINE)
    at_zero = Integral(Phi(Integer(0)) ** 2 * phi(n), _LINE)
    slope = _mean_slope()
    inner = slope.at({s: _t})
    angle = _t**2 / sqrt(1 + 2 * _t**2)
    return (
        begin(MEAN_SQUARE, integral, "n standard normal")
        .by(along_parameter(integral, s, _t, inner))
        .within(fundamental_theorem(at_zero, Phi(Integer(0)) ** 2 * Phi(n)))
        .within(fundamental_theorem(Integral(inner.right, (_t, 0, s)), atan(angle) / (2 * pi)))
        .within(arcsine_as_arctangent(s**2 / (1 + s**2), sqrt(1 + 2 * s**2) / (1 + s**2)))
    )


_e = exp(-s * n)
_HALF_TANH = tanh(v / 2) / 2
_AT_NOISE = {v: s * n}
MEANS = {
    "tanh": normal_mean(TANH.subs(_AT_NOISE) ** 2, n, Integer(1), 1 / cosh(s * n) ** 2),
    "sigmoid": normal_mean(_HALF_TANH.subs(_AT_NOISE) ** 2, n, Rational(1, 4), _e / (1 + _e) ** 2),
    "silu": normal_mean(
        (v * (Rational(1, 2) + _HALF_TANH)).subs(_AT_NOISE) ** 2,
        n,
        s**2 * n**2,
        s**2 * n**2 * (2 * _e + _e**2) / (1 + _e) ** 2,
    ),
}
"""Mean squares without a closed form, each with the envelope that bounds its tail."""

_TAILS = {
    "tanh": 2 * Q(T),
    "sigmoid": Q(T) / 2,
    "silu": 2 * s**2 * (T * phi(T) + Q(T)),
}


def _derive_truncated(word: str, clause: Clause) -> Proof:
    """Proof of the bracket around the mean square of an activation without a closed form."""
    mean = MEANS[word]
    envelope = mean.args[2]
    above, below = Integral(envelope * phi(n), (n, T, oo)), Integral(envelope * phi(n), (n, -oo, -T))
    start = begin(ENERGY[word], mean, "v = s n, n standard normal")
    growing = envelope.has(n)
    up = -(n * phi(n) + Q(n)) if growing else -Q(n)
    down = Phi(n) - n * phi(n) if growing else Phi(n)
    size = envelope.subs(n, 1)
    upper = (
        start.by(at_most_core_and_tails(mean, T))
        .within(fundamental_theorem(above, size * up))
        .within(fundamental_theorem(below, size * down))
        .equals(core(mean, T) + _TAILS[word], "symmetry of the normal law")
    )
    logistic = begin(SIGMOID_VALUE, SIGMOID, "the logistic function").equals(
        Rational(1, 2) + _HALF_TANH, "in terms of tanh, which has no large terms to cancel"
    )
    return prove(clause.formula, start.by(at_least_core(mean, T)), upper, lemmas=() if word == "tanh" else (logistic,))


def derive_tanh(clause: Clause) -> Proof:
    """Proof of the bracket for tanh."""
    return _derive_truncated("tanh", clause)


def derive_sigmoid(clause: Clause) -> Proof:
    """Proof of the bracket for the centred sigmoid."""
    return _derive_truncated("sigmoid", clause)


def derive_silu(clause: Clause) -> Proof:
    """Proof of the bracket for the SiLU."""
    return _derive_truncated("silu", clause)


GELU_ENERGY = s**2 * (
    Rational(1, 4) + asin(s**2 / (1 + s**2)) / (2 * pi) + s**2 / (pi * (1 + s**2) * sqrt(1 + 2 * s**2))
)
_AT = {s: Integer(1), b: Rational(3, 2)}

_FAR = Integer(10)
"""Where lower bounds of integrals are cut in the controls; they miss tails below 1e-20."""


def _at_least(f: Expr, low: Expr, rhs: Expr) -> Basic:
    """What a value `rhs` of the integral of `f` over the noise would imply: that the part up to a cut is no larger."""
    return Le(Integral(f * _DENSITY, (v, low, _FAR)), rhs)


_WITHOUT_DENSITY = s**2 * 2 * Q(_x)
_WITHOUT_SQUARE = s**2 * (Q(_x) - _x * phi(_x))
_WITHOUT_ARCSINE = s**2 * (Rational(1, 4) + s**2 / (pi * (1 + s**2) * sqrt(1 + 2 * s**2)))

GATE_ENERGY = Clause(
    name="gate",
    says=r"Noise energy $\mathbb{E}\,\mathrm{act}(sn)^2$, $n \sim N(0, 1)$, $x = b/s$: gate "
    r"$s^2[2x\varphi(x) + 2Q(x)]$.",
    formula=Eq(ENERGY["gate"], s**2 * (2 * _x * phi(_x) + 2 * Q(_x))),
    derive=derive_gate,
    mutation=Mutation(
        "without its density term",
        Eq(ENERGY["gate"], _WITHOUT_DENSITY),
        _AT,
        consequence=_at_least(2 * v**2, b, _WITHOUT_DENSITY),
    ),
)

BIASED_RELU_ENERGY = Clause(
    name="biased ReLU",
    says=r"Biased ReLU $(v-b)_+$: $s^2[(1 + x^2)Q(x) - x\varphi(x)]$.",
    formula=Eq(ENERGY["biased_relu"], s**2 * ((1 + _x**2) * Q(_x) - _x * phi(_x))),
    derive=derive_biased_relu,
    mutation=Mutation(
        "without the square of x",
        Eq(ENERGY["biased_relu"], _WITHOUT_SQUARE),
        _AT,
        consequence=_at_least((v - b) ** 2, b, _WITHOUT_SQUARE),
    ),
)

SOFT_THRESHOLD_ENERGY = Clause(
    name="soft threshold",
    says="Soft threshold: twice that.",
    formula=Eq(ENERGY["soft_threshold"], 2 * BIASED_RELU_ENERGY.formula.rhs),
    derive=derive_soft_threshold,
    mutation=Mutation(
        "once",
        Eq(ENERGY["soft_threshold"], BIASED_RELU_ENERGY.formula.rhs),
        _AT,
        consequence=_at_least(2 * (v - b) ** 2, b, BIASED_RELU_ENERGY.formula.rhs),
    ),
)

RELU_ENERGY = Clause(
    name="ReLU",
    says="ReLU: $s^2/2$.",
    formula=Eq(ENERGY["relu"], s**2 / 2),
    derive=derive_relu,
    mutation=Mutation(
        "a quarter", Eq(ENERGY["relu"], s**2 / 4), {s: Integer(1)}, consequence=_at_least(v**2, Integer(0), s**2 / 4)
    ),
)

GELU_CLAUSE = Clause(
    name="GELU",
    says=r"GELU: $s^2[1/4 + \arcsin(s^2/(1+s^2))/(2\pi) + s^2/(\pi(1+s^2)\sqrt{1+2s^2})]$.",
    formula=Eq(ENERGY["gelu"], GELU_ENERGY),
    derive=derive_gelu,
    mutation=Mutation(
        "without the arcsine",
        Eq(ENERGY["gelu"], _WITHOUT_ARCSINE),
        {s: Integer(1)},
        consequence=_at_least(GELU**2, -_FAR, _WITHOUT_ARCSINE),
    ),
)

_CUT = {s: Integer(1), T: Integer(1)}


def _truncated(word: str, words: str, derive: Callable[[Basic], Proof]) -> Clause:
    inside = core(MEANS[word], T)
    return Clause(
        name=word,
        says=words,
        formula=And(Ge(ENERGY[word], inside), Le(ENERGY[word], inside + _TAILS[word])),
        derive=derive,
        mutation=Mutation("the tail forgotten", Le(ENERGY[word], inside), _CUT),
    )


TANH_CLAUSE = _truncated(
    "tanh",
    r"tanh, by certified quadrature: the integral over $|n| \le T$ misses at most $2Q(T)$.",
    derive_tanh,
)
SIGMOID_CLAUSE = _truncated(
    "sigmoid",
    r"Sigmoid, centred ($\mathrm{sig}(v) - 1/2$), in the same way: at most $Q(T)/2$.",
    derive_sigmoid,
)
SILU_CLAUSE = _truncated(
    "silu",
    r"SiLU, in the same way: at most $2s^2(T\varphi(T) + Q(T))$.",
    derive_silu,
)

A2 = Claim(
    id="A2",
    title="Noise energy of other activations",
    clauses=(
        GATE_ENERGY,
        BIASED_RELU_ENERGY,
        SOFT_THRESHOLD_ENERGY,
        RELU_ENERGY,
        GELU_CLAUSE,
        TANH_CLAUSE,
        SIGMOID_CLAUSE,
        SILU_CLAUSE,
    ),
    setting=(
        "An inactive pure node sees noise alone, $v = sn$ with $n$ standard normal, $s > 0$",
        r"$b \ge 0$ where there is a threshold",
    ),
    source="section 8, open question 2",
    kind="open question",
)

_CLOSED = {
    "gate": GATE_ENERGY,
    "biased_relu": BIASED_RELU_ENERGY,
    "soft_threshold": SOFT_THRESHOLD_ENERGY,
    "relu": RELU_ENERGY,
    "gelu": GELU_CLAUSE,
}

NOISE_ENERGY = ClosedForm(
    name="noise_energy",
    arguments={"activation": ACTIVATION, "b": b, "s": s},
    expression=by_activation({word: clause.formula.rhs for word, clause in _CLOSED.items()} | MEANS),
    domain={"activation": CHOICE, "b": NONNEGATIVE, "s": POSITIVE},
    claim="A2",
    words="mean square of what an inactive node passes on under noise N(0, s^2); b counts where there is a threshold",
)
