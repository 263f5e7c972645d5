"""Ledger and standings: weakest link first, and mistakes in the ledger do not pass silently."""

from dataclasses import replace

import pytest

from purecheck.runs.ledger import bind
from purecheck.verdicts.evidence import ControlResult, Evidence, Level, Outcome
from purecheck.verdicts.standing import Standing, clause_standings, dependency_graph, weakest
from tests.purecheck.small_ledger import check, claim, context
from theory.claims import Claim, Clause, ClauseKind
from theory.ledger import CLAIMS


def line(level: Level, outcome: Outcome = Outcome.UPHELD, clause: str = "sum") -> Evidence:
    """A line of evidence."""
    return Evidence(
        f"{level} {clause}", (clause,), level, outcome, 1, None, None, 0.0, ControlResult("wrong", True), on_model=True
    )


def parts(claims: list[Claim], evidence: dict[str, list[Evidence]]) -> dict[str, Standing]:
    """The standing of every clause, by `ID/CLAUSE`."""
    return {"/".join(part): standing for part, standing in clause_standings(claims, evidence).items()}


def standing_of(claims: list[Claim], evidence: dict[str, list[Evidence]]) -> Standing:
    """The standing of the last claim."""
    last, found = claims[-1], clause_standings(claims, evidence)
    return weakest(last, {clause.name: found[last.id, clause.name] for clause in last.clauses})


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


def test_a_weaker_dependency_limits_every_clause_of_the_claim_that_names_it() -> None:
    claims = [claim("T1"), claim("T2", "T1", clauses=("sum", "tail"))]
    evidence = {"T1": [line(Level.SIMULATED)], "T2": [line(Level.PROVED), line(Level.PROVED, clause="tail")]}
    found = parts(claims, evidence)
    assert found["T2/sum"] == found["T2/tail"] == Standing(Outcome.UPHELD, Level.SIMULATED, "T1/sum")
    assert standing_of(claims, evidence) == Standing(Outcome.UPHELD, Level.SIMULATED, "sum")


def test_a_clause_is_limited_by_the_clauses_that_it_rests_on_and_by_no_other() -> None:
    below = claim("T1", clauses=("sum", "tail"))
    above = claim("T2", clauses=("sum", "tail"), each={"sum": ("T1/sum",), "tail": ("T2/sum",)})
    proved = [line(Level.PROVED), line(Level.PROVED, clause="tail")]
    for tail in (line(Level.SAMPLED, clause="tail"), line(Level.SAMPLED, Outcome.REFUTED, "tail")):
        evidence = {"T1": [line(Level.PROVED), tail], "T2": proved}
        assert standing_of([below, above], evidence) == Standing(Outcome.UPHELD, Level.PROVED, None)
    found = parts([below, above], {"T1": [line(Level.SAMPLED), line(Level.PROVED, clause="tail")], "T2": proved})
    assert found["T2/tail"] == Standing(Outcome.UPHELD, Level.SAMPLED, "T2/sum")


@pytest.mark.parametrize("below", [Outcome.REFUTED, Outcome.VOID, Outcome.UNDECIDED])
def test_a_dependency_that_is_not_upheld_leaves_the_claim_undecided(below: Outcome) -> None:
    found = parts(
        [claim("T1"), claim("T2", "T1"), claim("T3", "T2")],
        {"T1": [line(Level.PROVED, below)], "T2": [line(Level.PROVED)], "T3": [line(Level.PROVED)]},
    )
    assert (found["T3/sum"].outcome, found["T3/sum"].limited_by) == (Outcome.UNDECIDED, "T2/sum")


@pytest.mark.parametrize("outcome", [Outcome.REFUTED, Outcome.VOID, Outcome.UNDECIDED, Outcome.NOT_RUN])
def test_one_bad_line_outweighs_all_good_ones(outcome: Outcome) -> None:
    found = parts([claim("T1")], {"T1": [line(Level.ENUMERATED), line(Level.SAMPLED, outcome)]})
    assert (found["T1/sum"].outcome, found["T1/sum"].limited_by) == (outcome, "sampled sum")


