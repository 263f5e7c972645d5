"""C5: inside the mixture family only dissimilar pairs push towards purity; outside it similar pairs push too."""

from sympy import Eq, Identity, Integer, MatrixExpr, MatrixSymbol, Rational, Symbol, Trace, sqrt

from theory.claims import Claim, Clause, Mutation
from theory.contrastive.pairs import x, y
from theory.derivation import Derivation, Proof, Step, begin, prove
from theory.model import d, m, p
from theory.purification.p5_firing_probability import FIRING
from theory.theorems.indicators import Mean
from theory.theorems.isometry import Rules, by_rules, cyclic_trace, isotropic_mean, mean_count

lam = Symbol("lambda", positive=True)
"""Scale of the encoder, `g = sqrt(lambda) V x` on every input."""
q = Symbol("q", integer=True, positive=True)
second = Symbol(r"\mu_2", positive=True)
"""Mean square of a feature, `E X_i^2`."""

V = MatrixSymbol("V", q, d)
"""An isometry, `V^T V = I`: the outputs of the encoder."""
Omega = MatrixSymbol("O", d, d)
"""Directions of the nodes, `U = sqrt(m) O`: orthogonal, blocks of a normalised Hadamard matrix."""
S = MatrixSymbol("S", d, d)
"""Which nodes fire at the attacked view `x`: a diagonal matrix of zeros and ones."""
D = MatrixSymbol("D", d, d)
"""The support of the attacked view: a diagonal matrix of zeros and ones."""
K = MatrixSymbol("K", q, d)
"""The Jacobian at the attacked view; of it only `J_{A^c} = K (I - D)` off the support is free."""

SCORE = MatrixSymbol("g^T g'", 1, 1)
SIMILAR = MatrixSymbol(r"\|J^\top g\|^2", 1, 1)
DISSIMILAR = MatrixSymbol(r"\|J^\top g'\|^2", 1, 1)
MEAN_GAIN = Symbol(r"\mathbb{E}\|J^\top g'\|^2")
OFF_SUPPORT = Symbol(r"\mathbb{E}\|V^\top J_{A^c}\|_F^2", nonnegative=True)
_gain = Symbol(r"\|J^\top g'\|^2", nonnegative=True)
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
_SUPPORT_SAYS = ("V^T V = I", "D is a diagonal matrix of zeros and ones", "x vanishes off its support")


def embedding(view: MatrixExpr) -> MatrixExpr:
    """What the encoder makes of a view; the order of the mixture does not enter."""
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
    chain = begin(SCORE, score, "every mixture fits: g = sqrt(lambda) V x (P4 for each output)")
    return prove(clause.formula, chain.by(by_rules(score, _ISOMETRY, "V is an isometry", ("V^T V = I",))))


def derive_similar(clause: Clause) -> Proof:
    """Proof of the squared gain of a similar pair in the family."""
    return prove(clause.formula, _mixture_gain(SIMILAR, x))


def derive_dissimilar(clause: Clause) -> Proof:
    """Proof of the mean squared gain of a dissimilar pair in the family."""
    form = _mixture_gain(DISSIMILAR, y)
    mean = isotropic_mean(Mean(_gain), form.end, y, second)
    chain = begin(MEAN_GAIN, Mean(_gain), "first over the other view, then over the attacked one").by(mean)
    chain = chain.within(cyclic_trace(Trace(Omega * S * Omega.T), Omega, S))
    chain = chain.by(mean_count(chain.end, S, d, FIRING))
    return prove(clause.formula, chain, lemmas=(form,))


def derive_general_similar(clause: Clause) -> Proof:
    """Proof of the squared gain of a similar pair for any fit."""
    return prove(clause.formula, _general_gain(SIMILAR, x))


def derive_general_dissimilar(clause: Clause) -> Proof:
    """Proof of the mean squared gain of a dissimilar pair for any fit."""
    form = _general_gain(DISSIMILAR, y)
    mean = isotropic_mean(Mean(_gain), form.end, y, second)
    chain = begin(MEAN_GAIN, Mean(_gain), "first over the other view, then over the attacked one").by(mean)
    whole, inside = Trace(V.T * K * K.T * V), Trace(V.T * K * D * K.T * V)
    parts = Step(whole, "=", OFF_SUPPORT + inside, "||V^T J_{A^c}||_F^2 = tr V^T K (I - D) K^T V", "definition")
    chain = chain.by(mean_count(chain.end, D, d, p))
    return prove(clause.formula, chain.within(parts), lemmas=(form,))


