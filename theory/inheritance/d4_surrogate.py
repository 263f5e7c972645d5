"""D4, the surrogate: the head that minimises the mean square error plus the mean energy of its effective map."""

from sympy import Eq, MatrixSymbol

from theory.claims import Clause
from theory.derivation import Derivation, Proof, begin, prove
from theory.inheritance.d2_mixture_layers import LAYER, LEAST_SQUARES, NODES, ORTHOGONAL, head, passed, theta
from theory.inheritance.features import COVARIANCE_MATRIX, covariances_at_constant_amplitude
from theory.model import d, eps, m, p, r
from theory.purification.p5_firing_probability import FIRING, GENERAL_ENERGY
from theory.quantities.heads import LEAST_SURROGATE, MAPPED, SURROGATE
from theory.ranges import ACTIVE, COUNT, NONNEGATIVE, POSITIVE
from theory.theorems.least_squares import isotropic_covariance, least_quadratic

SIGNAL = p * r**2
_ENERGY_WEIGHT = eps**2 * FIRING
_CURVATURE = SIGNAL + _ENERGY_WEIGHT
SHRINKAGE = SIGNAL / _CURVATURE
"""How much of the target the surrogate keeps."""
LEAST_SHARE = SIGNAL * _ENERGY_WEIGHT / _CURVATURE
"""The surrogate's least value over `||theta'||^2`."""

HEAD = MatrixSymbol(r"\mathrm{arg\,min}_a", d, 1)

LAYER_RANGES = {m: COUNT, p: ACTIVE, r: POSITIVE, eps: NONNEGATIVE}


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
            "complete the square; O O^T = I",
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
    least = begin(LEAST_SURROGATE, risk.end, "the surrogate there", orthogonal=(ORTHOGONAL,)).within(unique)
    return prove(
        clause.formula,
        mapped.equals(SHRINKAGE * theta, "O O^T = I"),
        least.equals(rest, "the distance is zero"),
        lemmas=(risk, best),
    )


SURROGATE_RISK = Clause(
    name="surrogate",
    says="The mean squared error of a head plus the mean energy of its effective map is a multiple of the squared "
    "distance of the head from the best one, plus the least value: $[[formula]]$.",
    formula=Eq(
        SURROGATE,
        m * _CURVATURE * (head - SHRINKAGE * LEAST_SQUARES).T * (head - SHRINKAGE * LEAST_SQUARES)
        + LEAST_SHARE * theta.T * theta,
    ),
    over=LAYER_RANGES,
    assumes=LAYER,
    depends_on=("P4/fit", "P5/energy of orthogonal nodes"),
    derive=derive_surrogate,
)

SURROGATE_HEAD = Clause(
    name="surrogate's head",
    says="The mean squared error of a head plus the mean energy of its effective map is least for a head that "
    "shrinks the target uniformly: $[[formula]]$.",
    formula=Eq(MAPPED, SHRINKAGE * theta) & Eq(LEAST_SURROGATE, LEAST_SHARE * theta.T * theta),
    over=LAYER_RANGES,
    assumes=LAYER,
    depends_on=("D4/surrogate",),
    derive=derive_head,
)
