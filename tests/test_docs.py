"""The documentation agrees with the code."""

import re
from pathlib import Path
from statistics import fmean

import click
import pytest

from tests.scripts import load_script

ROOT = Path(__file__).parent.parent
OWN_ATTACKS = {"fgm", "pgd_20", "pgd_100", "gate_aware"}
chapters = load_script("chapters")


@pytest.mark.parametrize("name", chapters.CHAPTERS)
def test_a_theory_chapter_is_what_the_ledger_writes(name):
    title, claims = chapters.CHAPTERS[name]
    assert (ROOT / "docs" / "theory" / f"{name}.md").read_text() == chapters.chapter(title, claims)


def test_every_claim_with_a_derivation_has_a_chapter():
    from theory.ledger import CLAIMS

    recorded = {claim.id for _, claims in chapters.CHAPTERS.values() for claim in claims}
    derived = {claim.id for claim in CLAIMS if any(clause.derive for clause in claim.clauses)}
    assert derived <= recorded


def test_the_readme_names_only_commands_that_exist():
    from purecheck.cli import cli

    named = set(re.findall(r"^    purecheck ([\w-]+)", (ROOT / "README.md").read_text(), flags=re.MULTILINE))
    assert named <= set(cli.list_commands(click.Context(cli)))


def test_the_guide_is_linked_and_its_links_lead_somewhere():
    for page in (ROOT / "README.md", ROOT / "docs" / "guide.md", ROOT / "CONTRIBUTING.md"):
        for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", page.read_text()):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"


def test_the_table_of_penalties_holds_what_the_records_hold():
    from purecheck.records.arms import EPS, counts, runs
    from purecheck.records.reading import load_records

    folder = ROOT / "results"
    rows = re.findall(r"^\| ([\d.]+) \|(.+)\|$", (folder / "README.md").read_text(), flags=re.MULTILINE)
    found = [run for run in runs(load_records(folder)) if run.seed < 3 and set(run.attacks) == OWN_ATTACKS]
    assert len(rows) == 3
    for ridge, cells in rows:
        recorded = [float(cell) for cell in cells.split("|")]
        arms = [
            [
                run
                for run in found
                if (run.pretraining.objective, run.pretraining.attack, run.head, run.labels)
                == ("supervised", attack, "clean", "same")
                and run.architecture["head_ridge"] == float(ridge)
            ]
            for attack in ("none", "pgd")
        ]
        assert [len(arm) for arm in arms] == [3, 3]
        right = [fmean(run.clean_accuracy for run in arm) for arm in arms]
        robust = [fmean(one.share for one in counts(arm, EPS, None)) for arm in arms]
        assert recorded == [round(100 * share, 1) for share in (*right, *robust)]