SCORES = Clause(
    name="scores",
    says="In the mixture family the score of a pair is $\\lambda x^\\top x'$ for every order $m$.",
    formula=Eq(SCORE, lam * x.T * y),
    derive=derive_scores,
    mutation=Mutation(
        "the root forgotten",
        Eq(SCORE, lam**2 * x.T * y),
        {lam: Rational(2)},
        consequence=Eq(lam, lam**2),
    ),
)

SIMILAR_GAIN = Clause(
    name="similar pairs",
    says=r"The squared attack gain $\|J(x)^\top g(x)\|^2$ of a similar pair is $\lambda^2\|x\|^2$ for every $m$.",
    formula=Eq(SIMILAR, lam**2 * x.T * x),
    derive=derive_similar,
    mutation=Mutation(
        "the firing probability for similar pairs too",
        Eq(SIMILAR, lam**2 * FIRING * x.T * x),
        {m: Integer(2), p: Rational(1, 2)},
        consequence=Eq(FIRING, 1),
    ),
)

DISSIMILAR_GAIN = Clause(
    name="dissimilar pairs",
    says=r"That of a dissimilar pair is on average $\lambda^2 \pi_m\,\mathbb{E}\|X\|^2$, with "
    r"$\mathbb{E}\|X\|^2 = d\mu_2$: it grows with $m$ as $\pi_m$ does (P5). A linear network has 1 for $\pi_m$.",
    formula=Eq(MEAN_GAIN, lam**2 * FIRING * _ENERGY),
    derive=derive_dissimilar,
    mutation=Mutation(
        "free of m",
        Eq(MEAN_GAIN, lam**2 * p * _ENERGY),
        {m: Integer(2), p: Rational(1, 2)},
        consequence=Eq(FIRING, p),
    ),
)

GENERAL_SIMILAR = Clause(
    name="similar pairs, any fit",
    says=r"Density amplitudes, $g = \sqrt\lambda Vx$ almost surely, Jacobian $J$, off the support "
    r"$J_{A^c} = K(I - D)$: the squared gain of a similar pair is $\lambda^2\|x\|^2 + \|J_{A^c}^\top g\|^2$: "
    "there similar pairs push too.",
    formula=Eq(SIMILAR, lam**2 * x.T * x + embedding(x).T * K * _OFF * K.T * embedding(x)),
    derive=derive_general_similar,
    mutation=Mutation(
        "cross-talk forgotten ($d = 2$, $x = e_1$, $J_{A^c}^\\top g = \\lambda e_2$)",
        Eq(SIMILAR, lam**2 * x.T * x),
        {lam: Rational(1)},
        consequence=Eq(lam**2 + lam**2, lam**2),
    ),
)

GENERAL_DISSIMILAR = Clause(
    name="dissimilar pairs, any fit",
    says=r"That of a dissimilar pair is on average "
    r"$\lambda^2 p\,\mathbb{E}\|X\|^2 + \lambda\mu_2\,\mathbb{E}\|V^\top J_{A^c}\|_F^2$.",
    formula=Eq(MEAN_GAIN, lam**2 * p * _ENERGY + lam * second * OFF_SUPPORT),
    derive=derive_general_dissimilar,
    mutation=Mutation(
        "the activity forgotten (no cross-talk)",
        Eq(MEAN_GAIN, lam**2 * _ENERGY + lam * second * OFF_SUPPORT),
        {p: Rational(1, 2)},
        consequence=Eq(p, 1),
    ),
)

C5 = Claim(
    id="C5",
    title="In the mixture family only dissimilar pairs push towards purity",
    clauses=(SCORES, SIMILAR_GAIN, DISSIMILAR_GAIN, GENERAL_SIMILAR, GENERAL_DISSIMILAR),
    setting=(
        "No noise; l2 attack on the first view",
        r"for the mixture family: constant amplitude $r$, one threshold $0 < b < r$, $C_h = \sqrt\lambda V u_h/m$, "
        r"$V$ an isometry, $V^\top V = I$",
        r"for any fit: density amplitudes and $g(x) = \sqrt\lambda Vx$ almost surely",
    ),
    source="section 5.3, sharpened",
    kind="sharpened",
    depends_on=("P3", "P4", "P5"),
)
