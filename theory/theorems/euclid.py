"""Euclidean norms in feature coordinates."""

from sympy import Expr, MatrixSymbol, Sum

from theory.algebra import reduces_to_zero
from theory.derivation import Conclusion, StepError, theorem


@theorem(cites="Horn and Johnson, Matrix Analysis, theorem 2.1.4")
def norm_in_features(total: Sum, dictionary: MatrixSymbol, weights: MatrixSymbol, norm: Expr) -> Conclusion:
    r"""The link $\sum_i u_i^2 = \|w\|^2$ for $u = M^T w$ and an orthogonal dictionary $M$.

    Raises
    ------
    StepError
        If `total` is not a sum of squares over all coordinates of `u`, or the norms are not shown to be equal.
    """
    ((index, low, high),) = total.limits
    entry = total.function.base if total.function.is_Pow and total.function.exp == 2 else None
    if entry is None or entry.indices != (index,) or (low, high) != (1, weights.rows):
        raise StepError("Euclidean norm: not a sum of squares over all coordinates", total)
    u = dictionary.T * weights
    if not reduces_to_zero(u.T * u - weights.T * weights, (dictionary,)):
        raise StepError("Euclidean norm: the dictionary does not keep it", u.T * u)
    return Conclusion(total, "=", norm**2, "an orthogonal dictionary keeps the norm", ("M M^T = I", "u = M^T w"))
