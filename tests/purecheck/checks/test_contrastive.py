"""Checks of C1-C4: upheld with rejected controls, red for planted errors and when the enumeration is broken."""

import pytest
from sympy import Eq, Integer, Rational, eye

from numerics.backend import select_backend
from numerics.streams import Streams
from purecheck.checks import c1_gram_matrix, c2_scale, c3_collapse, c4_dissimilar_pairs
from purecheck.models import populations
from purecheck.runs.ledger import ledger
from purecheck.runs.plants import model_checks
from purecheck.runtime.context import PROFILES, Context
from purecheck.verdicts.evidence import Outcome
from tests.purecheck import small_ledger
from theory.contrastive.c1_gram_matrix import ISOMETRY

CHECKS = (*c1_gram_matrix.CHECKS, *c2_scale.CHECKS, *c3_collapse.CHECKS, *c4_dissimilar_pairs.CHECKS)


@pytest.fixture
def context():
    return Context(select_backend("numpy"), Streams(0), PROFILES["quick"])


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: f"{check.claim}: {check.name}")
def test_check_is_upheld_and_rejects_its_control(check, context):
    evidence = check.run(context)
    assert evidence.outcome is Outcome.UPHELD
    assert evidence.control.rejected


def test_an_isometry_of_twice_the_scale_is_refuted():
    (check,) = [one for one in model_checks(ledger(), ["C1"]) if one.statement == ISOMETRY]
    planted = Eq(ISOMETRY.formula.lhs, 2 * ISOMETRY.formula.rhs)
    assert check.examine(ISOMETRY.stating(planted), small_ledger.context()).outcome is Outcome.REFUTED


def test_laws_of_scores_add_up_to_one():
    for p in (Rational(1, 3), Rational(1)):
        for law in (populations.similar_scores, populations.dissimilar_scores):
            assert sum(law(eye(2), p, Integer(1)).values()) == 1


def test_a_turned_sign_of_similar_pairs_turns_the_checks_red(monkeypatch, context):
    honest = populations.similar_scores

    def turned(gram, p, r):
        return {(-score, gain): weight for (score, gain), weight in honest(gram, p, r).items()}

    monkeypatch.setattr(populations, "similar_scores", turned)
    assert c2_scale.CHECKS[-1].examine(c2_scale.CHECKS[-1].statement, context).outcome is Outcome.REFUTED
