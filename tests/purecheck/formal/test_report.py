"""The report shows theorems that the kernel accepted in Rocq's syntax, or why it was not run."""

import json
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest

from purecheck.formal.result import NOT_RUN, FormalResult, Links, Theorem
from purecheck.methods.accepted import accepted
from purecheck.reporting.json_report import report_schema
from purecheck.reporting.writing import write_report
from purecheck.runs.ledger import bind
from purecheck.runs.runner import run_checks
from tests.purecheck.formal.test_level import THEOREM
from tests.purecheck.small_ledger import check, claim, context

PART = replace(THEOREM, law="finite laws")
REFUSED = replace(THEOREM, accepted=False, problems=("the kernel did not accept a proof of it",))


def reported(theorem: Theorem | None, folder: Path) -> tuple[str, dict[str, object], dict[str, object]]:
    """The page, the facts of the one clause, and those of the development, of a report with this theorem."""
    one = claim("T1")
    book = bind([one], [check("T1"), accepted(one, one.clause("sum"), "T1_sum")])
    links = Links(total=4, rational=2, confirmed=1, other={"a law of matrices": 2})
    found = NOT_RUN if theorem is None else FormalResult("0", "8.16.1", {"compilation": 9.0}, (), (theorem,), links)
    run_context = replace(context(), formal=found)
    write_report(run_checks(book, ("T1",), run_context), run_context, folder)
    facts = json.loads((folder / "report.json").read_text())
    jsonschema.Draft202012Validator(report_schema()).validate(facts)
    return (folder / "report.html").read_text(), facts["claims"][0]["clauses"][0], facts["formal"]


def test_an_accepted_theorem_is_shown_with_its_statement_and_its_axioms(tmp_path: Path) -> None:
    page, clause, formal = reported(THEOREM, tmp_path)
    assert clause["axioms"] == ["an_axiom"]
    assert formal == {
        **{"level": "formal", "rocq": "8.16.1", "seconds": {"compilation": 9.0}, "theorems": 1, "accepted": 1},
        **{"problems": [], "links": {"total": 4, "rational": 2, "confirmed": 1}},
    }
    assert '<pre tabindex="0">forall n, n = n</pre>' in page
    assert "<code>an_axiom</code>" in page
    assert "1 of 2 that are rational in named atoms confirmed (50 %)" in page


@pytest.mark.parametrize(
    ("theorem", "words"),
    [(PART, "formal for finite laws"), (REFUSED, "Rocq: refused"), (None, "Rocq was not run")],
    ids=["finite laws", "refused", "not run"],
)
def test_what_does_not_count_is_shown_as_such(theorem: Theorem | None, words: str, tmp_path: Path) -> None:
    page, clause, _ = reported(theorem, tmp_path)
    assert words in page
    standing = clause["standing"]
    assert isinstance(standing, dict)
    assert standing["level"] != "formal" or standing["outcome"] == "undecided"
