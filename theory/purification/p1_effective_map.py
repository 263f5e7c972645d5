"""P1: around a point the network is linear, and its effective map is the sum over the active nodes."""

from sympy import DiagMatrix, Eq, Integer, Matrix, MatrixExpr, MatrixSymbol

from theory.claims import Claim, Clause, Mutation
from theory.derivation import Proof, begin, prove
from theory.model import H, d

M = MatrixSymbol("M", d, d)
W = MatrixSymbol("W", d, H)
a = MatrixSymbol("a", H, 1)
gates = MatrixSymbol("g", H, 1)
z = MatrixSymbol("z", d, 1)

delta = MatrixSymbol("delta", d, 1)

F_OF_Z = MatrixSymbol("f(z)", 1, 1)
INCREMENT = MatrixSymbol(r"[f(z + \delta) - f(z)]", 1, 1)
BETA = M.T * W * DiagMatrix(gates) * a
"""The effective map: `U = M^T W`, and `g` holds 1 for an active node and 0 for a silent one."""


def network(x: MatrixExpr) -> MatrixExpr:
    """The network at `x`, with the gates of `z`."""
    return a.T * DiagMatrix(gates) * W.T * x


def derive_map(clause: Clause) -> Proof:
    """Proof that the network is its effective map, applied in feature coordinates."""
    reason = "the gate keeps the pre-activations of active nodes and drops the others"
    chain = begin(F_OF_Z, network(z), reason, orthogonal=(M,)).equals(BETA.T * M.T * z, "M M^T = I")
    return prove(clause.formula, chain)


def derive_gradient(clause: Clause) -> Proof:
    """Proof that around `z` the network is affine, with that gradient."""
    reason = "delta moves no gate"
    chain = begin(INCREMENT, network(z + delta) - network(z), reason, orthogonal=(M,)).equals(
        (M * BETA).T * delta, "linearity"
    )
    return prove(clause.formula, chain)


MAP = Clause(
    name="effective map",
    says=r"$f(z) = \beta(z)^\top M^\top z$ everywhere, with $\beta(z) = \sum_{h \in Act(z)} a_h u_h = U D_g a$, "
    r"$U = M^\top W$, $g$ the indicator of the active nodes.",
    formula=Eq(F_OF_Z, BETA.T * M.T * z),
    derive=derive_map,
    mutation=Mutation(
        "the sum over all nodes",
        Eq(F_OF_Z, (M.T * W * a).T * M.T * z),
        {
            d: Integer(1),
            H: Integer(2),
            MatrixSymbol("M", 1, 1): Matrix([1]),
            MatrixSymbol("W", 1, 2): Matrix([[1, 1]]),
            MatrixSymbol("a", 2, 1): Matrix([1, 1]),
            MatrixSymbol("g", 2, 1): Matrix([1, 0]),
            MatrixSymbol("z", 1, 1): Matrix([1]),
        },
    ),
)

GRADIENT = Clause(
    name="gradient",
    says=r"Off the gate boundaries $f(z + \delta) - f(z) = (M\beta(z))^\top \delta$ for every small $\delta$: "
    r"$\nabla f(z) = M\beta(z)$.",
    formula=Eq(INCREMENT, (M * BETA).T * delta),
    derive=derive_gradient,
    mutation=Mutation(
        "the effective map for the gradient, without the dictionary",
        Eq(INCREMENT, BETA.T * delta),
        {
            d: Integer(1),
            H: Integer(1),
            MatrixSymbol("M", 1, 1): Matrix([-1]),
            MatrixSymbol("W", 1, 1): Matrix([1]),
            MatrixSymbol("a", 1, 1): Matrix([1]),
            MatrixSymbol("g", 1, 1): Matrix([1]),
            MatrixSymbol("z", 1, 1): Matrix([1]),
            MatrixSymbol("delta", 1, 1): Matrix([1]),
        },
    ),
)

P1 = Claim(
    id="P1",
    title="The effective map",
    clauses=(MAP, GRADIENT),
    setting=(
        r"$M$ is orthogonal",
        r"off the boundaries: $|w_h^\top z| \ne b_h$ for every $h$ with $b_h > 0$ (a smaller push "
        "moves no gate: P2)",
    ),
    source="section 4",
    kind="paper",
)
