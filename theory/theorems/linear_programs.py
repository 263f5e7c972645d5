"""Least l1 norms under linear constraints, their dual, and sums of nonnegative terms."""

from typing import Any

from sympy import Expr, Function, Indexed, Integer, MatMul, MatrixExpr, Sum, Symbol, Tuple, oo

from theory.algebra import NOT_NEGATIVE, is_nonnegative, reduces_to_zero
from theory.derivation import Conclusion, StepError, theorem
from theory.signs import Signs
from theory.theorems.isometry import by_rules


class LeastL1(Function):  # type: ignore[misc]
    r"""$\min\{\|y\|_1 : V^T y = \theta\}$: `LeastL1(V, theta)`."""

    nargs = 2
    is_extended_real = True

    def _latex(self, printer: Any, exp: Any = None) -> str:
        V, target = (printer._print(x) for x in self.args)
        return rf"\min\{{\|y\|_1 : {V}^\top y = {target}\}}"


class LargestPairing(Function):  # type: ignore[misc]
    r"""$\max\{\theta^T c : \|V c\|_\infty \le 1\}$: `LargestPairing(V, theta)`."""

    nargs = 2
    is_extended_real = True

    def _latex(self, printer: Any, exp: Any = None) -> str:
        V, target = (printer._print(x) for x in self.args)
        return rf"\max\{{{target}^\top c : \|{V} c\|_\infty \le 1\}}"


class VectorNorm(Function):  # type: ignore[misc]
    r"""$\|x\|_q$ of a matrix of one column: `VectorNorm(x, q)`, `q` 1, 2 or infinity."""

    nargs = 2
    is_extended_real = True

    @property
    def signs(self) -> Signs:
        """A norm is not negative."""
        return NOT_NEGATIVE

    def _latex(self, printer: Any, exp: Any = None) -> str:
        x, q = (printer._print(argument) for argument in self.args)
        norm = rf"\left\|{x}\right\|_{{{q}}}"
        return norm if exp is None else rf"{norm}^{{{exp}}}"


@theorem(cites="Schrijver, Theory of Linear and Integer Programming, corollary 7.1g")
def strong_duality(least: LeastL1) -> Conclusion:
    """The link from the least l1 norm to the dual linear program, for `V` with orthonormal columns.

    Both programs are feasible: `y = V theta` satisfies `V^T y = theta`, which is checked, and `c = 0`.

    Raises
    ------
    StepError
        If that `y` is not feasible.
    """
    V, target = least.args
    feasible = by_rules(V.T * V * target, {(V.T, V): ()}, "orthonormal columns", ())
    if feasible.right != target:
        raise StepError("duality of linear programs: no feasible point", feasible.right)
    hypotheses = ("y = V theta is feasible: V^T V = I", "c = 0 is feasible", "finitely many linear constraints")
    return Conclusion(least, "=", LargestPairing(V, target), "strong duality of linear programs", hypotheses)


@theorem(cites="Schrijver, Theory of Linear and Integer Programming, section 7.4")
def at_most_feasible(least: LeastL1, y: MatrixExpr) -> Conclusion:
    r"""The link: the least norm is at most $\|y\|_1$, the norm of the feasible point `y`.

    Raises
    ------
    StepError
        If `V^T y` is not the target.
    """
    V, target = least.args
    if by_rules(V.T * y, {(V.T, V): ()}, "orthonormal columns", ()).right != target:
        raise StepError("linear program: the point is not feasible", y)
    hypotheses = (f"V^T y = {target} for y = {y}", "V^T V = I")
    return Conclusion(least, "<=", VectorNorm(y, Integer(1)), "a feasible point", hypotheses)


@theorem(cites="Schrijver, Theory of Linear and Integer Programming, section 7.4")
def at_least_along_target(largest: LargestPairing) -> Conclusion:
    r"""The link: the dual is at least $\|\theta\|_2^2/\|V\theta\|_\infty$, reached along the target.

    Raises
    ------
    StepError
        If `largest` is not such a program.
    """
    if not isinstance(largest, LargestPairing):
        raise StepError("linear program: another one", largest)
    V, target = largest.args
    value = VectorNorm(target, Integer(2)) ** 2 / VectorNorm(V * target, oo)
    return Conclusion(largest, ">=", value, "a feasible point of the dual", ("||V c||_inf = 1 for that c",))


