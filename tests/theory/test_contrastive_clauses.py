"""Every derived clause of the contrastive claims is proved, and its near miss is rejected with a counterexample."""

import pytest

from purecheck.evidence import Outcome
from purecheck.ledger import ledger
from purecheck.methods.derived import Derived
from tests.purecheck.small_ledger import context

CHECKS = [
    pytest.param(check, id=f"{claim}-{check.statement.name}")
    for claim in ("C1", "C1q", "C2", "C3", "C4", "C5", "C6")
    for check in ledger().checks[claim]
    if isinstance(check, Derived)
]


@pytest.mark.parametrize("check", CHECKS)
def test_formula_is_proved(check):
    assert check.statement.proof().is_complete


@pytest.mark.parametrize("check", CHECKS)
def test_near_miss_is_refuted_at_a_point(check):
    finding = check.examine(check.control.statement, context())
    assert finding.outcome is Outcome.REFUTED
    assert "is false at" in finding.counterexample
