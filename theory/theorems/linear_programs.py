"""Least l1 norms under linear constraints, their dual, and sums of terms that are not negative."""

from typing import Any

from sympy import Abs, Expr, Function, Indexed, Integer, MatrixExpr, Sum, Symbol, Tuple

from theory.algebra import is_nonnegative, is_positive, reduces_to_zero
from theory.derivation import Step, StepError
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


def strong_duality(least: LeastL1) -> Step:
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
    return Step(least, "=", LargestPairing(V, target), "strong duality of linear programs", "theorem", hypotheses)


def at_most_feasible(least: LeastL1, y: MatrixExpr, value: Expr) -> Step:
    r"""The link: the least norm is at most `value`, the norm of the feasible point `y`.

    Raises
    ------
    StepError
        If `V^T y` is not the target.
    """
    V, target = least.args
    if by_rules(V.T * y, {(V.T, V): ()}, "orthonormal columns", ()).right != target:
        raise StepError("linear program: the point is not feasible", y)
    return Step(least, "<=", value, "a feasible point", "theorem", (f"V^T y = {target} for y = {y}", "V^T V = I"))


def at_least_feasible(largest: LargestPairing, value: Expr, length: Expr) -> Step:
    r"""The link: the dual is at least `value`, at a point `c` of value `value` with $\|Vc\|_\infty$ = `length` <= 1.

    Raises
    ------
    StepError
        If the length is not shown to be at most one.
    """
    if not is_nonnegative(1 - length):
        raise StepError("linear program: the point of the dual is not feasible", length)
    return Step(largest, ">=", value, "a feasible point of the dual", "theorem", (f"||V c||_inf = {length} <= 1",))


def one_column(largest: LargestPairing, target: Expr, height: Expr) -> Step:
    r"""The link $\max\{\theta c : |c| h \le 1\} = |\theta|/h$ for a single column of largest modulus `h`.

    Raises
    ------
    StepError
        If there are more columns, or the height may be zero.
    """
    if largest.args[1].shape != (1, 1) or not is_positive(height):
        raise StepError("linear program: not a single column", height)
    hypotheses = (f"||V||_inf = {height} > 0", "attained at c = sign(theta)/h")
    return Step(largest, "=", Abs(target) / height, "a linear program in one number", "theorem", hypotheses)


def by_sign(expr: Expr, form: Expr, x: Indexed) -> Step:
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
    return Step(expr, "=", form, f"each sign of {x}", "theorem", (f"{x} is real",))


def one_term(total: Sum, kappa: Expr) -> Step:
    """The link `sum_i f_i >= kappa`, where no term is negative and one of them is at least `kappa`.

    Raises
    ------
    StepError
        If a term may be negative.
    """
    if not is_nonnegative(total.function):
        raise StepError("sum: a term may be negative", total.function)
    return Step(total, ">=", kappa, "one of the terms", "theorem", (f"a term is at least {kappa}", "none is negative"))


def sum_of_squares(expr: Expr, weight: Expr, root: Expr, limits: Tuple) -> Step:
    r"""The link `expr >= 0`, for `expr` $= \mathrm{weight} \sum_i \mathrm{root}_i^2$, the weight not negative.

    Raises
    ------
    StepError
        If it is another sum, or the weight may be negative.
    """
    if not (is_nonnegative(weight) and is_nonnegative(root**2)):
        raise StepError("sum of squares: a term may be negative", weight * root**2)
    if not reduces_to_zero(expr - Sum(weight * root**2, limits)):
        raise StepError("sum of squares: another sum", expr)
    return Step(expr, ">=", Integer(0), "a sum of squares", "theorem", ("the weight is not negative",))
