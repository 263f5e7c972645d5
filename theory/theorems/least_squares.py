"""Least-squares heads: uncorrelated features, minimisers of sums of squares, the inequality of Cauchy and Schwarz."""

from collections.abc import Callable

from sympy import Dummy, Expr, Identity, IndexedBase, Integer, KroneckerDelta, MatrixExpr, MatrixSymbol, S, Sum, Symbol

from theory.algebra import Box, is_nonnegative, is_positive, reduces_to_zero
from theory.derivation import Conclusion, Derivation, Step, StepError, theorem


@theorem(cites="Graham, Knuth and Patashnik, Concrete Mathematics, section 2.4")
def diagonal_covariance(total: Sum, covariance: IndexedBase, entry: Derivation) -> Conclusion:
    r"""The link $\sum_{ij} F_{ij} C_{ij} = \sum_i F_{ii} c_i$, for a chain that shows $C_{ij} = [i = j]\, c_i$.

    Raises
    ------
    StepError
        If `total` is not a double sum that is linear in the covariances, or `entry` shows something else.
    """
    (i, *_), (j, *others) = total.limits
    factor = total.function.coeff(covariance[i, j])
    if factor == 0 or not reduces_to_zero(total.function - factor * covariance[i, j]):
        raise StepError("uncorrelated features: not linear in the covariances", total)
    if entry.start.base != covariance:
        raise StepError("uncorrelated features: the chain speaks of other covariances", entry.start)
    value = _diagonal(entry).subs(dict.fromkeys(entry.start.indices, j))
    kept = Sum(factor.subs(i, j) * value, (j, *others))
    hypotheses = tuple(step.latex() for step in entry.steps)
    return Conclusion(total, "=", kept, "uncorrelated features", hypotheses)


@theorem(cites="Horn and Johnson, Matrix Analysis, section 0.9")
def isotropic_covariance(matrix: MatrixSymbol, entry: Derivation) -> Conclusion:
    """The link `C = c I` for a covariance matrix, from a chain that shows `C_ij = [i = j] c`.

    Raises
    ------
    StepError
        If `entry` shows something else, or `c` is not the same for all coordinates.
    """
    second = _diagonal(entry)
    if entry.start.base.name != matrix.name or second.has(*entry.start.indices):
        raise StepError("isotropy: not a multiple of the identity", second)
    hypotheses = tuple(step.latex() for step in entry.steps)
    return Conclusion(matrix, "=", second * Identity(matrix.rows), "uncorrelated features", hypotheses)


def _diagonal(entry: Derivation) -> Expr:
    """The factor beside Kronecker's delta in the end of a chain about one entry of a matrix."""
    i, j = entry.start.indices
    value = entry.end.coeff(KroneckerDelta(i, j))
    if entry.relation != "=" or not entry.is_complete or not reduces_to_zero(entry.end - KroneckerDelta(i, j) * value):
        raise StepError("covariance: not diagonal", entry.end)
    return value


@theorem(cites="Boyd and Vandenberghe, Convex Optimization, section 1.2.1")
def least_sum_of_squares(risk: Derivation, squares: Sum, unknown: IndexedBase, root: Expr) -> Conclusion:
    """The link `sum_i w_i (u_i - root_i)^2 = 0` at every minimiser of a risk that falls with this sum, `w_i >= 0`.

    The sum is not negative, and zero at `u = root`; the rest of the risk does not see `u`.

    Parameters
    ----------
    risk
        A chain that shows that the risk is a positive multiple of `squares`, plus what is free of the unknowns.
    squares
        The sum.
    unknown
        The unknowns `u`, which may take every real value.
    root
        Generic entry `root_i`.

    Raises
    ------
    StepError
        If the risk or the sum has another form, or a weight may be negative.
    """
    _weight(squares, unknown, root)
    x = Dummy("x")
    opened = risk.end.xreplace({squares: x})
    if risk.relation != "=" or not risk.is_complete or opened.has(unknown):
        raise StepError("least squares: the risk sees the unknowns outside the squares", opened)
    if opened.diff(x).has(x) or not is_positive(opened.diff(x), risk.box):
        raise StepError("least squares: the risk does not grow with the squares", opened.diff(x))
    hypotheses = ("the weights are not negative", "the sum vanishes at the root", "the rest is free of the unknowns")
    return Conclusion(squares, "=", Integer(0), "a least sum of squares", hypotheses)


