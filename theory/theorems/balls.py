"""The worst case over a Euclidean ball of attacks."""

from sympy import Basic, Function, oo

from theory.algebra import is_nonnegative
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


@theorem(cites="Boyd and Vandenberghe, Convex Optimization, appendix A.1.6")
def over_ball(worst: WorstCase) -> Conclusion:
    """The link to the value at `c = +- size length`, for `f` monotone in `c`.

    The l2 norm is its own dual: `c` takes all values from `-size length` to `size length` over the ball, and the ends
    are attained by the attacks of full size along the vector.

    Raises
    ------
    StepError
        If `f` is not shown to be monotone, or `size` or `length` may be negative.
    """
    f, c, size, length = worst.args
    if not (is_nonnegative(size) and is_nonnegative(length)):
        raise StepError("worst case: a length may be negative", size * length)
    require_smooth(f, c, (-oo, oo))
    for sign in (1, -1):
        if is_nonnegative(sign * f.diff(c)):
            value = f.subs(c, sign * size * length)
            hypotheses = (f"monotone in {c}", "attained along the vector, at full size")
            return Conclusion(worst, "=", value, "a monotone function is largest at an end", hypotheses)
    raise StepError("worst case: not monotone", f.diff(c))
