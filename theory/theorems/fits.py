"""Facts about linear forms, norms and sums, from which it follows what a fit of a linear target needs."""

from sympy import Expr, Function, IndexedBase, Integer, Sum

from theory.algebra import Box, is_nonnegative, reduces_to_zero
from theory.derivation import Conclusion, Derivation, Step, StepError, theorem


class AbsoluteNorm(Function):  # type: ignore[misc]
    """An absolute norm of the vector with the given generic entry."""

    nargs = 1
    is_real = True

    def _latex(self, printer: object, exp: object = None) -> str:
        return rf"\left\|{printer._print(self.args[0])}\right\|"  # type: ignore[attr-defined]


@theorem(cites="Graham, Knuth and Patashnik, Concrete Mathematics, section 2.4")
def exchange_sums(total: Sum, form: Sum) -> Conclusion:
    """The link that exchanges the two sums of a finite double sum: `form` is a sum of a multiple of a sum.

    Raises
    ------
    StepError
        If a range depends on the other index, or the summands differ.
    """
    inner, outer = total.limits
    if any(end.has(inner[0], outer[0]) for _, *ends in (inner, outer) for end in ends):
        raise StepError("exchange of sums: the ranges depend on each other", total)
    (sums,) = [part for part in form.function.args if isinstance(part, Sum)]
    unfolded = form.function / sums * sums.function
    if form.limits != (inner,) or sums.limits != (outer,) or (form.function / sums).has(outer[0]):
        raise StepError("exchange of sums: not the same double sum", form)
    if not reduces_to_zero(unfolded - total.function):
        raise StepError("exchange of sums: the summands differ", unfolded - total.function)
    return Conclusion(total, "=", form, "finite sums may be exchanged", ("the ranges are independent",))


@theorem(cites="Rudin, Real and Complex Analysis, Lebesgue measure of a proper subspace")
def coefficients_agree(network: Derivation, fit: Derivation, y: IndexedBase) -> Conclusion:
    """The link `c_i = e_i` from two chains that lead from one name to the linear forms `sum c_i y_i`, `sum e_i y_i`.

    They hold for every `y` of a set of positive measure. A linear form that is not zero vanishes on a hyperplane
    alone, which has measure zero.

    Raises
    ------
    StepError
        If the chains do not show an equation or have cited links, are about different quantities, end in forms that are
        not linear in `y`, or end in sums over different ranges.
    """
    for chain in (network, fit):
        if chain.relation != "=" or not chain.is_complete or not isinstance(chain.end, Sum):
            raise StepError("linear forms: the chain shows no equation with one", chain.end)
    if network.start != fit.start:
        raise StepError("linear forms: of different quantities", fit.start)
    form, other = network.end, fit.end
    if form.limits != other.limits:
        raise StepError("linear forms: different ranges", form)
    ((i, *_),) = form.limits
    mine, theirs = (_coefficient(f.function, y[i], y) for f in (form, other))
    hypotheses = ("both are linear in y", "they agree on a set of positive measure", "y has a density")
    return Conclusion(mine, "=", theirs, "linear forms that agree on a set of positive measure", hypotheses)


def _coefficient(summand: Expr, variable: Expr, y: IndexedBase) -> Expr:
    coefficient = summand.xreplace({variable: Integer(1)})
    if coefficient.has(y) or not reduces_to_zero(summand - coefficient * variable):
        raise StepError("linear forms: not linear", summand)
    return coefficient


@theorem(cites="Rudin, Principles of Mathematical Analysis, proposition 1.18")
def squared(link: Step) -> Conclusion:
    """The link `x^2 = y^2` from the link `x = y`.

    Raises
    ------
    StepError
        If the link is not an equation.
    """
    if link.relation != "=":
        raise StepError("squares: not an equation", link.left)
    return Conclusion(link.left**2, "=", link.right**2, f"squares: {link.reason}", link.hypotheses)


@theorem(cites="Horn and Johnson, Matrix Analysis, absolute norms are monotone")
def smaller_entries(small: Expr, large: Expr, box: Box) -> Conclusion:
    r"""The link `||x|| <= ||y||` in every absolute norm, where $|x_i| \le |y_i|$ for every entry.

    F. Bauer, J. Stoer, C. Witzgall, "Absolute and monotonic norms", Numerische Mathematik 3 (1961).

    Raises
    ------
    StepError
        If the entries are not shown to be ordered.
    """
    gap = large**2 - small**2
    if not is_nonnegative(gap, box):
        raise StepError("monotone norm: an entry may be larger", gap)
    hypotheses = ("the norm is absolute", "every entry is at most as large")
    return Conclusion(AbsoluteNorm(large), ">=", AbsoluteNorm(small), "absolute norms are monotone", hypotheses)