def test_what_one_check_proves_and_another_refutes_is_a_contradiction() -> None:
    evidence = {"T1": [line(Level.PROVED), line(Level.SAMPLED, Outcome.REFUTED)]}
    (found,) = parts([claim("T1")], evidence).values()
    assert found == Standing(Outcome.CONTRADICTION, Level.PROVED, "proved sum, against sampled sum")
    apart = claim("T1", clauses=("sum", "tail"))
    evidence = {"T1": [line(Level.PROVED), line(Level.SAMPLED, Outcome.REFUTED, "tail")]}
    assert standing_of([apart], evidence) == Standing(Outcome.REFUTED, Level.SAMPLED, "tail")


WORST_FIRST: list[tuple[ClauseKind, Outcome]] = [
    ("theorem", Outcome.REFUTED),
    ("theorem", Outcome.VOID),
    ("open question", Outcome.UNDECIDED),
    ("theorem", Outcome.NOT_RUN),
    ("open question", Outcome.REFUTED),
    ("theorem", Outcome.UPHELD),
]


def test_the_weakest_clause_is_the_one_furthest_from_what_is_claimed() -> None:
    for k, (kind, outcome) in enumerate(WORST_FIRST[:-1]):
        for other, better in WORST_FIRST[k + 1 :]:
            clauses = (Clause("good", "", kind=other), Clause("bad", "", kind=kind))
            one = Claim("T1", "Two clauses", clauses, (), "none", "paper")
            standing = {"good": Standing(better, Level.PROVED, None), "bad": Standing(outcome, Level.PROVED, None)}
            assert weakest(one, standing) == Standing(outcome, Level.PROVED, "bad"), (kind, outcome, other, better)


@pytest.mark.parametrize("needed", ["TI", "T1/tail", "T1/"])
def test_a_mistyped_dependency_is_refused(needed: str) -> None:
    message = rf"claim T2, clause 'sum' depends on '{needed}': expected the id of a claim, or ID/CLAUSE"
    with pytest.raises(ValueError, match=message):
        bind([claim("T1"), claim("T2", needed)], [])
    with pytest.raises(ValueError, match=message):
        bind([claim("T1"), claim("T2", each={"sum": (needed,)})], [])


def test_dependencies_in_a_circle_are_refused() -> None:
    with pytest.raises(ValueError, match=r"in a circle: \[.*'T1/sum'"):
        bind([claim("T1", "T2"), claim("T2", "T1")], [])
    with pytest.raises(ValueError, match="in a circle"):
        bind([claim("T1", each={"sum": ("T1/sum",)})], [])


def test_claims_may_rest_on_each_other_where_their_clauses_do_not() -> None:
    one = claim("T1", clauses=("sum", "tail"), each={"tail": ("T2/sum",)})
    bind([one, claim("T2", each={"sum": ("T1/sum",)})], [])


def test_an_id_used_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="'T1': used twice"):
        bind([claim("T1"), claim("T1")], [])


def test_a_proved_part_of_the_ledger_is_not_limited_by_an_example_that_it_does_not_use() -> None:
    """D3 rests on the risk of P6, not on P6's numeric example."""
    graph = dependency_graph(CLAIMS)
    below, coming = set(), [("D3", clause) for clause in ("head", "energy", "risk", "mean gain")]
    while coming:
        part = coming.pop()
        below.add(part)
        coming.extend(set(graph[part]) - below)
    assert ("P6", "risk") in below
    assert ("P6", "not monotone") not in below


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


def test_a_derivation_that_nothing_evaluates_on_the_model_proves_nothing() -> None:
    alone = replace(line(Level.PROVED), on_model=False)
    standing = parts([claim("T1")], {"T1": [alone]})["T1/sum"]
    assert (standing.outcome, standing.limited_by) == (Outcome.UNDECIDED, "nothing evaluates it on the model")
    held = parts([claim("T1")], {"T1": [alone, line(Level.SAMPLED)]})["T1/sum"]
    assert (held.outcome, held.level) == (Outcome.UPHELD, Level.PROVED)
