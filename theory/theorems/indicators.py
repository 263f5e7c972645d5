"""Expectations of sums over nodes that fire or stay silent."""

from sympy import Basic, Expr, Function, Indexed, IndexedBase, Sum

from theory.algebra import reduces_to_zero
from theory.derivation import Conclusion, StepError, theorem
from theory.laws import is_binary
from theory.signs import Signs, signs


class Mean(Function):  # type: ignore[misc]
    """Expectation over inputs and noise: `Mean(X)`."""

    nargs = 1

    @property
    def signs(self) -> Signs | None:
        """The signs of an expectation: that of what is not negative is not, and likewise for what is not positive."""
        found = signs(self.args[0])
        return None if found is None else found | {0} if len(found - {0}) == 1 else found

    def _latex(self, printer: object, exp: object = None) -> str:
        return rf"\mathbb{{E}}\left[{printer._print(self.args[0])}\right]"  # type: ignore[attr-defined]


@theorem(cites="Horn and Johnson, Matrix Analysis, section 0.6")
def orthogonal_nodes(total: Sum, gram: IndexedBase, squared_norm: IndexedBase) -> Conclusion:
    r"""The link $\sum_h \dots F G_{hk} = F(h = k) \|u_k\|^2$ for pairwise orthogonal $u_h$, $G_{hk} = u_h^T u_k$.

    Raises
    ------
    StepError
        If the first summation index and `k` do not both index one factor `G[h, k]`, or range differently.
    """
    (h, low, high), *others = total.limits
    products = [x for x in total.function.atoms(Indexed) if x.base == gram]
    if len(products) != 1 or products[0].indices[0] != h:
        raise StepError("orthogonality: not a sum over inner products of nodes", total)
    k = products[0].indices[1]
    if any((index, *ends) != (k, low, high) for index, *ends in others if index == k):
        raise StepError("orthogonality: the nodes range differently", total)
    factor = total.function.coeff(products[0])
    if not reduces_to_zero(total.function - factor * products[0]):
        raise StepError("orthogonality: not linear in the inner products", total)
    kept = factor.subs(h, k) * squared_norm[k]
    reason = "nodes are pairwise orthogonal"
    return Conclusion(total, "=", Sum(kept, *others) if others else kept, reason, ("u_h^T u_k = 0 for h != k",))


@theorem(cites="Billingsley, Probability and Measure, section 5")
def idempotent(expr: Expr, indicator: IndexedBase) -> Conclusion:
    """The link that lowers every power of an indicator to the first: `s^2 = s` for `s` in {0, 1}.

    Raises
    ------
    StepError
        If there is no such power, or the entries are not declared to be 0 or 1.
    """
    if not is_binary(indicator):
        raise StepError("not declared to be 0 or 1", indicator)
    lowered = expr.replace(lambda x: _is_power(x, indicator), lambda x: x.base)
    if lowered == expr:
        raise StepError("no power of an indicator", expr)
    return Conclusion(expr, "=", lowered, "an indicator is its own square", ("s takes the values 0 and 1",))


def _is_power(expr: Basic, indicator: IndexedBase) -> bool:
    power = expr.is_Pow and isinstance(expr.base, Indexed) and expr.base.base == indicator
    return bool(power and expr.exp.is_Integer and expr.exp > 0)
