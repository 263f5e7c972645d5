"""The Rocq names and types of the parts of an expression."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from sympy import Basic, IndexedBase, Symbol

from theory.algebra import Box

NAT, REAL, SEQUENCE = "nat", "R", "nat -> R"


class NotExportedError(ValueError):
    """An expression that has no Rocq term of the same meaning here."""


@dataclass(frozen=True)
class Names:
    """The Rocq names of the parts of an expression.

    Attributes
    ----------
    symbols
        The identifiers of symbols and indexed bases.
    quantities
        The Rocq definitions of registered quantities: an identifier or a term in parentheses for an expression, and a
        function of the same arguments for a class of functions.
    box
        The ranges of the symbols, from which signs are shown.
    of_reals
        Functions that take real numbers; any other takes a natural number where the argument is one.
    """

    symbols: Mapping[Basic | type, str] = field(default_factory=dict)
    quantities: Mapping[Basic | type, str] = field(default_factory=dict)
    box: Box = field(default_factory=dict)
    of_reals: frozenset[type] = frozenset()

    def binding(self, index: Symbol, name: str) -> "Names":
        """The same names and that of an index."""
        return replace(self, symbols={**self.symbols, index: name})


def identifiers(symbols: Iterable[Basic | type]) -> dict[Basic | type, str]:
    """A Rocq identifier for each symbol, all different: its own name as far as Rocq allows it."""
    found: dict[Basic | type, str] = {}
    for symbol in symbols:
        plain = re.sub(r"\W+|_+", "_", str(getattr(symbol, "label", symbol)).replace("'", "_prime")).strip("_")
        name = plain if re.match("[A-Za-z]", plain) and plain not in _RESERVED else f"x_{plain}".rstrip("_")
        taken = set(found.values())
        number = 1
        while name in taken:
            number += 1
            name = f"{name.rsplit('__', 1)[0]}__{number}"
        found[symbol] = name
    return found


def type_of(symbol: Basic) -> str:
    """The Rocq type of a symbol: natural numbers where it is declared so, sequences for indexed bases, else reals."""
    if isinstance(symbol, IndexedBase):
        return SEQUENCE
    return NAT if symbol.is_integer and symbol.is_nonnegative else REAL


def fresh(wanted: str, names: Names) -> str:
    """An identifier for an index of that name which differs from all names in use."""
    name = next(iter(identifiers([Symbol(wanted)]).values()))
    taken = set(names.symbols.values()) | set(names.quantities.values())
    while name in taken:
        name += "_"
    return name


_RESERVED = frozenset(
    (
        # Keywords of Gallina, and names of the libraries that exported terms use.
        *("as", "at", "cofix", "else", "end", "exists", "fix", "for", "forall", "fun", "if", "in", "let", "match"),
        *("mod", "Prop", "return", "Set", "then", "Type", "using", "where", "with", "C", "PI", "E", "R", "S", "O"),
        *("INR", "IZR", "exp", "ln", "sin", "cos", "sqrt", "pow", "Rabs", "Rmax", "Rmin", "Rpower", "sum_n_m", "RInt"),
    )
)
