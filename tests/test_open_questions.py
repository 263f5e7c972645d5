"""The page on open questions names claims, clauses, figures and tables that exist, and answers every open question."""

import re
from pathlib import Path

from purecheck.reporting.figures import FIGURES
from purecheck.reporting.tables import TABLES
from purecheck.runs.ledger import ledger

PAGE = (Path(__file__).parent.parent / "docs" / "open-questions.md").read_text()
NAMED = re.findall(r"`([A-Z]\w*)(?:/([^`]+))?`", PAGE)


def test_every_clause_that_it_names_is_in_the_ledger():
    claims = ledger().claims
    assert len(NAMED) > 10
    for claim, clause in NAMED:
        assert claim in claims
        assert not clause or clause in {one.name for one in claims[claim].clauses}, f"{claim}/{clause}"


def test_every_clause_that_it_names_is_checked():
    bound = {(claim, clause) for claim, checks in ledger().checks.items() for one in checks for clause in one.clauses}
    assert {(claim, clause) for claim, clause in NAMED if clause} <= bound


def test_every_figure_that_it_names_is_drawn():
    figures = {one.name for one in FIGURES}
    named = re.findall(r"`figures/(\w+)\.svg`", PAGE)
    assert named
    assert set(named) <= figures


def test_every_table_that_it_names_is_in_the_report():
    named = re.findall(r"`report\.html#table-(\w+)`", PAGE)
    assert named
    assert set(named) <= {one.name for one in TABLES}


def test_every_open_question_of_the_ledger_is_answered():
    claims = ledger().claims.values()
    asked = {one.id for one in claims if "open question" in (one.kind, *(clause.kind for clause in one.clauses))}
    assert asked <= {claim for claim, _ in NAMED}
