"""Ledger and standings: weakest link first, and mistakes in the ledger do not pass silently."""

import pytest

from purecheck.evidence import ControlResult, Evidence, Level, Outcome
from purecheck.ledger import bind
from purecheck.standing import Standing, standings
from tests.purecheck.small_ledger import check, claim, context
from theory.claims import Claim


def line(level: Level, outcome: Outcome = Outcome.UPHELD, clause: str = "sum") -> Evidence:
    """A line of evidence."""
    return Evidence(f"{level} {clause}", (clause,), level, outcome, 1, None, None, 0.0, ControlResult("wrong", True))


def standing_of(claims: list[Claim], evidence: dict[str, list[Evidence]]) -> Standing:
    """The standing of the last claim."""
    return standings(claims, evidence)[claims[-1].id]


def test_the_strongest_evidence_counts_for_a_clause() -> None:
    found = standing_of([claim("T1")], {"T1": [line(Level.SIMULATED), line(Level.PROVED)]})
    assert found == Standing(Outcome.UPHELD, Level.PROVED, None)


def test_the_weakest_clause_limits_the_claim() -> None:
    one = claim("T1", clauses=("sum", "tail"))
    found = standing_of([one], {"T1": [line(Level.PROVED), line(Level.SAMPLED, clause="tail")]})
    assert found == Standing(Outcome.UPHELD, Level.SAMPLED, "tail")


def test_a_clause_without_evidence_leaves_the_claim_undecided() -> None:
    one = claim("T1", clauses=("sum", "tail"))
    assert standing_of([one], {"T1": [line(Level.PROVED)]}) == Standing(Outcome.UNDECIDED, None, "tail")


def test_a_weaker_dependency_limits_the_claim() -> None:
    found = standing_of([claim("T1"), claim("T2", "T1")], {"T1": [line(Level.SIMULATED)], "T2": [line(Level.PROVED)]})
    assert found == Standing(Outcome.UPHELD, Level.SIMULATED, "T1")


@pytest.mark.parametrize("below", [Outcome.REFUTED, Outcome.VOID, Outcome.UNDECIDED])
def test_a_dependency_that_is_not_upheld_leaves_the_claim_undecided(below: Outcome) -> None:
    found = standing_of(
        [claim("T1"), claim("T2", "T1"), claim("T3", "T2")],
        {"T1": [line(Level.PROVED, below)], "T2": [line(Level.PROVED)], "T3": [line(Level.PROVED)]},
    )
    assert (found.outcome, found.limited_by) == (Outcome.UNDECIDED, "T2")


@pytest.mark.parametrize("outcome", [Outcome.REFUTED, Outcome.VOID, Outcome.UNDECIDED])
def test_one_bad_line_outweighs_all_good_ones(outcome: Outcome) -> None:
    found = standing_of([claim("T1")], {"T1": [line(Level.PROVED), line(Level.SAMPLED, outcome)]})
    assert (found.outcome, found.limited_by) == (outcome, "sampled sum")


def test_a_mistyped_dependency_is_refused() -> None:
    with pytest.raises(ValueError, match=r"claim T2 depends on 'TI': expected the id of a claim"):
        bind([claim("T1"), claim("T2", "TI")], [])


def test_dependencies_in_a_circle_are_refused() -> None:
    with pytest.raises(ValueError, match="in a circle"):
        bind([claim("T1", "T2"), claim("T2", "T1")], [])


def test_an_id_used_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="'T1': used twice"):
        bind([claim("T1"), claim("T1")], [])


def test_a_check_of_an_unknown_claim_is_refused() -> None:
    with pytest.raises(ValueError, match="'T2' is not in the ledger"):
        bind([claim("T1")], [check("T2")])


def test_a_check_of_an_unknown_clause_is_refused() -> None:
    with pytest.raises(ValueError, match=r"clauses \('tail',\), expected some of \['sum'\]"):
        bind([claim("T1")], [check("T1", clause="tail")])


def test_two_checks_of_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match="the name occurs twice"):
        bind([claim("T1")], [check("T1"), check("T1")])


def test_a_check_whose_control_is_not_rejected_is_void() -> None:
    evidence = check("T1", control=1).run(context())
    assert evidence.outcome is Outcome.VOID
    assert not evidence.control.rejected


def test_fewer_cases_than_declared_are_undecided() -> None:
    evidence = check("T1", declared=4).run(context())
    assert evidence.outcome is Outcome.UNDECIDED
    assert evidence.counterexample == "decided 3 cases, 4 were declared"


def test_a_refuted_check_shows_its_smallest_counterexample() -> None:
    evidence = check("T1", says=2).run(context())
    assert evidence.outcome is Outcome.REFUTED
    assert evidence.counterexample is not None
    assert "n = 1" in evidence.counterexample
