"""A2: how much noise an inactive node passes on, for each activation."""

from collections.abc import Callable

from sympy import (
    Eq,
    Gt,
    Integer,
    Integral,
    Lt,
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

from theory.activations.choices import ACTIVATION, CHOICE, SIGMOID, TANH, by_activation, v
from theory.assumptions import absent_feature, normal_noise, orthogonal_dictionary, pure_node
from theory.claims import Claim, Clause, ClosedForm
from theory.derivation import Derivation, Proof, begin, prove
from theory.model import Phi, Q, b, named, normal_density, phi, s
from theory.quantities.activations import NOISE_ENERGIES, THRESHOLDED
from theory.ranges import NONNEGATIVE, POSITIVE
from theory.theorems.calculus import fundamental_theorem
from theory.theorems.gaussian import (
    above_core,
    along_parameter,
    arcsine_as_arctangent,
    below_core_and_tails,
    by_parts,
    core,
    normal_mean,
)

ENERGY = {word: energy(b, s) if word in THRESHOLDED else energy(s) for word, energy in NOISE_ENERGIES.items()}
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
        .equals(GELU_ENERGY, "collect terms")
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
_SQUARES = {
    "tanh": TANH.subs(_AT_NOISE) ** 2,
    "sigmoid": _HALF_TANH.subs(_AT_NOISE) ** 2,
    "silu": (v * (Rational(1, 2) + _HALF_TANH)).subs(_AT_NOISE) ** 2,
}
# Each square lies below its envelope for every n; the gap is written so that its sign can be read off.
_ENVELOPES = {"tanh": Integer(1), "sigmoid": Rational(1, 4), "silu": s**2 * n**2}
_GAPS = {
    "tanh": 1 / cosh(s * n) ** 2,
    "sigmoid": _e / (1 + _e) ** 2,
    "silu": s**2 * n**2 * (2 * _e + _e**2) / (1 + _e) ** 2,
}
"""By how much the envelopes exceed the squares."""
MEANS = {word: normal_mean(square, n, _ENVELOPES[word], _GAPS[word]) for word, square in _SQUARES.items()}
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
        start.by(below_core_and_tails(mean, T, _GAPS[word]))
        .within(fundamental_theorem(above, size * up))
        .within(fundamental_theorem(below, size * down))
        .equals(core(mean, T) + _TAILS[word], "symmetry of the normal law")
    )
    logistic = begin(SIGMOID_VALUE, SIGMOID, "the logistic function").equals(
        Rational(1, 2) + _HALF_TANH, "in terms of tanh, which has no large terms to cancel"
    )
    return prove(clause.formula, start.by(above_core(mean, T)), upper, lemmas=() if word == "tanh" else (logistic,))


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
_NODE = (pure_node, absent_feature, orthogonal_dictionary, normal_noise)
_WITH_THRESHOLD = {b: NONNEGATIVE, s: POSITIVE}

GATE_ENERGY = Clause(
    name="gate",
    says="The noise energy of a gate, which is the mean square of its output when it sees noise alone, is "
    "$[[formula]]$.",
    formula=Eq(ENERGY["gate"], s**2 * (2 * _x * phi(_x) + 2 * Q(_x))),
    over=_WITH_THRESHOLD,
    assumes=_NODE,
    derive=derive_gate,
)

BIASED_RELU_ENERGY = Clause(
    name="biased ReLU",
    says="The noise energy of a biased ReLU, $(v - b)_+$, is $[[formula]]$.",
    formula=Eq(ENERGY["biased_relu"], s**2 * ((1 + _x**2) * Q(_x) - _x * phi(_x))),
    over=_WITH_THRESHOLD,
    assumes=_NODE,
    derive=derive_biased_relu,
)

SOFT_THRESHOLD_ENERGY = Clause(
    name="soft threshold",
    says="The noise energy of a soft threshold is $[[formula]]$.",
    formula=Eq(ENERGY["soft_threshold"], 2 * BIASED_RELU_ENERGY.formula.rhs),
    over=_WITH_THRESHOLD,
    assumes=_NODE,
    derive=derive_soft_threshold,
)

RELU_ENERGY = Clause(
    name="ReLU",
    says="The noise energy of a ReLU without a bias is $[[formula]]$.",
    formula=Eq(ENERGY["relu"], s**2 / 2),
    over={s: POSITIVE},
    assumes=_NODE,
    derive=derive_relu,
)

GELU_CLAUSE = Clause(
    name="GELU",
    says="The noise energy of a GELU is $[[formula]]$.",
    formula=Eq(ENERGY["gelu"], GELU_ENERGY),
    over={s: POSITIVE},
    assumes=_NODE,
    derive=derive_gelu,
)


def _truncated(word: str, whose: str, derive: Callable[[Clause], Proof]) -> Clause:
    inside = core(MEANS[word], T)
    return Clause(
        name=word,
        says=f"The noise energy of {whose} exceeds its integral up to $T$ standard deviations from zero, for any cut "
        "$T$, by less than an explicit tail: $[[formula]]$.",
        formula=Gt(ENERGY[word], inside) & Lt(ENERGY[word], inside + _TAILS[word]),
        over={s: POSITIVE, T: POSITIVE},
        assumes=_NODE,
        derive=derive,
    )


TANH_CLAUSE = _truncated("tanh", "a tanh node", derive_tanh)
SIGMOID_CLAUSE = _truncated("sigmoid", "a sigmoid node, measured from its output at zero,", derive_sigmoid)
SILU_CLAUSE = _truncated("silu", "a SiLU", derive_silu)

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
    setting=(),
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
    words="mean square of the output of an inactive node under noise N(0, s^2); b matters only for activations "
    "with a threshold",
)
