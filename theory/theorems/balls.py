"""The worst case over a Euclidean ball of attacks."""

from collections.abc import Mapping

from sympy import Basic, Expr, Function, Integer, MatAdd, MatrixExpr, Symbol, oo

from theory.algebra import is_nonnegative, reduces_to_zero
from theory.derivation import Conclusion, StepError, theorem
from theory.theorems.calculus import require_smooth


class WorstCase(Function):  # type: ignore[misc]
    """`WorstCase(f, c, size, length)`: the largest `f` over attacks of l2 norm at most `size`.

    `f` depends on the attack through its inner product `c` with a vector of norm `length`.
    """

    nargs = 4

    @property
    def bound_symbols(self) -> list[Basic]:
        """The variable."""
        return [self.args[1]]

    def _latex(self, printer: object, exp: object = None) -> str:
        f, _, size, _ = (printer._print(a) for a in self.args)  # type: ignore[attr-defined]
        return rf"\max_{{\|\delta\| \le {size}}} {f}"


@theorem(cites="Rudin, Principles of Mathematical Analysis, theorem 1.37")
def over_ball(worst: WorstCase) -> Conclusion:
    """The link to the value at `c = +- size length`, for `f` monotone in `c`.

    `|c| <= size length` by the Cauchy-Schwarz inequality, attained by the attack of full size along the vector.

    Raises
    ------
    StepError
        If `f` is not shown to be monotone, or `size` or `length` may be negative.
    """
    f, c, size, length = worst.args
    if not (is_nonnegative(size) and is_nonnegative(length)):
        raise StepError("Cauchy-Schwarz inequality: a length may be negative", size * length)
    require_smooth(f, c, (-oo, oo))
    for sign in (1, -1):
        if is_nonnegative(sign * f.diff(c)):
            value = f.subs(c, sign * size * length)
            hypotheses = (f"monotone in {c}", "attained along the vector, at full size")
            return Conclusion(worst, "=", value, "Cauchy-Schwarz inequality", hypotheses)
    raise StepError("worst case: not monotone", f.diff(c))


@theorem(cites="Rudin, Principles of Mathematical Analysis, theorem 1.37")
def triangle_inequality(f: Expr, norm: Symbol, vectors: Mapping[Symbol, MatrixExpr]) -> Conclusion:
    """The link `f(norm) <= f(mean of the other norms)`, `f` increasing, for the norm of an average of vectors.

    Parameters
    ----------
    vectors
        The vector of each norm; that of `norm` is the average of the others.

    Raises
    ------
    StepError
        If `f` is not shown to increase, or the vector is not the average.
    """
    require_smooth(f, norm, (Integer(0), oo))
    if not is_nonnegative(f.diff(norm)):
        raise StepError("triangle inequality: the function may decrease", f.diff(norm))
    others = [symbol for symbol in vectors if symbol != norm]
    residue = len(others) * vectors[norm] - MatAdd(*(vectors[symbol] for symbol in others))
    if not reduces_to_zero(residue):
        raise StepError("triangle inequality: not the average of the vectors", residue)
    bound = sum(others, Integer(0)) / len(others)
    hypotheses = (f"{norm} is the norm of an average", f"increasing in {norm}")
    return Conclusion(f, "<=", f.subs(norm, bound), "triangle inequality", hypotheses)
