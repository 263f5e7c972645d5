"""The infimum of an expression over a set, as a lower bound of all its values."""

from sympy import Basic, Expr, Function

from theory.derivation import Conclusion, Step, StepError, theorem
from theory.signs import signs


class Infimum(Function):  # type: ignore[misc]
    """Infimum of `f` over all admitted values of `x`: `Infimum(f, x)`."""

    nargs = 2

    @property
    def bound_symbols(self) -> list[Basic]:
        """The variable."""
        return [self.args[1]]

    def _latex(self, printer: object, exp: object = None) -> str:
        f, x = (printer._print(argument) for argument in self.args)  # type: ignore[attr-defined]
        return rf"\inf_{{{x}}} {f}"


@theorem(cites="Rudin, Principles of Mathematical Analysis, definition 1.8")
def at_least_infimum(infimum: Infimum, numerator: Expr, denominator: Expr, sign: Step) -> Conclusion:
    """The link `n >= inf(n/m) m` for `n >= 0`, from a link `m >= 0`.

    Raises
    ------
    StepError
        If the infimum is of another ratio, or one of the signs is not shown.
    """
    if infimum.args[0] != numerator / denominator:
        raise StepError("infimum: of another ratio", infimum)
    if sign.left != denominator or sign.right != 0 or sign.relation not in (">=", ">"):
        raise StepError("infimum: the denominator may be negative", denominator)
    found = signs(numerator)
    if found is None or -1 in found:
        raise StepError("infimum: the numerator may be negative", numerator)
    hypotheses = (f"{denominator} >= 0", f"{numerator} >= 0")
    return Conclusion(numerator, ">=", infimum * denominator, "no ratio is below the infimum", hypotheses)
