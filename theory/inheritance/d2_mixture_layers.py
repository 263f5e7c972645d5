"""D2: the least-squares head on a mixture layer."""

from sympy import Eq, Gt, Integer, Lambda, MatrixSymbol, Rational, Symbol, ZeroMatrix, sqrt

from theory.assumptions import Assumption, constant_amplitude, independent_features, low_threshold, no_noise
from theory.claims import Claim, Clause, NearMiss
from theory.derivation import Derivation, Proof, begin, opening, prove
from theory.inheritance.features import COVARIANCE_MATRIX, covariances_at_constant_amplitude
from theory.model import d, m, p, r
from theory.purification.p4_mixtures_fit import threshold
from theory.purification.p5_firing_probability import FIRING, GROWTH, MIXTURE, firing_series, probability_of_firing
from theory.quantities.firing import MIXTURE_ENERGY, FiringProbability
from theory.quantities.heads import EXCESS, LEAST_HEAD
from theory.ranges import ACTIVE, COUNT, POSITIVE, between
from theory.theorems.gates import Gate, entries_pass
from theory.theorems.least_squares import isotropic_covariance, least_quadratic, strictly_above_first

theta = MatrixSymbol(r"{\theta'}", d, 1)
head = MatrixSymbol("a", d, 1)
ORTHOGONAL = MatrixSymbol("O", d, d)
NODES = sqrt(m) * ORTHOGONAL
"""`U`: blocks of signs with `U U^T = m I`, so `O = U/sqrt(m)` is orthogonal."""
LEAST_SQUARES = NODES.T * theta / m
"""The head of the mixture network for the new target."""

OUTPUT = MatrixSymbol(r"\mathrm{gate}(v)", d, 1)
_OF_P5 = MatrixSymbol("theta", d, 1)
_signs = MatrixSymbol("k", d, 1)
_count = Symbol("n", integer=True)
_x = Symbol("x")
_BELOW_AMPLITUDE = {threshold: (Integer(0), r)}


def passed() -> Derivation:
    """The chain that shows that the gates of a mixture layer take away nothing at constant amplitude."""
    pre_activations = r * NODES.T * _signs
    gated = pre_activations.applyfunc(Lambda(_x, Gate(_x, threshold)))
    entry = Gate(r * _count, threshold)
    chain = begin(OUTPUT, gated, "x = r k with entries of k in {-1, 0, 1}; v = U^T x", box=_BELOW_AMPLITUDE)
    return chain.within(entries_pass(gated, pre_activations, entry, (NODES.T, _signs), _BELOW_AMPLITUDE))


def _excess() -> Derivation:
    gap = theta - NODES * head
    reason = "the layer passes U^T x, so y - f = eta + (theta' - U a)^T x; C = E x x^T, the label noise is independent"
    return (
        begin(EXCESS, gap.T * COVARIANCE_MATRIX * gap, reason, orthogonal=(ORTHOGONAL,))
        .within(isotropic_covariance(COVARIANCE_MATRIX, covariances_at_constant_amplitude()))
        .equals(m * p * r**2 * (head - LEAST_SQUARES).T * (head - LEAST_SQUARES), "O O^T = I")
    )


def derive_excess(clause: Clause) -> Proof:
    """Proof of the population risk of a head."""
    return prove(clause.formula, _excess(), lemmas=(passed(), covariances_at_constant_amplitude()))


def derive_head(clause: Clause) -> Proof:
    """Proof that the least-squares head is unique."""
    risk = _excess()
    unique = least_quadratic(risk, head, LEAST_SQUARES, m * p * r**2, ZeroMatrix(1, 1))
    chain = begin(LEAST_HEAD, head, "a head of least risk", orthogonal=(ORTHOGONAL,)).by(unique)
    return prove(clause.formula, chain, lemmas=(risk, passed()))


