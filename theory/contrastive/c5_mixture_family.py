"""C5: inside the mixture family only dissimilar pairs push towards purity; outside it similar pairs push too."""

from sympy import Eq, Identity, MatrixExpr, MatrixSymbol, Symbol, Trace, sqrt

from theory.assumptions import (
    Assumption,
    constant_amplitude,
    density_amplitudes,
    independent_features,
    low_threshold,
    no_noise,
)
from theory.claims import Claim, Clause
from theory.contrastive.c1_gram_matrix import isometry
from theory.contrastive.pairs import x, y
from theory.derivation import Derivation, Proof, begin, definition, opening, prove
from theory.laws import indicator, isotropic, products, random
from theory.model import d, m, p
from theory.purification.p5_firing_probability import FIRING
from theory.quantities.attacked_pairs import DISSIMILAR_PULL, GATED_SCORE, MEAN_PULL, OFF_SUPPORT, SIMILAR_PULL
from theory.ranges import ACTIVE, COUNT, POSITIVE
from theory.theorems.expectation import linearity
from theory.theorems.indicators import Mean
from theory.theorems.isometry import (
    Rules,
    by_rules,
    cyclic_trace,
    isotropic_mean,
    mean_count,
    trace_of_gram,
    trace_of_sum,
)

lam = Symbol("lambda", positive=True)
"""Scale of the encoder, `g = sqrt(lambda) V x` on every input."""
q = Symbol("q", integer=True, positive=True)
second = Symbol(r"\mu_2", positive=True)
"""Mean square of a feature, `E X_i^2`."""

V = MatrixSymbol("V", q, d)
"""An isometry, `V^T V = I`: the outputs of the encoder."""
Omega = MatrixSymbol("O", d, d)
"""Directions of the nodes, `U = sqrt(m) O`: orthogonal, blocks of a normalised Hadamard matrix."""
S = indicator(MatrixSymbol("S", d, d), FIRING)
"""Which nodes fire at the attacked view `x`: a diagonal matrix of zeros and ones."""
D = indicator(MatrixSymbol("D", d, d), p)
"""The support of the attacked view: a diagonal matrix of zeros and ones."""
K = random(MatrixSymbol("K", q, d))
"""The Jacobian at the attacked view; of it only `J_{A^c} = K (I - D)` off the support is free."""

_OFF = Identity(d) - D
_ENERGY = d * second

_ISOMETRY: Rules = {(V.T, V): ()}
_GATES: Rules = {**_ISOMETRY, (Omega.T, Omega): (), (Omega, Omega.T): (), (S, S): (S,), (S, Omega.T, x): (Omega.T, x)}
_SUPPORT: Rules = {**_ISOMETRY, (D, D): (D,), (D, x): (x,), (x.T, D): (x.T,)}
_GATES_SAY = (
    "V^T V = I, O^T O = O O^T = I",
    "S is a diagonal matrix of zeros and ones",
    "a silent node has u_h^T x = 0: |u_h^T x| is a multiple of r, and b < r",
)
_BESIDE: Rules = {(_OFF, _OFF): (_OFF,)}
isotropic(y, second)
for _rules in (_GATES, _SUPPORT, _BESIDE):
    products(_rules)
_SUPPORT_SAYS = ("V^T V = I", "D is a diagonal matrix of zeros and ones", "x vanishes off its support")


def embedding(view: MatrixExpr) -> MatrixExpr:
    """The embedding of a view, which does not depend on the order of the mixture."""
    return sqrt(lam) * V * view


def _mixture_gain(name: MatrixSymbol, partner: MatrixExpr) -> Derivation:
    """The chain from the squared attack gain of a pair in the mixture family to a quadratic form."""
    through = sqrt(lam) * Omega * S * Omega.T * V.T
    gain = embedding(partner).T * through.T.subs(S.T, S) * through * embedding(partner)
    chain = begin(name, gain, "J = sqrt(lambda) V sum of u_h u_h^T/m over the firing nodes, U = sqrt(m) O")
    return chain.by(by_rules(gain, _GATES, "the firing nodes span a space that holds x", _GATES_SAY))


def _general_gain(name: MatrixSymbol, partner: MatrixExpr) -> Derivation:
    """The chain from the squared attack gain of a pair, for any fit, to its parts on and off the support."""
    through = sqrt(lam) * D * V.T + _OFF * K.T
    gain = embedding(partner).T * (sqrt(lam) * V * D + K * _OFF) * through * embedding(partner)
    chain = begin(name, gain, "J = sqrt(lambda) V on the support (P3 for each output), J_{A^c} = K (I - D) off it")
    return chain.by(by_rules(gain, _SUPPORT, "on the support a fit is the target", _SUPPORT_SAYS))


