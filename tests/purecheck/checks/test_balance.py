"""The balance of P7: upheld, and refuted with weight decay or with another sign."""

import pytest
from sympy import Eq

from numerics.backend import select_backend
from numerics.streams import Streams
from purecheck.checks.p7_balance import CHECKS
from purecheck.evaluators import balance
from purecheck.runtime.context import PROFILES, Context
from purecheck.verdicts.evidence import Outcome
from theory.purification.p7_balance import BALANCE


@pytest.fixture
def context():
    return Context(select_backend("numpy"), Streams(0), PROFILES["quick"])


def outcome(statement, context):
    """What the check says of a statement."""
    (check,) = CHECKS
    return check.examine(statement, context).outcome


def test_the_balance_is_upheld(context):
    assert outcome(BALANCE, context) is Outcome.UPHELD


def test_the_other_sign_is_refuted(context):
    turned = BALANCE.stating(Eq(BALANCE.formula.lhs, -BALANCE.formula.rhs))
    assert outcome(turned, context) is Outcome.REFUTED


def test_weight_decay_breaks_the_balance(monkeypatch, context):
    honest = balance._loss
    monkeypatch.setattr(balance, "_loss", lambda model, a, w: honest(model, a, w) + w @ w)
    assert outcome(BALANCE, context) is Outcome.REFUTED
