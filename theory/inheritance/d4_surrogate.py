"""D4, the surrogate: the head that minimises the mean square error plus the mean energy of its effective map."""

from sympy import Eq, Integer, Matrix, MatrixSymbol, Rational, Symbol

from theory.claims import Clause, Mutation
from theory.derivation import Derivation, Proof, begin, prove
from theory.inheritance.d2_mixture_layers import LEAST_SQUARES, NODES, ORTHOGONAL, head, passed, theta
from theory.inheritance.features import COVARIANCE_MATRIX, covariances_at_constant_amplitude
from theory.model import d, eps, m, p, r
from theory.purification.p5_firing_probability import GENERAL_ENERGY
from theory.theorems.least_squares import isotropic_covariance, least_quadratic

FIRES = Symbol(r"\pi_m", positive=True)
"""The firing probability: positive, as `p` is."""
SIGNAL = p * r**2
_ENERGY_WEIGHT = eps**2 * FIRES
_CURVATURE = SIGNAL + _ENERGY_WEIGHT
SHRINKAGE = SIGNAL / _CURVATURE
"""How much of the target the surrogate keeps."""
LEAST_SHARE = SIGNAL * _ENERGY_WEIGHT / _CURVATURE
"""The surrogate's least value over `||theta'||^2`."""

SURROGATE = MatrixSymbol(r"[\mathbb{E}e^2 + \epsilon^2\,\mathbb{E}\|\beta\|^2]", 1, 1)
HEAD = MatrixSymbol(r"\mathrm{arg\,min}_a", d, 1)
MAPPED = MatrixSymbol("U a", d, 1)
LEAST = MatrixSymbol(r"\min_a", 1, 1)


def _surrogate() -> Derivation:
    gap = theta - NODES * head
    reason = (
        "the layer passes U^T x, so e = (theta' - U a)^T x, C = E x x^T; orthogonal nodes with ||u_h||^2 = m that "
        "fire with "
        "probability pi_m give E||beta||^2 = pi_m m a^T a (P5)"
    )
    return (
        begin(
            SURROGATE,
            gap.T * COVARIANCE_MATRIX * gap + _ENERGY_WEIGHT * m * head.T * head,
            reason,
            orthogonal=(ORTHOGONAL,),
        )
        .within(isotropic_covariance(COVARIANCE_MATRIX, covariances_at_constant_amplitude()))
        .equals(
            m * _CURVATURE * (head - SHRINKAGE * LEAST_SQUARES).T * (head - SHRINKAGE * LEAST_SQUARES)
            + LEAST_SHARE * theta.T * theta,
            "completing the square; O O^T = I",
        )
    )


def derive_surrogate(clause: Clause) -> Proof:
    """Proof of the surrogate risk as a squared distance from its minimiser."""
    return prove(clause.formula, _surrogate(), lemmas=(passed(), *GENERAL_ENERGY.proof().chains))


def derive_head(clause: Clause) -> Proof:
    """Proof of the minimiser of the surrogate and of its least value."""
    risk, root, rest = _surrogate(), SHRINKAGE * LEAST_SQUARES, LEAST_SHARE * theta.T * theta
    unique = least_quadratic(risk, head, root, m * _CURVATURE, rest)
    best = begin(HEAD, head, "a head of least surrogate risk", orthogonal=(ORTHOGONAL,)).by(unique)
    mapped = begin(MAPPED, NODES * head, "U a of that head", orthogonal=(ORTHOGONAL,)).within(unique)
    least = begin(LEAST, risk.end, "the surrogate there", orthogonal=(ORTHOGONAL,)).within(unique)
    return prove(
        clause.formula,
        mapped.equals(SHRINKAGE * theta, "O O^T = I"),
        least.equals(rest, "the distance vanishes"),
        lemmas=(risk, best),
    )


NUMBERS = {
    d: Integer(1),
    m: Integer(1),
    p: Rational(3, 10),
    r: Integer(1),
    eps: Rational(1, 2),
    FIRES: Rational(3, 10),
    MatrixSymbol("theta'", 1, 1): Matrix([1]),
    MatrixSymbol("a", 1, 1): Matrix([1]),
    MatrixSymbol("O", 1, 1): Matrix([1]),
}
SURROGATE_RISK = Clause(
    name="surrogate",
    says=r"The surrogate $\mathbb{E}e^2 + \epsilon^2\,\mathbb{E}\|\beta\|^2$ is a squared distance of the head "
    r"from its "
    r"minimiser, plus the least value; $U = \sqrt m\,O$.",
    formula=Eq(
        SURROGATE,
        m * _CURVATURE * (head - SHRINKAGE * LEAST_SQUARES).T * (head - SHRINKAGE * LEAST_SQUARES)
        + LEAST_SHARE * theta.T * theta,
    ),
    derive=derive_surrogate,
    mutation=Mutation(
        "nothing left at the minimiser",
        Eq(SURROGATE, m * _CURVATURE * (head - SHRINKAGE * LEAST_SQUARES).T * (head - SHRINKAGE * LEAST_SQUARES)),
        NUMBERS,
        consequence=Eq(LEAST_SHARE, 0),
    ),
)

SURROGATE_HEAD = Clause(
    name="surrogate's head",
    says=r"It is least where $U a = \frac{p r^2}{p r^2 + \epsilon^2\pi_m}\,\theta'$, with the value "
    r"$\|\theta'\|^2 \frac{p r^2 \epsilon^2 \pi_m}{p r^2 + \epsilon^2\pi_m}$.",
    formula=Eq(MAPPED, SHRINKAGE * theta) & Eq(LEAST, LEAST_SHARE * theta.T * theta),
    derive=derive_head,
    mutation=Mutation(
        "the target kept",
        Eq(MAPPED, theta) & Eq(LEAST, LEAST_SHARE * theta.T * theta),
        NUMBERS,
        consequence=Eq(SHRINKAGE, 1),
    ),
)
