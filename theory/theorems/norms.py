"""Moduli and norms: the triangle inequality, its reverse form, and nonnegative factors."""

from sympy import Abs, Expr, Function, MatAdd, MatrixExpr, Sum

from theory.algebra import Box, is_nonnegative
from theory.derivation import Conclusion, Step, StepError, opening, theorem


class Norm(Function):  # type: ignore[misc]
    """A norm of a vector: `Norm(x)`."""

    nargs = 1
    is_commutative = True  # it is a number, whatever its argument is
    is_extended_nonnegative = True
    is_extended_real = True
    is_finite = True

    def _latex(self, printer: object, exp: object = None) -> str:
        norm = rf"\left\|{printer._print(self.args[0])}\right\|"  # type: ignore[attr-defined]
        return norm if exp is None else rf"{norm}^{{{exp}}}"


@theorem(cites="Rudin, Principles of Mathematical Analysis, theorem 1.37")
def triangle_inequality(terms: Sum | tuple[Expr, ...], norm: type[Abs | Norm] = Abs) -> Conclusion:
    """The link `||x + y + ...|| <= ||x|| + ||y|| + ...`, for a modulus or a norm.

    Parameters
    ----------
    terms
        The terms, or a finite sum over an index.
    norm
        `Abs` or `Norm`.

    Raises
    ------
    StepError
        If there are not several terms, or `norm` is another function.
    """
    if norm not in (Abs, Norm):
        raise StepError("triangle inequality: not a modulus or a norm", Function(str(norm)))
    if isinstance(terms, Sum):
        return Conclusion(norm(terms), "<=", Sum(norm(terms.function), *terms.limits), "triangle inequality")
    if len(terms) < 2:
        raise StepError("triangle inequality: not a sum of several terms", norm(*terms))
    whole = MatAdd(*terms) if isinstance(terms[0], MatrixExpr) else sum(terms[1:], terms[0])
    bound = sum((norm(term) for term in terms[1:]), norm(terms[0]))
    return Conclusion(norm(whole), "<=", bound, "triangle inequality")


def reverse_triangle(kept: Expr, other: Expr, norm: type[Abs | Norm] = Abs) -> Step:
    """The link `||x + y|| >= ||x|| - ||y||`, `x` the part that is kept.

    Derived from the triangle inequality for `x = (x + y) + (-y)`.

    Raises
    ------
    StepError
        If `norm` is neither `Abs` nor `Norm`.
    """
    chain = opening(norm(kept) - norm(other)).within(triangle_inequality((kept + other, -other), norm))
    return chain.as_step("reverse triangle inequality").turned()


@theorem(cites="Rudin, Principles of Mathematical Analysis, theorem 1.37")
def homogeneous(factor: Expr, vector: Expr, norm: type[Abs | Norm] = Abs, box: Box | None = None) -> Conclusion:
    """The link `||c x|| = c ||x||` for a factor `c >= 0`.

    Raises
    ------
    StepError
        If the factor may be negative on `box`, or `norm` is neither `Abs` nor `Norm`.
    """
    if norm not in (Abs, Norm):
        raise StepError("homogeneity: not a modulus or a norm", Function(str(norm)))
    if not is_nonnegative(factor, box):
        raise StepError("homogeneity: the factor may be negative", factor)
    return Conclusion(norm(factor * vector), "=", factor * norm(vector), "a norm is homogeneous", (f"{factor} >= 0",))