def derive_scores(clause: Clause) -> Proof:
    """Proof that scores do not depend on the order of the mixture."""
    score = embedding(x).T * embedding(y)
    chain = begin(GATED_SCORE, score, "every mixture fits: g = sqrt(lambda) V x (P4 for each output)")
    return prove(clause.formula, chain.by(by_rules(score, _ISOMETRY, "V is an isometry", ("V^T V = I",))))


def derive_similar(clause: Clause) -> Proof:
    """Proof of the squared gain of a similar pair in the family."""
    return prove(clause.formula, _mixture_gain(SIMILAR_PULL, x))


def derive_dissimilar(clause: Clause) -> Proof:
    """Proof of the mean squared gain of a dissimilar pair in the family."""
    form = _mixture_gain(DISSIMILAR_PULL, y)
    mean = isotropic_mean(Mean(Trace(DISSIMILAR_PULL)), form, y, second)
    chain = begin(MEAN_PULL, mean.left, "first over the other view, then over the attacked one").by(mean)
    chain = chain.within(cyclic_trace(Trace(Omega * S * Omega.T), Omega, S)).within(mean_count(Mean(Trace(S))))
    return prove(clause.formula, chain, lemmas=(form,))


def derive_linear(clause: Clause) -> Proof:
    """Proof of the mean squared gain of a dissimilar pair where nothing is gated."""
    gain = embedding(y).T * (sqrt(lam) * V) * (sqrt(lam) * V).T * embedding(y)
    form = begin(DISSIMILAR_PULL, gain, "J = sqrt(lambda) V").by(
        by_rules(gain, _ISOMETRY, "V is an isometry", ("V^T V = I",))
    )
    mean = isotropic_mean(Mean(Trace(DISSIMILAR_PULL)), form, y, second)
    chain = begin(MEAN_PULL, mean.left, "the other view is random").by(mean)
    return prove(clause.formula, chain, lemmas=(form,))


def derive_general_similar(clause: Clause) -> Proof:
    """Proof of the squared gain of a similar pair for any fit."""
    return prove(clause.formula, _general_gain(SIMILAR_PULL, x))


def derive_general_dissimilar(clause: Clause) -> Proof:
    """Proof of the mean squared gain of a dissimilar pair for any fit."""
    form = _general_gain(DISSIMILAR_PULL, y)
    mean = isotropic_mean(Mean(Trace(DISSIMILAR_PULL)), form, y, second)
    chain = begin(MEAN_PULL, mean.left, "first over the other view, then over the attacked one").by(mean)
    chain = chain.within(mean_count(Mean(Trace(D))))
    off = _off_support()
    link = off.as_step("the energy off the support").solved_for(Mean(Trace(V.T * K * K.T * V)))
    chain = chain.within(link).equals(clause.formula.rhs, "collect terms")
    return prove(clause.formula, chain, lemmas=(form, off))


def _off_support() -> Derivation:
    """The chain from `E ||V^T J_{A^c}||_F^2`, `J_{A^c} = K (I - D)`, to two traces."""
    factor = V.T * K * _OFF
    product = factor * _OFF * K.T * V
    energy = Mean(Trace(product))
    named = definition(OFF_SUPPORT, energy, "J_{A^c} = K (I - D)", sign=trace_of_gram(energy, factor))
    opened = by_rules(product, _BESIDE, "D is a diagonal matrix of zeros and ones", ())
    chain = opening(OFF_SUPPORT).within(named).within(opened)
    chain = chain.within(trace_of_sum(Trace(opened.right)))
    return chain.by(linearity(chain.end))


