"""Derivations of C1-C4: each proves its formula, and its mutated formula is rejected with a counterexample."""

from dataclasses import replace

import pytest

from numerics.backend import select_backend
from numerics.streams import Streams
from purecheck.context import PROFILES, Context
from purecheck.evidence import Outcome
from purecheck.methods.derived import derivation_of
from theory.contrastive import c4_dissimilar_pairs
from theory.contrastive.c1_gram_matrix import C1
from theory.contrastive.c2_scale import C2
from theory.contrastive.c3_collapse import C3
from theory.contrastive.c4_dissimilar_pairs import C4
from theory.derivation import StepError
from theory.theorems.tilt import FLOOR, floor_chain

CLAUSES = [
    pytest.param(claim, clause, id=f"{claim.id}-{clause.name}")
    for claim in (C1, C2, C3, C4)
    for clause in claim.clauses
]


@pytest.fixture
def context():
    return Context(select_backend("numpy"), Streams(0), PROFILES["quick"])


@pytest.mark.parametrize(("claim", "clause"), CLAUSES)
def test_formula_is_proved(claim, clause):  # noqa: ARG001 - one parametrisation for both tests
    proof = clause.derive(clause.formula)
    assert proof.is_complete
    assert proof.steps >= 2


@pytest.mark.parametrize(("claim", "clause"), CLAUSES)
def test_mutated_formula_is_refuted_at_a_point(claim, clause, context):
    check = derivation_of(claim, clause)
    finding = check.examine(check.control.statement, context)
    assert finding.outcome is Outcome.REFUTED
    assert "is false at" in finding.counterexample


def test_floor_is_the_best_to_four_digits():
    with pytest.raises(StepError):
        floor_chain(FLOOR - FLOOR / 1000)


def test_a_wrong_increase_breaks_the_derivation(monkeypatch):
    monkeypatch.setattr(c4_dissimilar_pairs, "similar_increase", lambda eps, length: 2 * eps * length)
    clause = replace(C4.clause("similar pair, small attack"))
    with pytest.raises(StepError):
        clause.derive(clause.formula)
