"""The worst case over a Euclidean ball of attacks."""

from sympy import Expr, Function, Symbol

from theory.algebra import is_nonnegative
from theory.derivation import Step, StepError


class WorstCase(Function):  # type: ignore[misc]
    """`WorstCase(f, c, size, length)`: the largest `f` over attacks of l2 norm at most `size`.

    `f` depends on the attack through its inner product `c` with a vector of norm `length`.
    """

    nargs = 4

    def _latex(self, printer: object, exp: object = None) -> str:
        f, _, size, _ = (printer._print(a) for a in self.args)  # type: ignore[attr-defined]
        return rf"\max_{{\|\delta\| \le {size}}} {f}"


def over_ball(worst: WorstCase) -> Step:
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
    for sign in (1, -1):
        if is_nonnegative(sign * f.diff(c)):
            value = f.subs(c, sign * size * length)
            hypotheses = (f"monotone in {c}", "attained along the vector, at full size")
            return Step(worst, "=", value, "Cauchy-Schwarz inequality", "theorem", hypotheses)
    raise StepError("worst case: not monotone", f.diff(c))


def increasing_in(f: Expr, x: Symbol, bound: Expr, fact: str) -> Step:
    """The link `f(x) <= f(bound)`, `f` increasing in `x`, where `x <= bound` by the triangle inequality.

    Raises
    ------
    StepError
        If `f` is not shown to increase.
    """
    if not is_nonnegative(f.diff(x)):
        raise StepError(f"{fact}: the function may decrease", f.diff(x))
    return Step(f, "<=", f.subs(x, bound), fact, "theorem", (f"{x} <= {bound}", f"increasing in {x}"))
