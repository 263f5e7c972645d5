"""Every derived clause of the contrastive claims is proved, and its mutation is rejected with a counterexample."""

import pytest

from numerics.backend import select_backend
from numerics.streams import Streams
from purecheck.context import PROFILES, Context
from purecheck.evidence import Outcome
from purecheck.methods.derived import derivation_of
from theory.contrastive.c1_gram_matrix import C1
from theory.contrastive.c1q_bottleneck import C1Q
from theory.contrastive.c2_scale import C2
from theory.contrastive.c3_collapse import C3
from theory.contrastive.c4_dissimilar_pairs import C4
from theory.contrastive.c5_mixture_family import C5

CLAUSES = [
    pytest.param(claim, clause, id=f"{claim.id}-{clause.name}")
    for claim in (C1, C1Q, C2, C3, C4, C5)
    for clause in claim.clauses
    if clause.derive is not None
]


@pytest.fixture
def context():
    return Context(select_backend("numpy"), Streams(0), PROFILES["quick"])


@pytest.mark.parametrize(("claim", "clause"), CLAUSES)
def test_formula_is_proved(claim, clause):  # noqa: ARG001 - one parametrisation for both tests
    proof = clause.proof()
    assert proof.is_complete
    assert proof.steps >= 2


@pytest.mark.parametrize(("claim", "clause"), CLAUSES)
def test_mutated_formula_is_refuted_at_a_point(claim, clause, context):
    check = derivation_of(claim, clause)
    finding = check.examine(check.control.statement, context)
    assert finding.outcome is Outcome.REFUTED
    assert "is false at" in finding.counterexample
