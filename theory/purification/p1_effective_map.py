"""P1: around a point the network is linear, and its effective map is the sum over the active nodes."""

from sympy import And, DiagMatrix, Eq, MatrixExpr, MatrixSymbol

from theory.assumptions import Assumption, orthogonal_dictionary
from theory.claims import Claim, Clause
from theory.derivation import Proof, begin, prove
from theory.model import H, d
from theory.quantities.network import GRADIENT as SLOPE
from theory.quantities.network import INCREMENT, OUTPUT
from theory.ranges import COUNT

M = MatrixSymbol("M", d, d)
W = MatrixSymbol("W", d, H)
a = MatrixSymbol("a", H, 1)
gates = MatrixSymbol("g", H, 1)
z = MatrixSymbol("z", d, 1)
delta = MatrixSymbol("delta", d, 1)

BETA = M.T * W * DiagMatrix(gates) * a
"""The effective map: `U = M^T W`, and `g` holds 1 for an active node and 0 for a silent one."""


def network(x: MatrixExpr) -> MatrixExpr:
    """The network at `x`, with the gates of `z`."""
    return a.T * DiagMatrix(gates) * W.T * x


def derive_map(clause: Clause) -> Proof:
    """Proof that the network is its effective map, applied in feature coordinates."""
    reason = "the gate keeps the pre-activations of active nodes and drops the others"
    chain = begin(OUTPUT, network(z), reason, orthogonal=(M,), given=_MODEL).equals(BETA.T * M.T * z, "M M^T = I")
    return prove(clause.formula, chain)


def derive_gradient(clause: Clause) -> Proof:
    """Proof that around `z` the network is affine, with that gradient."""
    given = (*_MODEL, still_gates)
    step = begin(INCREMENT, network(z + delta) - network(z), "delta moves no gate", orthogonal=(M,), given=given)
    reason = "the gradient of a linear form, the gates held"
    slope = begin(SLOPE, W * DiagMatrix(gates) * a, reason, orthogonal=(M,), given=_MODEL)
    return prove(clause.formula, step.equals((M * BETA).T * delta, "linearity"), slope.equals(M * BETA, "M M^T = I"))


gates_of_z = Assumption(
    "gates of z",
    "The vector $g$ has the entry $1$ for each node that fires at the observation $z$ and $0$ for every other node; "
    "the columns of $W$ are the weights.",
    defines=True,
)
still_gates = Assumption("still gates", r"The step $\delta$ from $z$ moves no gate.")
_MODEL = (gates_of_z, orthogonal_dictionary)

MAP = Clause(
    name="effective map",
    says=r"At every observation, the output of the network is the effective map $\beta(z) = [[beta]]$ applied to the "
    "observation in feature coordinates: $[[formula]]$.",
    formula=Eq(OUTPUT, BETA.T * M.T * z),
    over={d: COUNT, H: COUNT},
    assumes=_MODEL,
    parts={"beta": lambda _: BETA},
    derive=derive_map,
)

GRADIENT = Clause(
    name="gradient",
    says=r"With the gates held fixed, the gradient of the network is $M\beta(z)$, and a step that moves no gate "
    "changes the output by its inner product with this gradient: $[[formula]]$.",
    formula=And(Eq(SLOPE, M * BETA), Eq(INCREMENT, (M * BETA).T * delta)),
    over={d: COUNT, H: COUNT},
    assumes=(*_MODEL, still_gates),
    derive=derive_gradient,
)

P1 = Claim(
    id="P1",
    title="The effective map",
    clauses=(MAP, GRADIENT),
    setting=(),
    source="section 4",
    kind="paper",
)
