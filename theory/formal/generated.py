"""`Generated.v`: the sides of the bound clauses as Rocq definitions, written from the formulas of the ledger."""

from collections.abc import Iterable, Mapping

from sympy import Basic, Function, IndexedBase, Mul, S, Symbol, oo, preorder_traversal
from sympy.core.relational import Relational
from sympy.matrices.expressions import MatrixExpr, MatrixSymbol

from theory.claims import Claim, Clause
from theory.formal.bindings import BINDINGS, Binding
from theory.formal.export import real_term
from theory.formal.matrices import VECTOR, entry_term, matrix_type, number_term, vector_term
from theory.formal.names import Names, NotExportedError, identifiers, type_of
from theory.quantities.firing import FiringProbability
from theory.quantities.pairs import Tilt
from theory.theorems.counts import Exceeds
from theory.theorems.indicators import Mean

HEADER = """(** Written by theory/formal/generated.py from the formulas of the ledger. Change a clause, not this. *)

From Coq Require Import Reals.
From Coquelicot Require Import Coquelicot.
Require Import Model Functions Setups.
Open Scope R_scope.

"""

QUANTITIES: Mapping[Basic | type, str] = {
    FiringProbability: "firing_probability",
    Tilt: "tilt",
    Exceeds: "exceeds",
}
"""Quantities that the model defines in Rocq as functions of the same arguments."""

OF_REALS = frozenset({Tilt})
"""The quantities among them that take real numbers."""

_ENTRY = ("i", "j")
_INDICES: dict[str, Basic | type] = {name: Symbol(name, integer=True, positive=True) for name in _ENTRY}
"""The indices that name the entry of a side that is a matrix."""


def generated(claims: Iterable[Claim], bindings: Iterable[Binding] = BINDINGS) -> str:
    """The text of `Generated.v`.

    Raises
    ------
    NotExportedError
        If a side has no Rocq term, or its arguments are not those of the binding.
    KeyError
        If a binding names a claim or a clause that does not exist.
    """
    by_id = {claim.id: claim for claim in claims}
    definitions: dict[str, str] = {}
    for binding in bindings:
        clause = by_id[binding.claim].clause(binding.clause)
        for side in binding.sides:
            name = side_name(clause, binding.claim, side, binding)
            definitions.setdefault(name, side_definition(binding, clause, side))
    return HEADER + "\n".join(definitions.values()) + "\n"


def side_name(clause: Clause, claim: str, side: str, binding: Binding) -> str:
    """The name of a side: that of the theorem that states its clause, with the side's own."""
    own = next(
        (b for b in BINDINGS if (b.claim, b.clause, b.of_clause) == (claim, clause.name, True)),
        binding,
    )
    return f"{own.theorem}_{side}"


def expression_of(clause: Clause, side: str) -> Basic:
    """The part of a clause's formula that `side` names.

    Raises
    ------
    NotExportedError
        If the formula has no such part.
    """
    kind = side.rstrip("0123456789")
    number = int(side[len(kind) :] or 1)
    if number > len(clause.conjuncts) or (number == 1 and kind == side and len(clause.conjuncts) > 1):
        raise NotExportedError(f"clause {clause.name!r} has {len(clause.conjuncts)} relations, and no side {side!r}")
    relation = clause.conjuncts[number - 1]
    if not isinstance(relation, Relational):
        raise NotExportedError(f"clause {clause.name!r} states no equation or inequality")
    if kind == "mean":
        (mean,) = relation.rhs.atoms(Mean)
        return mean.args[0]
    return relation.lhs if kind == "lhs" else relation.rhs


def side_definition(binding: Binding, clause: Clause, side: str, factor: Basic = S.One) -> str:
    """The Rocq definition of a side of a clause with its arguments, times a factor.

    Raises
    ------
    NotExportedError
        If an argument is neither a part of the side nor a parameter of the clause, or a part of the side is no argument
        and has no meaning in Rocq.
    """
    name, expr, arguments = (
        side_name(clause, binding.claim, side, binding),
        expression_of(clause, side),
        binding.sides[side],
    )
    parts = {**_INDICES, **{str(symbol): symbol for symbol in clause.over}, **_parts(expr)}
    unknown = [argument for argument in arguments if argument not in parts]
    if unknown:
        raise NotExportedError(f"{name}: {unknown[0]} is no part of {expr}")
    symbols = identifiers(parts[argument] for argument in arguments)
    signs = {parts[known]: (S.Zero, oo) for known in binding.nonnegative if known in parts}
    names = Names(symbols, {**QUANTITIES, **_quantities(symbols)}, signs, OF_REALS | set(filter(_is_class, symbols)))
    typed = "".join(f" ({called} : {_type(atom)})" for atom, called in symbols.items())
    body, result = _body(expr, names, factor)
    return f"Definition {name}{typed} : {result} :=\n  {body}."


def _parts(expr: Basic) -> dict[str, Basic | type]:
    """Everything that an argument may name: symbols, sequences, matrices, functions and values of functions."""
    found: dict[str, Basic | type] = {}
    for node in preorder_traversal(expr):
        found.setdefault(str(node), node)
        if isinstance(node, IndexedBase):
            found[str(node.label)] = node
        if isinstance(node, Function):
            found.setdefault(node.func.__name__, node.func)
    return found


def _is_class(atom: Basic | type) -> bool:
    return isinstance(atom, type)


def _type(atom: Basic | type) -> str:
    if isinstance(atom, type):
        return "R -> R"
    if isinstance(atom, MatrixSymbol):
        return matrix_type(atom)
    if not isinstance(atom, Symbol | IndexedBase):
        return "nat -> R" if _index_of(atom) is not None else "R"
    return type_of(atom)


def _index_of(atom: Basic) -> Basic | None:
    """The index of a value that belongs to an entry, as the dual norm of the weights of a node."""
    indices = [i for entry in preorder_traversal(atom) for i in getattr(entry, "indices", ())]
    return indices[0] if indices else None


def _quantities(symbols: Mapping[Basic | type, str]) -> dict[Basic | type, str]:
    """The Rocq terms of the arguments that are functions or values of functions."""
    found: dict[Basic | type, str] = {}
    for atom, name in symbols.items():
        if isinstance(atom, type):
            found[atom] = name
        elif not isinstance(atom, Symbol | IndexedBase | MatrixSymbol):
            index = _index_of(atom)
            found[atom] = name if index is None else f"({name} {next(iter(identifiers([index]).values()))})"
    return found


def _body(expr: Basic, names: Names, factor: Basic) -> tuple[str, str]:
    """The term of a side and its type."""
    if isinstance(expr, MatrixExpr):
        scaled = f"({real_term(factor, names)})"
        if expr.shape[1] != 1 or expr.shape[0] == 1:
            is_entry = expr.shape[1] != 1
            number = entry_term(expr, *_ENTRY, names) if is_entry else number_term(expr, names)
            return (number if factor == 1 else f"{scaled} * ({number})"), "R"
        column = vector_term(expr, names)
        return (column if factor == 1 else f"scale {scaled} ({column})"), VECTOR
    return real_term(Mul(factor, expr) if expr != 0 else factor - 1, names), "R"
