"""What a derivation may take for granted: the ranges that its clause states, and steps that theorems or chains make."""

import ast
from pathlib import Path

import pytest
from sympy import Integer, oo

import theory
from theory import algebra
from theory.algebra import is_nonnegative
from theory.ledger import CLAIMS
from theory.model import p
from theory.purification import p3_purification_bound as p3
from theory.purification import p3c_lookup as p3c

CLAUSES = {
    f"{claim.id}-{clause.name}": clause for claim in CLAIMS for clause in claim.clauses if clause.derive is not None
}
UNIT = (Integer(0), Integer(1))
MODEL = {p: UNIT, p3.B[p3.i]: UNIT, p3c.nonempty: UNIT}
"""Ranges that the model states once for all: a probability, and indicators."""


def covers(used, stated):
    """Whether a range holds another, whose ends may name symbols."""
    below = used[0] == stated[0] or is_nonnegative(stated[0] - used[0])
    above = used[1] in (oo, stated[1]) or (stated[1] != oo and is_nonnegative(used[1] - stated[1]))
    return below and above


def from_assumptions(symbol):
    return (Integer(0) if symbol.is_nonnegative else -oo, oo)


@pytest.mark.parametrize("clause", CLAUSES.values(), ids=CLAUSES.keys())
def test_a_derivation_assumes_no_range_that_its_clause_does_not_state(clause, monkeypatch):
    used = []
    keeps_sign = algebra._keeps_sign
    monkeypatch.setattr(algebra, "_keeps_sign", lambda e, box, sign: used.append(box) or keeps_sign(e, box, sign))
    assert clause.proof().is_complete
    spoken_of = clause.formula.free_symbols | set(clause.box)
    for box in used:
        for symbol in spoken_of.intersection(box):
            stated = clause.box.get(symbol) or MODEL.get(symbol) or from_assumptions(symbol)
            assert covers(box[symbol], stated), (symbol, box[symbol], stated)


def test_steps_that_are_proved_are_made_by_theorems_and_chains_alone():
    root = Path(theory.__file__).parent
    for path in root.rglob("*.py"):
        if path.parent.name == "theorems" or path == root / "derivation.py":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Step":
                kinds = {x.value for x in node.args if isinstance(x, ast.Constant)} & {"theorem", "algebra"}
                assert not kinds, f"{path.name}:{node.lineno}"
