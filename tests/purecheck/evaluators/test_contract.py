"""Evaluators know the law, the network and the attack, and no formula of a claim."""

import ast
from pathlib import Path

import pytest
from sympy import IndexedBase

import purecheck.evaluators
import theory.quantities
from purecheck.evaluators import EVALUATORS
from purecheck.runs.ledger import ledger
from theory.quantities import QUANTITIES, named_in

EVALUATOR_FILES = sorted(Path(purecheck.evaluators.__file__).parent.glob("*.py"))
QUANTITY_FILES = sorted(Path(theory.quantities.__file__).parent.glob("*.py"))
SHARED = ("theory.quantities", "theory.ranges", "theory.assumptions", "theory.model", "theory.theorems")
"""Theorems bring functions such as the dual norm, and state nothing of the model."""
POINTS_READ_CLAUSES = ("theory.claims",)


def imported(path):
    """The modules of the project that a file imports."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


@pytest.mark.parametrize("path", EVALUATOR_FILES, ids=lambda path: path.stem)
def test_an_evaluator_imports_the_model_and_no_claim(path):
    allowed = ("numerics", "purecheck.evaluators", *SHARED)
    if path.stem == "points":  # draws from the ranges of a clause, evaluates nothing
        allowed += POINTS_READ_CLAUSES
    for module in imported(path):
        if module.split(".")[0] in ("theory", "purecheck", "gpu_experiments", "numerics"):
            assert module.startswith(allowed), f"{path.name} imports {module}"


@pytest.mark.parametrize("path", QUANTITY_FILES, ids=lambda path: path.stem)
def test_a_quantity_is_named_without_a_claim(path):
    for module in imported(path):
        if module.split(".")[0] in ("theory", "purecheck", "gpu_experiments", "numerics"):
            assert module.startswith(SHARED), f"{path.name} imports {module}"


def test_every_quantity_has_a_meaning_in_one_sentence():
    for quantity in QUANTITIES.values():
        assert quantity.meaning.endswith("."), quantity
        assert quantity.meaning[0].isupper() or quantity.meaning[0] in "$1", quantity


def test_every_quantity_of_a_derived_clause_has_an_evaluator():
    # The entries of an indexed base are parameters of an instance, which its scene gives.
    clauses = [clause for claim in ledger().claims.values() for clause in claim.clauses if clause.derive is not None]
    named = {quantity.name for clause in clauses for quantity in named_in(clause.formula)}
    assert not [str(name) for name in named if name not in EVALUATORS and not isinstance(name, IndexedBase)]
