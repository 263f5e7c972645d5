"""Expressions that bind a symbol: sums, integrals, derivatives, minimisers and the like."""

from collections.abc import Iterator

from sympy import Basic, Derivative, Lambda, Subs
from sympy.concrete.expr_with_limits import ExprWithLimits
from sympy.core.function import Function


def binders(expr: Basic) -> Iterator[Basic]:
    """The nodes that bind a symbol: sums, integrals, derivatives, minimisers and the like."""
    return (node for node in expr.atoms(ExprWithLimits, Derivative, Subs, Lambda, Function) if bound_by(node))


def bound_by(node: Basic) -> set[Basic]:
    """The symbols that a node binds; empty where it binds none."""
    if isinstance(node, Derivative):
        return set(node.variables)
    return set(getattr(node, "bound_symbols", ()))
