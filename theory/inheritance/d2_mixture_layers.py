"""D2: what a least-squares head makes of a mixture layer."""

from sympy import Eq, Gt, Integer, Lambda, Matrix, MatrixSymbol, Rational, Symbol, ZeroMatrix, sqrt

from theory.claims import Claim, Clause, Mutation
from theory.derivation import Derivation, Proof, begin, prove
from theory.inheritance.features import COVARIANCE_MATRIX, covariances_at_constant_amplitude
from theory.model import d, m, p, r
from theory.purification.p4_mixtures_fit import threshold
from theory.purification.p5_firing_probability import FIRING, GROWTH, MIXTURE, firing_series
from theory.quantities.firing import FiringProbability
from theory.theorems.gates import Gate, entries_pass
from theory.theorems.least_squares import isotropic_covariance, least_quadratic, strictly_above_first

theta = MatrixSymbol("theta'", d, 1)
head = MatrixSymbol("a", d, 1)
ORTHOGONAL = MatrixSymbol("O", d, d)
NODES = sqrt(m) * ORTHOGONAL
"""`U`: blocks of signs with `U U^T = m I`, so `O = U/sqrt(m)` is orthogonal."""
LEAST_SQUARES = NODES.T * theta / m
"""The head of the mixture network for the new target."""

OUTPUT = MatrixSymbol("gate(v)", d, 1)
EXCESS = MatrixSymbol(r"[\mathrm{Risk}(a) - \tau^2]", 1, 1)
HEAD = MatrixSymbol(r"\mathrm{arg\,min}_a\,\mathrm{Risk}(a)", d, 1)
ENERGY = MatrixSymbol(r"\mathbb{E}\|\beta\|^2", 1, 1)
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
    chain = begin(HEAD, head, "a head of least risk", orthogonal=(ORTHOGONAL,)).by(unique)
    return prove(clause.formula, chain, lemmas=(risk, passed()))


def energy() -> Derivation:
    """The chain to the mean energy of the least-squares head, from that of mixture networks, P5."""
    (of_mixtures,) = MIXTURE.proof().chains
    pulls = NODES.T * theta
    reason = "orthogonal nodes with ||u_h||^2 = m that fire with probability pi_m, heads a_h = u_h^T theta'/m (P5)"
    chain = begin(ENERGY, (FIRING / m) * pulls.T * pulls, reason, orthogonal=(ORTHOGONAL,))
    return chain.by(of_mixtures.at({_OF_P5: theta}))


def derive_energy(clause: Clause) -> Proof:
    """Proof of the mean energy of the least-squares head."""
    return prove(clause.formula, energy(), lemmas=MIXTURE.proof().lemmas)


def derive_price(clause: Clause) -> Proof:
    """Proof that a mixture costs more than a pure layer, at the probability that the statement names."""
    prob = next(iter(clause.formula.atoms(FiringProbability))).args[1]
    growth = GROWTH.stating(GROWTH.formula.subs(p, prob)).proof()
    above = strictly_above_first(growth.chains[0], m, lambda order: FiringProbability(order, prob))
    gain = begin(_EXTRA, above.left, "what order m + 1 costs above order 1", box=above.box).by(above)
    pure = begin(FiringProbability(1, prob), firing_series(Integer(1), prob), "the series").equals(prob, "one term")
    return prove(clause.formula, gain, pure, lemmas=growth.lemmas)


_EXTRA = Symbol(r"\pi_{m+1} - \pi_1", real=True)
_PRICE = Gt(_EXTRA, 0) & Eq(FiringProbability(1, p), p)
_NUMBERS = {
    d: Integer(1),
    m: Integer(2),
    p: Rational(3, 10),
    r: Integer(1),
    MatrixSymbol("theta'", 1, 1): Matrix([1]),
    MatrixSymbol("a", 1, 1): Matrix([1]),
    MatrixSymbol("O", 1, 1): Matrix([1]),
}

RISK_OF_HEAD = Clause(
    name="risk of a head",
    says=r"A head on the gated outputs of a mixture layer has the risk $\tau^2 + m p r^2 \|a - U^\top\theta'/m\|^2$, "
    r"$U = \sqrt m\,O$.",
    formula=Eq(EXCESS, m * p * r**2 * (head - LEAST_SQUARES).T * (head - LEAST_SQUARES)),
    derive=derive_excess,
    mutation=Mutation(
        "heads not divided by the order",
        Eq(EXCESS, m * p * r**2 * (head - NODES.T * theta).T * (head - NODES.T * theta)),
        _NUMBERS,
        consequence=Eq(
            (head - LEAST_SQUARES).T * (head - LEAST_SQUARES), (head - NODES.T * theta).T * (head - NODES.T * theta)
        ),
    ),
)

UNIQUE = Clause(
    name="head",
    says=r"The least-squares head is unique: $a = U^\top\theta'/m$.",
    formula=Eq(HEAD, LEAST_SQUARES),
    derive=derive_head,
    mutation=Mutation(
        "heads not divided by the order",
        Eq(HEAD, NODES.T * theta),
        _NUMBERS,
        consequence=Eq(LEAST_SQUARES, NODES.T * theta),
    ),
)

INHERITED_ENERGY = Clause(
    name="energy",
    says=r"Its effective map has $\mathbb{E}\|\beta\|^2 = \pi_m\|\theta'\|^2$.",
    formula=Eq(ENERGY, FIRING * theta.T * theta),
    derive=derive_energy,
    mutation=Mutation(
        "the activity of one feature for the firing probability",
        Eq(ENERGY, p * theta.T * theta),
        {m: Integer(4), p: Rational(3, 10)},
        consequence=Eq(FIRING, p),
    ),
)

PRICE = Clause(
    name="worse than pure",
    says=r"For $p < 2/3$ every mixture costs more than the pure layer: $\pi_{m+1} > \pi_1 = p$ for $m \ge 1$.",
    formula=_PRICE,
    box=GROWTH.box,
    derive=derive_price,
    mutation=Mutation(
        "p = .8, order 4",
        _PRICE.subs(p, Rational(4, 5)),
        {m: Integer(4)},
        consequence=Gt(FiringProbability(m, Rational(4, 5)), Rational(4, 5)),
    ),
)

D2 = Claim(
    id="D2",
    title="What a clean head inherits from a mixture layer",
    clauses=(RISK_OF_HEAD, UNIQUE, INHERITED_ENERGY, PRICE),
    setting=(
        r"A frozen mixture layer of order $m$, one threshold $0 < b < r$; the head is a population least-squares "
        r"head for a "
        r"new target $\theta'$",
        r"Constant amplitude $r$, no noise, $0 < p \le 1$",
    ),
    source="section 6",
    kind="sharpened",
    depends_on=("P4", "P5"),
)
