"""`report --against`: what changed since another report."""

import json
from dataclasses import replace

import pytest

from purecheck.cli import main
from purecheck.reporting.comparison import ABSENT, changes, read_past
from purecheck.reporting.json_report import report_to_dict
from purecheck.runs.ledger import bind
from purecheck.runs.runner import run_checks
from tests.purecheck.small_ledger import check, claim, context

UPHELD = bind([claim("Q1")], [check("Q1")])
REFUTED = bind([claim("Q1")], [check("Q1", says=2, control=3)])


def run_of(ledger, seed=0):
    return run_checks(ledger, tuple(ledger.claims), context(seed))


@pytest.fixture
def old(tmp_path):
    """The report of a run in which everything is upheld, as it is written and as it is read."""
    path = tmp_path / "old.json"
    path.write_text(json.dumps(report_to_dict(run_of(UPHELD))))
    return path


def test_a_run_repeated_changes_nothing(old):
    assert changes(read_past(old), run_of(UPHELD)) == ()


def test_a_clause_that_falls_is_named_with_where_it_stood(old):
    (found,) = changes(read_past(old), run_of(REFUTED))
    assert str(found) == "Q1/sum: was upheld (enumerated); now refuted (enumerated)"


def test_clauses_come_and_go(old):
    further = bind([claim("Q1", clauses=("product",))], [check("Q1", clause="product")])
    found = {one.what: (one.was, one.now) for one in changes(read_past(old), run_of(further))}
    assert found == {"Q1/product": (ABSENT, "upheld (enumerated)"), "Q1/sum": ("upheld (enumerated)", ABSENT)}


def test_claims_that_were_not_asked_for_are_left_out(old):
    other = bind([claim("Q2")], [check("Q2")])
    assert [one.what for one in changes(read_past(old), run_of(other))] == ["Q2/sum"]


def test_settings_and_versions_are_compared(old):
    run = run_of(UPHELD, seed=1)
    moved = replace(run.environment, packages={**run.environment.packages, "numpy": "0.1"})
    found = {one.what: one.now for one in changes(read_past(old), replace(run, environment=moved))}
    assert found == {"seed": "1", "numpy": "0.1"}


def test_the_command_prints_the_changes_and_the_page_shows_them(old, tmp_path, capsys):
    assert main(["report", "--against", str(old), "--out", str(tmp_path / "new")], obj=REFUTED) == 1
    assert "changed since: 1\n  Q1/sum: was upheld" in capsys.readouterr().out
    assert '<th scope="row">Q1/sum</th><td>upheld (enumerated)</td>' in (tmp_path / "new" / "report.html").read_text()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", "Expecting property name"),
        ("{}", "schema is missing"),
        ('{"schema": "purecheck-run/1"}', "schema is 'purecheck-run/1'"),
    ],
)
def test_another_file_is_refused_in_one_line_before_anything_runs(content, said, tmp_path, capsys):
    (tmp_path / "old.json").write_text(content)
    arguments = ["report", "--against", str(tmp_path / "old.json"), "--out", str(tmp_path / "new")]
    assert main(arguments, obj=UPHELD) == 2
    message = capsys.readouterr().err
    assert (message.count("\n"), "--against was" in message, said in message) == (1, True, True), message
    assert not (tmp_path / "new").exists()
