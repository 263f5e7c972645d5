"""The union bound, and sums bounded term by term."""

from typing import Any

from sympy import Add, Expr, Function, Sum

from theory.algebra import Box, is_nonnegative
from theory.derivation import Conclusion, Derivation, StepError, theorem


class NoneOccurs(Function):  # type: ignore[misc]
    """Probability that none of several events occurs, which may depend on each other in any way.

    An argument is the probability of an event, or a sum of probabilities over an index, with one event for each index.
    """

    def _latex(self, printer: Any, exp: Any = None) -> str:
        events = ",\\; ".join(printer._print(argument) for argument in self.args)
        return rf"P_{{\text{{none}}}}\left({events}\right)"


@theorem(cites="Billingsley, Probability and Measure, section 2")
def union_bound(none: NoneOccurs) -> Conclusion:
    """The link `P(none occurs) >= 1 - (sum of the probabilities)`.

    Raises
    ------
    StepError
        If `none` is not such a probability.
    """
    if not isinstance(none, NoneOccurs):
        raise StepError("union bound: not the probability that none of several events occurs", none)
    return Conclusion(none, ">=", 1 - Add(*none.args), "union bound")


@theorem(cites="Rudin, Principles of Mathematical Analysis, proposition 1.18")
def termwise(total: Sum, term: Derivation, box: Box | None = None) -> Conclusion:
    """The link `total <= count * bound`, where the chain `term` bounds the summand for every index.

    Parameters
    ----------
    total
        Sum over one index.
    term
        A chain that begins with a name for the summand and ends, as an upper bound, in an expression free of the
        index.
    box
        Ranges of the symbols in the number of terms.

    Raises
    ------
    StepError
        If the chain is about another summand, has a cited link, or does not show such a bound.
    """
    ((index, low, high),) = total.limits
    if term.definitions.get(term.start) != total.function:
        raise StepError("term by term: the chain is about another summand", total.function)
    if not term.is_complete:
        raise StepError("term by term: the chain has a cited link", term.end)
    if term.relation not in ("=", "<", "<="):
        raise StepError(f"term by term: the chain shows {term.relation}", term.end)
    bound: Expr = term.end
    if bound.has(index):
        raise StepError("term by term: the bound depends on the index", bound)
    count = high - low + 1
    if not is_nonnegative(count, box):
        raise StepError("term by term: the number of terms may be negative", count)
    return Conclusion(total, "<=", count * bound, "each term at its bound", (f"{term.start} <= {bound}",))
