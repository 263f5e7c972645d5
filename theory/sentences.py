"""Sentences with slots: the words of a clause take their numbers, relations and ranges from the clause itself."""

import re
from typing import TYPE_CHECKING

from sympy import latex

from theory.relations import in_words

if TYPE_CHECKING:
    from theory.claims import Clause

_SLOT = re.compile(r"\[\[(\w[^\]]*)\]\]")


def filled(clause: "Clause") -> str:
    """The sentence of a clause with its slots filled.

    Raises
    ------
    ValueError
        If a slot does not name a part of the clause.
    """
    return _SLOT.sub(lambda found: _value(clause, found.group(1)), clause.says)


def slots(clause: "Clause") -> tuple[str, ...]:
    """The names of the slots in the sentence of a clause, in order."""
    return tuple(_SLOT.findall(clause.says))


def _value(clause: "Clause", slot: str) -> str:
    if slot in clause.parts:
        return str(latex(clause.parts[slot](clause)))
    if slot == "relations" and clause.relations:
        return in_words(clause.relations)
    kind, _, name = slot.partition(" ")
    if kind == "range" and not name:
        return clause.ranges()
    if kind in ("formula", "lhs", "rhs") and not name:
        return str(latex(clause.formula if kind == "formula" else getattr(clause.formula, kind)))
    if kind in ("range", "low", "high"):
        for symbol, r in clause.over.items():
            if symbol.name == name:
                return r.latex(symbol) if kind == "range" else str(latex(getattr(r, kind)))
    raise ValueError(
        f"clause {clause.name!r}: slot was [[{slot}]]; expected formula, lhs, rhs, range, relations, or a part"
    )