def energy() -> Derivation:
    """The chain to the mean energy of the least-squares head, from that of mixture networks, P5."""
    (of_mixtures,) = MIXTURE.proof().chains
    pulls = NODES.T * theta
    reason = "orthogonal nodes with ||u_h||^2 = m that fire with probability pi_m, heads a_h = u_h^T theta'/m (P5)"
    chain = begin(MIXTURE_ENERGY, (FIRING / m) * pulls.T * pulls, reason, orthogonal=(ORTHOGONAL,))
    return chain.by(of_mixtures.at({_OF_P5: theta}))


def derive_energy(clause: Clause) -> Proof:
    """Proof of the mean energy of the least-squares head."""
    return prove(clause.formula, energy(), lemmas=MIXTURE.proof().lemmas)


def derive_price(clause: Clause) -> Proof:
    """Proof that a mixture costs more than a pure layer, at the probability that the statement names."""
    growth = GROWTH.proof()
    above = strictly_above_first(growth.chains[0], m, lambda order: FiringProbability(order, p))
    gain = opening(above.left, box=growth.chains[0].box).by(above)
    series = probability_of_firing(Integer(1), p, firing_series(Integer(1), p), "the series")
    pure = opening(FiringProbability(1, p)).within(series).equals(p, "one term only")
    return prove(clause.formula, gain, pure, lemmas=growth.lemmas)


frozen_mixture = Assumption(
    "frozen mixture layer",
    r"The layer is that of a mixture of order $m$, $U = \sqrt m\,O$ with orthogonal $O$, and only the head is "
    r"trained, for a new target $\theta'$.",
    defines=True,
)
LAYER = (frozen_mixture, constant_amplitude, independent_features, no_noise, low_threshold)

RISK_OF_HEAD = Clause(
    name="risk of a head",
    says="The risk of a head on a mixture layer exceeds that of the label noise by a multiple of its squared "
    "distance from the head of the mixture network for the new target: $[[formula]]$.",
    formula=Eq(EXCESS, m * p * r**2 * (head - LEAST_SQUARES).T * (head - LEAST_SQUARES)),
    over={m: COUNT, p: ACTIVE, r: POSITIVE},
    assumes=LAYER,
    depends_on=("P4/fit",),
    derive=derive_excess,
)

UNIQUE = Clause(
    name="head",
    says="The least-squares head on a mixture layer is unique and equals the head of the mixture network for the new "
    "target: $[[formula]]$.",
    formula=Eq(LEAST_HEAD, LEAST_SQUARES),
    over={m: COUNT, p: ACTIVE, r: POSITIVE},
    assumes=LAYER,
    depends_on=("D2/risk of a head",),
    derive=derive_head,
)

INHERITED_ENERGY = Clause(
    name="energy",
    says="The effective map of the least-squares head on a mixture layer has the mean energy of a mixture: "
    "$[[formula]]$.",
    formula=Eq(MIXTURE_ENERGY, FIRING * theta.T * theta),
    over={m: COUNT, p: ACTIVE},
    assumes=LAYER,
    depends_on=("D2/head", "P5/energy of a mixture"),
    derive=derive_energy,
)

PRICE = Clause(
    name="worse than pure",
    says="If $[[range p]]$, every mixture layer passes on more energy than a pure layer: $[[formula]]$.",
    formula=Gt(FiringProbability(m + 1, p) - FiringProbability(1, p), 0) & Eq(FiringProbability(1, p), p),
    over={m: COUNT, p: GROWTH.over[p]},
    assumes=GROWTH.assumes,
    depends_on=("P5/growth",),
    derive=derive_price,
    near_miss=NearMiss("p from 0 to 4/5", over={p: between(0, Rational(4, 5))}),
)

D2 = Claim(
    id="D2",
    title="What a clean head inherits from a mixture layer",
    clauses=(RISK_OF_HEAD, UNIQUE, INHERITED_ENERGY, PRICE),
    setting=(),
    source="section 6",
    kind="sharpened",
)
