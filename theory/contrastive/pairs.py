"""A pair of observations and its contrastive loss, for linear encoders.

`x` and `x'` are the two views in feature coordinates, noise included: `x = X + M^T xi`. An isotropic encoder has the
Gram matrix `lambda I`; its score of the pair is `lambda x^T x'`.
"""

from sympy import Expr, MatrixSymbol, Rational, Symbol

from theory.laws import constant, invariant, one_law, random
from theory.model import d
from theory.theorems.expectation import Quantities
from theory.theorems.logistic import softplus

lam = constant(Symbol("lambda", nonnegative=True))
"""Scale of an isotropic encoder, `G = lambda I`."""
norm = random(Symbol("x", nonnegative=True))
"""Euclidean norm of the view that is attacked, `||x||`."""
other_norm = random(Symbol("x'", nonnegative=True))
"""Euclidean norm of the other view, `||x'||`."""
inner = random(Symbol("D", real=True))
"""Inner product of the views of a dissimilar pair, `D = x^T x'`."""
one_law(norm, other_norm)

x = MatrixSymbol("x", d, 1)
y = MatrixSymbol("x'", d, 1)

DISSIMILAR: Quantities = {inner: x.T * y, norm: x.T * x, other_norm: y.T * y}
"""Inner product and norms of a dissimilar pair; the norms by their squares."""

FLIP = invariant({x: -x})
"""Turning one view round: features are symmetric and noise is, and the views are independent."""
FLIP_OTHER = invariant({y: -y})
"""Turning the other view round."""
EXCHANGE = invariant({x: y, y: x})
"""Exchanging the views of a pair: they have one law."""

HALF = Rational(1, 2)


def similar_loss(scale: Expr, eps: Expr, length: Expr = norm) -> Expr:
    """Worst-case loss of a similar pair without noise, `x' = x`."""
    return softplus(scale * (eps * length - length**2))


def dissimilar_loss(scale: Expr, eps: Expr, length: Expr = other_norm) -> Expr:
    """Worst-case loss of a dissimilar pair, the first view attacked, `||x'||` the length of the other."""
    return softplus(scale * (inner + eps * length))
