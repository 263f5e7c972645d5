"""Two gates with heads of opposite sign: a window that one input passes."""

from sympy import Basic, Expr, IndexedBase, Piecewise, Sum, Symbol, false, true

from theory.algebra import reduces_to_zero
from theory.derivation import Conclusion, StepError, theorem
from theory.theorems.counting import indicator


def window(v: Expr, low: Expr, high: Expr) -> Expr:
    """The difference of two gates: one where `low <= |v| < high` and zero elsewhere, for `low <= high`."""
    return indicator(v, low) - indicator(v, high)


@theorem(cites="Graham, Knuth and Patashnik, Concrete Mathematics, section 2.1")
def own_window(
    total: Sum, content: Expr, v: IndexedBase, ends: tuple[IndexedBase, IndexedBase], place: Symbol
) -> Conclusion:
    r"""The link $\sum_j W_j c_j = c_l$, `W_j` the window of `v_j`, where `v_l` alone lies in its window.

    Both gates of another window are open, or both are shut.

    Parameters
    ----------
    total
        The sum.
    content
        `c_j`.
    v
        Pre-activations.
    ends
        Lower and upper ends of the windows.
    place
        `l`.

    Raises
    ------
    StepError
        If the sum is another, or a window passes what lies outside.
    """
    ((j, *_),) = total.limits
    low, high = (end[j] for end in ends)
    gates = window(v[j], low, high)
    if not reduces_to_zero(total.function - gates * content):
        raise StepError("windows: another sum", total)
    above_low, above_high = (indicator(v[j], end).args[0][1] for end in (low, high))
    for lower, upper, passed in ((true, false, 1), (true, true, 0), (false, false, 0)):
        if _decided(gates, {above_low: lower, above_high: upper}) != passed:
            raise StepError("windows: passes another case", gates)
    hypotheses = (f"{low} <= |{v[j]}| < {high} for {j} = {place}, and for no other {j}", f"{low} <= {high}")
    right = content.subs(j, place)
    return Conclusion(total, "=", right, "the gates of all other windows cancel", hypotheses)


def _decided(expr: Expr, conditions: dict[Basic, Basic]) -> Expr:
    """`expr` with its conditions decided."""
    return expr.replace(
        lambda e: isinstance(e, Piecewise), lambda e: Piecewise(*((x, y.xreplace(conditions)) for x, y in e.args))
    )