@theorem(cites="Schrijver, Theory of Linear and Integer Programming, section 7.4")
def one_column(largest: LargestPairing) -> Conclusion:
    r"""The link $\max\{\theta c : |c| \|V\|_\infty \le 1\} = |\theta|/\|V\|_\infty$ for a single column `V`.

    Raises
    ------
    StepError
        If there are more columns.
    """
    V, target = largest.args
    if target.shape != (1, 1):
        raise StepError("linear program: not a single column", target)
    value = VectorNorm(target, Integer(1)) / VectorNorm(V, oo)
    return Conclusion(largest, "=", value, "a linear program in one number", ("attained at c = sign(theta)/||V||_inf",))


@theorem(cites="Horn and Johnson, Matrix Analysis, theorem 2.1.4")
def length_kept(norm: VectorNorm, V: MatrixExpr) -> Conclusion:
    r"""The link $\|x\|_2 = \|V x\|_2$ for `V` with orthonormal columns.

    Raises
    ------
    StepError
        If `norm` is another norm, or the columns of `V` are not declared to be orthonormal.
    """
    x, q = norm.args
    if q != 2:
        raise StepError("length: another norm", norm)
    by_rules(V.T * V * x, {(V.T, V): ()}, "orthonormal columns", ())
    return Conclusion(norm, "=", VectorNorm(V * x, q), "orthonormal columns keep the length", ("V^T V = I",))


@theorem(cites="Horn and Johnson, Matrix Analysis, section 5.1")
def norm_of_multiple(norm: VectorNorm) -> Conclusion:
    r"""The link $\|V \theta\| = |\theta| \|V\|$ for one column `V` and one number.

    Raises
    ------
    StepError
        If the left side is not the norm of such a product.
    """
    product, q = norm.args
    if not (isinstance(product, MatMul) and len(product.args) == 2 and product.args[1].shape == (1, 1)):
        raise StepError("norm: not of a multiple of one column", norm)
    column, number = product.args
    return Conclusion(norm, "=", VectorNorm(number, Integer(1)) * VectorNorm(column, q), "a norm is homogeneous")


@theorem(cites="Rudin, Principles of Mathematical Analysis, proposition 1.18")
def by_sign(expr: Expr, form: Expr, x: Indexed) -> Conclusion:
    """The link `expr = form`, which holds for `x > 0`, `x = 0` and `x < 0`.

    Raises
    ------
    StepError
        If it fails for one of the signs.
    """
    size = Symbol("x", positive=True)
    for value in (size, Integer(0), -size):
        residue = (expr - form).subs(x, value)
        if not reduces_to_zero(residue):
            raise StepError(f"by sign: fails at {x} = {value}", residue)
    return Conclusion(expr, "=", form, f"each sign of {x}", (f"{x} is real",))


@theorem(cites="Rudin, Principles of Mathematical Analysis, proposition 1.18")
def one_term(total: Sum, kappa: Expr) -> Conclusion:
    """The link `sum_i f_i >= kappa`, where no term is negative and one of them is at least `kappa`.

    Raises
    ------
    StepError
        If a term may be negative.
    """
    if not is_nonnegative(total.function):
        raise StepError("sum: a term may be negative", total.function)
    return Conclusion(total, ">=", kappa, "one of the terms", (f"a term is at least {kappa}", "none is negative"))


@theorem(cites="Rudin, Principles of Mathematical Analysis, proposition 1.18")
def sum_of_squares(expr: Expr, weight: Expr, root: Expr, limits: Tuple) -> Conclusion:
    r"""The link `expr >= 0`, for `expr` $= \mathrm{weight} \sum_i \mathrm{root}_i^2$, the weight not negative.

    Raises
    ------
    StepError
        If `expr` is another expression, or the weight may be negative.
    """
    if not (is_nonnegative(weight) and is_nonnegative(root**2)):
        raise StepError("sum of squares: a term may be negative", weight * root**2)
    if not reduces_to_zero(expr - Sum(weight * root**2, limits)):
        raise StepError("sum of squares: another sum", expr)
    return Conclusion(expr, ">=", Integer(0), "a sum of squares", ("the weight is not negative",))
