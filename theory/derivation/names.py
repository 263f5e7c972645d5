"""The meanings of names: no name has two meanings, occurs in its own, or has one that an index would capture."""

from collections.abc import Iterable, Iterator, Mapping
from functools import cache

from sympy import Basic, Symbol
from sympy.core.function import Function

from theory.algebra import reduces_to_zero
from theory.derivation.binding import binders, bound_by
from theory.derivation.steps import StepError


def merge_definitions(known: dict[Basic, Basic], further: Mapping[Basic, Basic]) -> None:
    """Add the meanings of further names to those that are known.

    Raises
    ------
    StepError
        If a name would have two meanings, or for an expression in which it occurs itself.
    """
    for name, expression in further.items():
        if known.setdefault(name, expression) != expression:
            raise StepError(f"the name {name} has two meanings", expression)
        for other, meaning in known.items():
            values = _values(name, other)
            if values is not None and not reduces_to_zero(meaning - expression.xreplace(values)):
                raise StepError(f"the name {name} has two meanings", meaning)
    for name in further:
        if _expanded(name, known).has(name):
            raise StepError(f"the name {name} occurs in its own meaning", further[name])


def _values(general: Basic, special: Basic) -> dict[Basic, Basic] | None:
    """The values of the arguments at which one name (an applied function) becomes the other; None if there are none."""
    if general == special or general.func != special.func or not isinstance(general, Function):
        return None
    values = {x: y for x, y in zip(general.args, special.args, strict=True) if x != y}
    return values if all(isinstance(x, Symbol) for x in values) else None


def definitions_about(definitions: Mapping[Basic, Basic], exprs: Iterable[Basic]) -> dict[Basic, Basic]:
    """The definitions of the names that occur in some expressions, and in their meanings."""
    found: dict[Basic, Basic] = {}
    open_ends = list(exprs)
    while open_ends:
        expr = open_ends.pop()
        for name, meaning in definitions.items():
            if name not in found and expr.has(name):
                found[name] = meaning
                open_ends.append(meaning)
    return found


def _expanded(name: Basic, definitions: Mapping[Basic, Basic]) -> Basic:
    """The meaning of a name with all names inside it replaced as well; a name that recurs is left in place."""
    expr, seen = definitions[name], {name}
    while True:
        inside = {x: y for x, y in definitions.items() if x not in seen and expr.has(x)}
        if not inside:
            return expr
        expr = expr.xreplace(inside)
        seen |= set(inside)


def refuse_capture(definitions: Mapping[Basic, Basic], *exprs: Basic) -> None:
    """Refuse a name inside a sum, integral or the like that binds a symbol which the name depends on but does not show.

    Raises
    ------
    StepError
        If such a name occurs: replacing it by its meaning would capture the symbol.
    """
    hidden = cache(lambda name: _hidden(name, definitions))
    for binder in (binder for expr in exprs for binder in binders(expr)):
        bound = bound_by(binder)
        for name in definitions:
            if name not in bound and binder.has(name) and hidden(name) & bound:
                raise StepError(f"the name {name} captures an index", binder)


def hidden_symbols(definitions: Mapping[Basic, Basic]) -> Iterator[tuple[Basic, set[Basic]]]:
    """Each name with the symbols that it depends on but does not show."""
    for name in definitions:
        yield name, _hidden(name, definitions)


def _hidden(name: Basic, definitions: Mapping[Basic, Basic]) -> set[Basic]:
    hidden: set[Basic] = _expanded(name, definitions).free_symbols - name.free_symbols
    return hidden
