"""`purecheck claims`, its forms for a paper, and the completion of names in a shell."""

import json
import re
from pathlib import Path

import pytest

from purecheck import cli
from purecheck.cli import citing, main, run
from purecheck.cli.stated import stated
from purecheck.closed_forms import QUANTITIES
from tests.purecheck.small_ledger import small

CITATION = (Path(__file__).parents[2] / "CITATION.cff").read_text(encoding="utf-8")


def printed(capsys, *arguments):
    assert main(["claims", *arguments], obj=small()) == 0
    return capsys.readouterr().out


def test_only_the_named_claims_are_listed(capsys):
    assert re.findall(r"^\w+", printed(capsys, "T3", "T1"), flags=re.MULTILINE) == ["T1", "T3"]
    assert [one["id"] for one in json.loads(printed(capsys, "Q1", "--json"))] == ["Q1"]


@pytest.mark.parametrize("form", [(), ("--json",), ("--latex",), ("--bibtex",)])
def test_an_unknown_claim_is_refused_in_every_form(capsys, form):
    assert main(["claims", "t1", *form], obj=small()) == 2
    assert "CLAIM was 't1' (did you mean T1?)" in capsys.readouterr().err


def test_latex_states_every_clause_with_its_assumptions_and_escapes_prose(capsys):
    text = printed(capsys, "T1", "--latex")
    assert r"\begin{claim}[T1: Sums, as T1 says]\label{claim:T1}" in text
    assert r"\item $n \ge 1$" in text
    assert r"\item \emph{(theorem: sum)} The sum of $1 < 2$ \& more is $\frac{1}{2}$." in text


def test_latex_of_every_claim_is_balanced():
    class _Context:
        obj = None

    text = citing.as_latex(stated(_Context()), "0")
    for name in ("claim", "itemize", "enumerate"):
        assert text.count(rf"\begin{{{name}}}") == text.count(rf"\end{{{name}}}") > 0
    assert len(re.findall(r"(?<!\\)\$", text)) % 2 == 0


def test_the_version_of_the_ledger_changes_with_the_words_and_with_nothing_else():
    facts = [{"id": "T1", "words": "a"}, {"id": "T2", "words": "b"}]
    version = citing.ledger_version(facts)
    assert citing.ledger_version([dict(reversed(one.items())) for one in facts]) == version
    assert citing.ledger_version([{**facts[0], "words": "c"}, facts[1]]) != version


def test_bibtex_cites_what_the_citation_file_says(capsys):
    text = printed(capsys, "T1", "T2", "--bibtex")
    assert "note = {Claims T1, T2}" in text
    assert f'title: "{citing.TITLE}"' in CITATION
    assert f'title: "{citing.PAPER}"' in CITATION
    assert f"arXiv:{citing.ARXIV}" in CITATION
    assert f"year: {citing.YEAR}" in CITATION
    names = re.findall(r"family-names: (\w+)\n +given-names: (\w+)", CITATION)
    assert tuple(f"{family}, {given}" for family, given in names) == citing.AUTHORS


def completed(capsys, monkeypatch, words):
    monkeypatch.setattr(cli, "settle", lambda: None)
    monkeypatch.setenv("_PURECHECK_COMPLETE", "bash_complete")
    monkeypatch.setenv("COMP_WORDS", words)
    monkeypatch.setenv("COMP_CWORD", str(words.count(" ")))
    assert run() == 0
    return [line.partition(",")[2] for line in capsys.readouterr().out.splitlines()]


@pytest.mark.parametrize(
    ("words", "names"),
    [
        ("purecheck ch", ["check"]),
        ("purecheck check p5", ["P5"]),
        ("purecheck report N", ["N1", "N2"]),
        ("purecheck claims G", ["G1", "G2", "G3", "G4"]),
        ("purecheck falsify P5/growth", ["P5/growth", "P5/growth over even orders"]),
        ("purecheck evaluate linf", ["linf_ratio"]),
        ("purecheck check --prof", ["--profile"]),
    ],
)
def test_a_shell_completes_commands_claims_clauses_quantities_and_options(capsys, monkeypatch, words, names):
    assert completed(capsys, monkeypatch, words) == names


def test_all_quantities_are_completed(capsys, monkeypatch):
    assert completed(capsys, monkeypatch, "purecheck evaluate ") == list(QUANTITIES)


def test_an_unknown_shell_is_refused_in_one_line(capsys, monkeypatch):
    monkeypatch.setattr(cli, "settle", lambda: None)
    monkeypatch.setenv("_PURECHECK_COMPLETE", "nonsense")
    assert run() == 2
    assert capsys.readouterr().err == (
        "purecheck: _PURECHECK_COMPLETE was 'nonsense'; expected bash_source, zsh_source or fish_source\n"
    )


@pytest.mark.parametrize(
    ("arguments", "meant"),
    [(["chekc"], "check"), (["evaluate", "linf_ration"], "linf_ratio"), (["falsify", "P5/grwth"], "growth")],
)
def test_a_mistyped_name_is_answered_with_the_one_that_it_resembles(capsys, arguments, meant):
    assert main(arguments) == 2
    assert f"did you mean {meant}?" in capsys.readouterr().err


def test_no_colour_is_printed_where_the_user_wants_none(monkeypatch, capsys):
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert main(["check", "T1"], obj=small()) in (0, 1)
    assert "\x1b" not in capsys.readouterr().out
