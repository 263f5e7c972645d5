"""Theorems that an author might have written by mistake, each false: the check of the clause on the model says so."""

import pytest
from sympy import Expr, Le, Rational

from purecheck.evidence import Outcome
from purecheck.ledger import ledger
from purecheck.methods.agrees import Agrees
from tests.purecheck.small_ledger import context
from theory.claims import Clause
from theory.derivation import StepError
from theory.purification.p8_gate_ratio import COUNT


def model_check(claim: str, clause: str) -> Agrees:
    return next(
        check for check in ledger().checks[claim] if isinstance(check, Agrees) and check.statement.name == clause
    )


def assert_planted_error_is_found(claim: str, planted: Clause) -> None:
    """It is false on the model, and does not follow either."""
    assert model_check(claim, planted.name).examine(planted, context()).outcome is Outcome.REFUTED
    with pytest.raises(StepError):
        planted.proof()


@pytest.mark.parametrize("divisor", [4, Rational(101, 100)])
def test_count_bound_divided(divisor: Expr) -> None:
    assert_planted_error_is_found("P8", COUNT.stating(Le(COUNT.formula.lhs, COUNT.formula.rhs / divisor)))
