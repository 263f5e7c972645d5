"""P3 and P3c: the derivations prove the statements, reject every mutation, and break where a link is broken."""

import pytest
from sympy import Eq, Ge, Rational

from purecheck.methods.derived import derivation_of
from purecheck.runs.ledger import ledger
from purecheck.runs.plants import model_checks
from purecheck.verdicts.evidence import Level, Outcome
from tests.purecheck.small_ledger import context
from theory.claims import NearMiss
from theory.derivation import StepError
from theory.model import d, p
from theory.purification import p3_purification_bound as p3
from theory.purification import p3c_lookup as p3c
from theory.purification.p3_purification_bound import P3
from theory.purification.p3c_lookup import LEAST_SHARE, P3C
from theory.quantities.firing import ENERGY
from theory.ranges import between


def model_of(claim, clause):
    """The check that holds the clause against the model."""
    checks = model_checks(ledger(), [claim.id])
    return next((check for check in checks if check.clauses == (clause.name,)), None)


CLAUSES = [(claim, clause) for claim in (P3, P3C) for clause in claim.clauses]


@pytest.mark.parametrize(("claim", "clause"), CLAUSES, ids=lambda x: getattr(x, "name", getattr(x, "id", None)))
def test_each_clause_is_proved_and_its_mutation_refuted(claim, clause):
    check = derivation_of(claim, clause, model_of(claim, clause))
    evidence = check.run(context())
    assert (evidence.outcome, evidence.level, evidence.control.rejected) == (Outcome.UPHELD, Level.PROVED, True)
    assert check.examine(check.control.statement, context()).counterexample is not None


def test_the_share_of_the_target_at_chosen_points():
    assert LEAST_SHARE.subs({d: 2, p: Rational(1, 2)}) == Rational(3, 8)
    assert LEAST_SHARE.subs({d: 5, p: 1}) == Rational(1, 5)
    assert LEAST_SHARE.subs(d, 1).expand() == p


def test_a_wrong_law_of_the_support_breaks_the_mean_bound(monkeypatch):
    right = p3.of_indicator
    monkeypatch.setattr(p3, "of_indicator", lambda mean, s, q: right(mean, s, q**2))
    with pytest.raises(StepError, match="of this probability"):
        p3.MEAN.proof()


def test_a_longer_amplitude_range_breaks_the_counterexample():
    longer = p3.CONVERSE.varied(NearMiss("amplitudes up to 2 R", over={p3.y_1: between(1, 2 * p3.R)}))
    with pytest.raises(StepError):
        longer.proof()


def test_a_smaller_base_breaks_the_separation(monkeypatch):
    monkeypatch.setattr(p3c, "_BASE", p3c._BASE / 2)
    with pytest.raises(StepError):
        p3c.SEPARATION.proof()


def test_other_statements_do_not_follow():
    with pytest.raises(StepError):
        p3.MEAN.stating(Eq(ENERGY, p3.MEAN.formula.rhs)).proof()
    with pytest.raises(StepError):
        p3c.BOUND.stating(Ge(ENERGY, p3c.LEAST_VALUE * d)).proof()
