"""The inverse of the hyperbolic cosine in terms of the logarithm."""

from sympy import Expr, Symbol, acosh, log, sqrt

from theory.algebra import Box, is_nonnegative, reduces_to_zero
from theory.derivation import Conclusion, StepError, theorem


@theorem(cites="Olver et al., NIST Digital Library of Mathematical Functions, section 4.37")
def arccosh_as_log(y: Expr, box: Box | None = None) -> Conclusion:
    r"""The link $\operatorname{arccosh} y = \log y + \log(1 + \sqrt{1 - 1/y^2})$ for $y \ge 1$.

    With $w = \sqrt{1 - 1/y^2}$ the right side is not negative, and its hyperbolic cosine
    $(y (1 + w) + 1/(y (1 + w)))/2$ is $y$.

    Raises
    ------
    StepError
        If `y >= 1` is not shown on `box`.
    """
    if not is_nonnegative(y - 1, box):
        raise StepError("arccosh: the argument may be below one", y - 1)
    generic = Symbol("y", positive=True)
    exponential = generic * (1 + sqrt(1 - 1 / generic**2))
    residue = (exponential + 1 / exponential) / 2 - generic
    if not reduces_to_zero(residue):
        raise StepError("arccosh: the logarithm is no inverse", residue)
    right = log(y) + log(1 + sqrt(1 - 1 / y**2))
    return Conclusion(acosh(y), "=", right, "arccosh in terms of the logarithm", (f"{y} >= 1",))
