"""The linear part of C6: each clause is proved, its mutation refuted, and a wrong loss breaks the derivation."""

from dataclasses import replace

import pytest

from numerics.backend import select_backend
from numerics.streams import Streams
from purecheck.context import PROFILES, Context
from purecheck.evidence import Outcome
from purecheck.methods.derived import derivation_of
from theory.contrastive import c6_attack_modes
from theory.contrastive.c6_attack_modes import C6, SIMILAR
from theory.derivation import StepError

DERIVED = [pytest.param(clause, id=clause.name) for clause in C6.clauses if clause.derive is not None]


@pytest.mark.parametrize("clause", DERIVED)
def test_formula_is_proved_and_its_mutation_refuted_at_a_point(clause):
    assert clause.proof().is_complete
    check = derivation_of(C6, clause)
    context = Context(select_backend("numpy"), Streams(0), PROFILES["quick"])
    finding = check.examine(check.control.statement, context)
    assert finding.outcome is Outcome.REFUTED
    assert "is false at" in finding.counterexample


def test_a_similar_pair_that_repels_breaks_the_derivation(monkeypatch):
    monkeypatch.setattr(c6_attack_modes, "SIMILAR", replace(SIMILAR, similar=-SIMILAR.similar))
    clause = C6.clause("slopes at scale zero")
    with pytest.raises(StepError):
        clause.proof()
