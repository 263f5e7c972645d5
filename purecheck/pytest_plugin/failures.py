"""What a test of a claim prints when it fails, and when it fails at all."""

from typing import Any

import pytest

from purecheck.verdicts.check import Check
from purecheck.verdicts.evidence import Evidence, Outcome
from purecheck.verdicts.standing import Standing, is_as_claimed
from theory.claims import Claim


class CheckFailure(Exception):  # noqa: N818 - a failed test, not an error of the program
    """A check or a control that failed, in words for readers."""


def judge_check(claim: Claim, check: Check[Any], found: Evidence) -> None:
    """Pass, skip or fail the test of a check.

    Raises
    ------
    CheckFailure
        If a theorem among the clauses is not upheld, or an open question is not answered.
    """
    if found.outcome is Outcome.NOT_RUN:
        pytest.skip(f"not run: {found.counterexample}")
    # Void says that the statement was upheld and the control accepted, which is for the test of the control to report.
    outcome = Outcome.UPHELD if found.outcome is Outcome.VOID else found.outcome
    standing = Standing(outcome, found.level, None)
    if not all(is_as_claimed(claim.clause(name), standing) for name in check.clauses):
        raise CheckFailure("\n".join([*_stated(claim, check), *_numbers(found, outcome)]))


def judge_control(claim: Claim, check: Check[Any], found: Evidence) -> None:
    """Pass, skip or fail the test of a control.

    Raises
    ------
    CheckFailure
        If the statement was upheld, and so was its false variant.
    """
    if found.outcome is Outcome.VOID:
        accepted = f"void: the check accepts a false variant of the statement ({found.control.mutation})"
        raise CheckFailure("\n".join([*_stated(claim, check), accepted]))
    if not found.control.rejected:
        pytest.skip(f"the statement is {found.outcome}, so its control says nothing")


def _stated(claim: Claim, check: Check[Any]) -> list[str]:
    """The claim, and each clause with its sentence."""
    clauses = [claim.clause(name) for name in check.clauses]
    return [
        f"{claim.id}: {claim.title}",
        *(f"{claim.id}/{clause.name} ({clause.kind}): {clause.sentence}" for clause in clauses),
    ]


def _numbers(found: Evidence, outcome: Outcome) -> list[str]:
    """The outcome with its level, the number of cases, how close the check came, and the counterexample or reason."""
    level = f" ({found.level})" if found.level else ""
    figure = f", {found.figure}" if found.figure else ""
    lines = [f"{outcome}{level}: {found.check}, {found.cases} cases{figure}"]
    return [*lines, found.counterexample] if found.counterexample else lines
