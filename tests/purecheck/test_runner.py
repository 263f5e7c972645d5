"""The runner: what runs, and what the run comes to."""

from typing import get_args

import pytest

from purecheck.runs.ledger import bind
from purecheck.runs.runner import run_checks, selection
from purecheck.verdicts.evidence import Outcome
from tests.purecheck.small_ledger import check, claim, context, small
from theory.claims import ClaimKind


def test_evidence_arrives_check_by_check_before_the_run_ends_and_is_that_of_the_results():
    arrived = []
    run = run_checks(small(), ("T3",), context(), arrived=lambda claim, line: arrived.append((claim, line)))
    assert arrived == [(name, line) for name, result in run.results.items() for line in result.evidence]


def test_dependencies_run_too_and_theirs() -> None:
    run = run_checks(small(), ("T3",), context())
    assert list(run.results) == ["T1", "T2", "T3"]
    assert run.requested == ("T3",)
    assert all(result.evidence for result in run.results.values())


def test_all_claims_are_asked_for_where_none_is_named() -> None:
    assert selection(small(), ()) == ("T1", "T2", "T3", "Q1")


def test_a_selection_has_the_order_of_the_ledger_without_repetition() -> None:
    assert selection(small(), ("T2", "T1", "T2")) == ("T1", "T2")


def test_an_unknown_id_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^CLAIM was 'T9'; expected some of T1, T2, T3, Q1$"):
        selection(small(), ("T1", "T9"))


def test_progress_counts_every_check_and_ends() -> None:
    steps: list[tuple[int, int, str]] = []
    run_checks(small(), ("T2",), context(), lambda *step: steps.append(step))
    assert steps == [(0, 2, "T1: count the sum"), (1, 2, "T2: count the sum"), (2, 2, "done")]


def test_an_open_question_may_come_out_either_way() -> None:
    run = run_checks(small(), ("Q1",), context())
    assert run.results["Q1"].standing.outcome is Outcome.REFUTED
    assert run.is_as_claimed


def test_a_question_that_is_answered_with_no_reads_so() -> None:
    result = run_checks(small(), ("Q1",), context()).results["Q1"]
    assert (result.reading, result.standing.limited_by) == ("answer: no", "sum")
    theorem = bind([claim("Q1", kind="open question")], [check("Q1", says=2, control=3)])
    assert run_checks(theorem, ("Q1",), context()).results["Q1"].reading == "refuted"


@pytest.mark.parametrize("kind", get_args(ClaimKind))
def test_a_refuted_theorem_is_not_as_claimed_wherever_it_is_filed(kind: ClaimKind) -> None:
    ledger = bind([claim("T1", kind=kind)], [check("T1", says=2, control=3)])
    assert not run_checks(ledger, ("T1",), context()).is_as_claimed


def test_one_clause_that_fails_fails_its_claim() -> None:
    checks = [check("T1"), check("T1", says=2, control=3, clause="tail")]
    run = run_checks(bind([claim("T1", clauses=("sum", "tail"))], checks), ("T1",), context())
    assert not run.is_as_claimed
    assert run.results["T1"].standing.limited_by == "tail"


def test_all_that_clauses_rest_on_runs_too() -> None:
    claims = [claim("T1"), claim("T2"), claim("T3", each={"sum": ("T1/sum",)})]
    run = run_checks(bind(claims, [check(one.id) for one in claims]), ("T3",), context())
    assert list(run.results) == ["T1", "T3"]


@pytest.mark.parametrize(("says", "control", "declared"), [(2, 3, 3), (1, 1, 3), (1, 2, 4)])
def test_a_refuted_void_or_undecided_claim_is_not_as_claimed(says: int, control: int, declared: int) -> None:
    ledger = bind([claim("T1")], [check("T1", says=says, control=control, declared=declared)])
    assert not run_checks(ledger, ("T1",), context()).is_as_claimed


def test_an_open_question_that_stays_open_is_not_answered() -> None:
    ledger = bind([claim("Q1", of="open question")], [check("Q1", declared=4)])
    assert not run_checks(ledger, ("Q1",), context()).is_as_claimed


def test_the_environment_records_what_was_used() -> None:
    environment = run_checks(small(), ("T1",), context(seed=7)).environment
    assert (environment.seed, environment.profile, environment.backend) == (7, "quick", "numpy")
    assert {"purecheck", "numpy", "sympy", "python-flint"} <= set(environment.packages)
    assert environment.seconds >= 0
