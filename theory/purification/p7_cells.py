"""Two features of constant amplitude: their inputs, the gate cells of two nodes, and the risk on a cell (P7)."""

from dataclasses import dataclass

from sympy import Expr, Integer, Matrix, Rational, Symbol, erfc, exp, pi, sqrt

from theory.model import eps, p, r, tau

THETA = Matrix([Symbol("theta_1", real=True, nonzero=True), Symbol("theta_2", real=True)])
"""The target, not zero: of two features the first may be taken to have a part in it."""
ROWS = (Matrix([1, 1]), Matrix([1, -1]))
"""Rows of the Hadamard matrix of order 2: the nodes of the mixture."""
EXAMPLE = {THETA[0]: Integer(1), THETA[1]: Rational(3, 10), p: Rational(3, 10), r: Integer(1), tau: Integer(1)}
"""The setting in which label noise moves the mixture."""


@dataclass(frozen=True)
class Pattern:
    """Both signs of one input `r x` of two features: its direction and its probability."""

    x: Matrix
    probability: Expr

    def fires(self, node: Matrix) -> bool:
        """Whether a node with entries 0, 1, -1 fires: with `0 < b < r`, iff it does not balance."""
        return bool(node.dot(self.x) != 0)


PATTERNS = (
    Pattern(Matrix([1, 0]), p * (1 - p)),
    Pattern(Matrix([0, 1]), p * (1 - p)),
    Pattern(Matrix([1, 1]), p**2 / 2),
    Pattern(Matrix([1, -1]), p**2 / 2),
)

AXES = (Matrix([1, 0]), Matrix([0, 1]))
"""The nodes of the purified network."""


def mean_error(offset: Expr, deviation: Expr) -> Expr:
    """The mean of `|offset + deviation n|`, `n` standard normal."""
    gauss = exp(-(offset**2) / (2 * deviation**2))
    return deviation * sqrt(2 / pi) * gauss + offset * (1 - erfc(offset / (sqrt(2) * deviation)))


def cell_risk(nodes: tuple[Matrix, ...], products: tuple[Matrix, ...]) -> Expr:
    """Adversarial risk above `tau^2` of a network with products `a_h u_h` and the gates of `nodes`, inside P2's region.

    Off the fit by `delta` on an input, `E(delta + tau n)^2 = delta^2 + tau^2`, and the attack gains
    `2 eps ||beta|| E|delta + tau n| + eps^2 ||beta||^2` (P2).
    """
    risk = Integer(0)
    for pattern in PATTERNS:
        firing = (product for product, node in zip(products, nodes, strict=True) if pattern.fires(node))
        beta = sum(firing, start=Matrix([0, 0]))
        delta = r * (THETA - beta).dot(pattern.x)
        reach = eps * sqrt(beta.dot(beta))
        risk += pattern.probability * (delta**2 + 2 * reach * mean_error(delta, tau) + reach**2)
    return risk