@theorem(cites="Rudin, Principles of Mathematical Analysis, proposition 1.18")
def vanishing_squares(link: Step, unknown: IndexedBase, root: Expr, times: Expr = S.One) -> Conclusion:
    """The link `w_i u_i t = w_i root_i t` from `sum_i w_i (u_i - root_i)^2 = 0`, `w_i >= 0`; `t` is `times`.

    Raises
    ------
    StepError
        If the link says something else.
    """
    if link.right != 0 or link.relation != "=" or link.kind != "theorem":
        raise StepError("sum of squares: not shown to vanish", link.right)
    weight = _weight(link.left, unknown, root)
    ((i, *_),) = link.left.limits
    left, right = weight * unknown[i] * times, weight * root * times
    hypotheses = ("a sum of terms >= 0 vanishes only where every term does",)
    return Conclusion(left, "=", right, "a vanishing sum of squares", hypotheses)


def _weight(squares: Sum, unknown: IndexedBase, root: Expr) -> Expr:
    """The weight `w_i` of a sum of `w_i (u_i - root_i)^2`."""
    ((i, *_),) = squares.limits
    weight = squares.function / (unknown[i] - root) ** 2
    if root.has(unknown) or weight.has(unknown) or not is_nonnegative(weight):
        raise StepError("least squares: not a weighted sum of these squares", squares)
    return weight


@theorem(cites="Boyd and Vandenberghe, Convex Optimization, section 1.2.1")
def least_quadratic(
    risk: Derivation, head: MatrixSymbol, root: MatrixExpr, curvature: Expr, rest: MatrixExpr, box: Box | None = None
) -> Conclusion:
    """The link `head = root` at every minimiser of `curvature ||head - root||^2 + rest`, `curvature > 0`.

    Parameters
    ----------
    risk
        A chain that ends in such a form of the risk.
    rest
        A number as a matrix of one entry, free of `head`.

    Raises
    ------
    StepError
        If the risk has another form, or `curvature > 0` is not shown on `box`.
    """
    form = curvature * (head - root).T * (head - root) + rest
    if risk.relation != "=" or not risk.is_complete or not reduces_to_zero(risk.end - form, risk.orthogonal):
        raise StepError("least squares: the risk has another form", risk.end - form)
    if rest.has(head) or root.has(head) or not is_positive(curvature, box):
        raise StepError("least squares: the minimiser may not be unique", form)
    hypotheses = ("the risk is a positive multiple of a squared distance, plus a constant",)
    return Conclusion(head, "=", root, "a squared length vanishes only at zero", hypotheses)


@theorem(cites="Graham, Knuth and Patashnik, Concrete Mathematics, section 2.6")
def strictly_above_first(growth: Derivation, m: Symbol, f: Callable[[Expr], Expr]) -> Conclusion:
    """The link `f(m+1) - f(1) > 0` for all `m >= 1`, from a chain that shows `f(m+1) - f(m) > 0` for all `m >= 1`.

    Raises
    ------
    StepError
        If the chain shows something else, or `m` is not a positive integer.
    """
    if growth.relation != ">" or growth.end != 0 or not growth.is_complete:
        raise StepError("telescoping: growth is not shown", growth.end)
    residue = growth.start - (f(m + 1) - f(m))
    if not reduces_to_zero(residue) or not (m.is_integer and m.is_positive):
        raise StepError("telescoping: another sequence grows", residue)
    hypotheses = ("every step up from order 1 is a gain", "a sum of at least one gain is a gain")
    return Conclusion(f(m + 1) - f(Integer(1)), ">", Integer(0), "telescoping sum of gains", hypotheses)