mixture_encoder = Assumption(
    "mixture encoder",
    "The gated encoder is a mixture of order $m$: each group of $m$ features has $m$ nodes with weights of equal "
    r"modulus, $U U^\top = m I$, and the output weights are $C_h = \sqrt\lambda\, V u_h/m$.",
    defines=True,
)
plain_encoder = Assumption("plain encoder", r"The encoder is linear, $g(x) = \sqrt\lambda\, V x$.", defines=True)
gated_encoder = Assumption(
    "gated encoder",
    "The encoder is gated; $J = J(x)$ is its Jacobian at the attacked view, $D$ is the diagonal matrix of the "
    "support of that view, and $J_{A^c} = K(I - D)$ with $K = J$.",
    defines=True,
)
exact_encoder = Assumption("exact encoder", r"The encoder fits exactly: $g(x) = \sqrt\lambda\, V x$ almost surely.")
uncorrelated = Assumption(
    "uncorrelated features",
    r"Features are active with probability $p$, have mean square $\mu_2$ and are uncorrelated: $\mathbb{E}X_iX_j = 0$ "
    r"for $i \ne j$.",
)
mean_square = Assumption("mean square", r"The features have mean square $\mu_2 = \mathbb{E}X_i^2$.", defines=True)
_MIXTURE = (mixture_encoder, isometry, constant_amplitude, low_threshold, no_noise)
_ANY_FIT = (gated_encoder, exact_encoder, isometry, density_amplitudes, no_noise)

SCORES = Clause(
    name="scores",
    says="Under an encoder of the mixture family, the score of a pair of views does not depend on the order of the "
    "mixture: $[[formula]]$.",
    formula=Eq(GATED_SCORE, lam * x.T * y),
    over={lam: POSITIVE, d: COUNT},
    assumes=_MIXTURE,
    derive=derive_scores,
)

SIMILAR_GAIN = Clause(
    name="similar pairs",
    says="Under an encoder of the mixture family, the squared attack gain of a similar pair does not depend on the "
    "order of the mixture: $[[formula]]$.",
    formula=Eq(SIMILAR_PULL, lam**2 * x.T * x),
    over={lam: POSITIVE, d: COUNT},
    assumes=_MIXTURE,
    derive=derive_similar,
)

DISSIMILAR_GAIN = Clause(
    name="dissimilar pairs",
    says="Under an encoder of the mixture family, the squared attack gain of dissimilar pairs is proportional to the "
    "probability $[[firing]]$ that a node fires: $[[formula]]$.",
    formula=Eq(MEAN_PULL, lam**2 * FIRING * _ENERGY),
    over={lam: POSITIVE, m: COUNT, p: ACTIVE, d: COUNT, second: POSITIVE},
    assumes=(*_MIXTURE, mean_square, independent_features),
    parts={"firing": lambda clause: next(iter(clause.formula.atoms(type(FIRING))))},
    derive=derive_dissimilar,
)

LINEAR_GAIN = Clause(
    name="dissimilar pairs, linear encoder",
    says="Under an encoder of the mixture family without gates, the squared attack gain of dissimilar pairs is "
    "$[[formula]]$.",
    formula=Eq(MEAN_PULL, lam**2 * _ENERGY),
    over={lam: POSITIVE, d: COUNT, second: POSITIVE},
    assumes=(plain_encoder, isometry, mean_square, no_noise),
    derive=derive_linear,
)

GENERAL_SIMILAR = Clause(
    name="similar pairs, any fit",
    says="Under any encoder that fits features whose amplitudes have a density, the squared attack gain of a similar "
    "pair grows with its cross-talk $J_{A^c}$, so similar pairs push towards purity as well: $[[formula]]$.",
    formula=Eq(SIMILAR_PULL, lam**2 * x.T * x + embedding(x).T * K * _OFF * K.T * embedding(x)),
    over={lam: POSITIVE, d: COUNT, q: COUNT},
    assumes=_ANY_FIT,
    derive=derive_general_similar,
)

GENERAL_DISSIMILAR = Clause(
    name="dissimilar pairs, any fit",
    says="Under any encoder that fits features whose amplitudes have a density, the mean squared attack gain of "
    "dissimilar pairs is $[[formula]]$.",
    formula=Eq(MEAN_PULL, lam**2 * p * _ENERGY + lam * second * OFF_SUPPORT),
    over={lam: POSITIVE, p: ACTIVE, d: COUNT, second: POSITIVE},
    assumes=(*_ANY_FIT, uncorrelated),
    derive=derive_general_dissimilar,
)

C5 = Claim(
    id="C5",
    title="In the mixture family, only dissimilar pairs push towards purity",
    clauses=(SCORES, SIMILAR_GAIN, DISSIMILAR_GAIN, LINEAR_GAIN, GENERAL_SIMILAR, GENERAL_DISSIMILAR),
    setting=(),
    source="section 5.3, sharpened",
    kind="sharpened",
    depends_on=("P3", "P4", "P5"),
)
