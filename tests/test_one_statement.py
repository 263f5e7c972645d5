"""Nothing that a clause states is repeated in its sentence or in a check."""

import ast
import os
import re
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import pytest
from sympy import IndexedBase, Rational, Symbol, preorder_traversal, true

import purecheck.checks
import theory.model
from purecheck.runs.ledger import ledger
from theory.ledger import CLAIMS
from theory.variants import variants

CLAUSES = [
    pytest.param(clause, id=f"{claim.id}-{clause.name}")
    for claim in CLAIMS
    for clause in claim.clauses
    if clause.formula is not true
]
SLOT = re.compile(r"\[\[[^\]]*\]\]")
NAMES = re.compile(r"\b[A-Z]\d[a-z]?\b|\bl[_]?[12]\b|[_^]\{?[\w+-]*\}?|45 degrees")
"""Digits that belong to a name: claims, norms, subscripts and superscripts."""


@pytest.mark.parametrize("clause", CLAUSES)
def test_a_sentence_types_no_number_beside_its_slots(clause):
    typed = NAMES.sub("", SLOT.sub("", clause.says))
    # Zero and one say which of two values an indicator has.
    assert not set(re.findall(r"\d+", typed)) - {"0", "1"}, clause.says


@pytest.mark.parametrize("clause", CLAUSES)
def test_a_sentence_types_no_inequality_beside_its_slots(clause):
    typed = re.sub(r"\\ne(q)? 0", "", SLOT.sub("", clause.says))
    assert not re.findall(r"<|>|\\le\b|\\ge\b|\\leq|\\geq|\\ne\b", typed), clause.says


@pytest.mark.parametrize("clause", CLAUSES)
def test_what_is_printed_moves_with_the_formula_and_the_ranges(clause):
    printed = (clause.sentence, clause.latex())
    for variant in variants(clause):
        if variant.kind != "assumption":
            changed = clause.varied(variant.miss)
            assert (changed.sentence, changed.latex()) != printed, variant.miss.description


@pytest.mark.parametrize("clause", CLAUSES)
def test_every_parameter_of_the_model_in_a_formula_has_a_range(clause):
    parameters = {value for value in vars(theory.model).values() if isinstance(value, Symbol)}
    bases = {base.label for base in clause.formula.atoms(IndexedBase)}
    assert (clause.formula.free_symbols & parameters) - bases <= set(clause.over)


def numbers_of(clause):
    """The numbers of a clause that are its own: integers and multiples of 1/20 stand on every grid."""
    ends = [end for r in clause.over.values() for end in (r.low, r.high)]
    nodes = [node for part in (clause.formula, *ends) for node in preorder_traversal(part)]
    return {
        Fraction(int(node.p), int(node.q))
        for node in nodes
        if isinstance(node, Rational) and not (20 * node).is_integer
    }


def numbers_in(path):
    """The numbers that a file types, fractions included."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, float):
            yield Fraction(str(node.value))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("Rational", "Fraction"):
            values = [argument.value for argument in node.args if isinstance(argument, ast.Constant)]
            if len(values) == len(node.args) == 2 and all(isinstance(value, int) for value in values):
                yield Fraction(*values)


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.id)
def test_no_check_types_a_number_of_its_clause(claim):
    own = set().union(*(numbers_of(clause) for clause in claim.clauses))
    folder = Path(purecheck.checks.__file__).parent
    for path in folder.glob(f"{claim.id.lower()}_*.py"):
        assert not own & set(numbers_in(path)), path.name


def test_the_ledger_reads_the_same_in_every_process():
    def printed(seed):
        """The ledger as a process prints it whose sets are ordered by another hash."""
        command = [sys.executable, "-m", "purecheck", "claims", "--json"]
        settings = {**os.environ, "PYTHONHASHSEED": str(seed)}
        return subprocess.run(command, env=settings, capture_output=True, check=True).stdout  # noqa: S603 - our own

    assert printed(1) == printed(2) == printed(3)


def test_every_clause_with_a_derivation_states_a_formula():
    for claim in ledger().claims.values():
        for clause in claim.clauses:
            assert clause.derive is None or clause.formula is not true, (claim.id, clause.name)
