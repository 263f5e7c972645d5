"""The documentation agrees with the code."""

import importlib.util
import re
from pathlib import Path

import click
import pytest

ROOT = Path(__file__).parent.parent
spec = importlib.util.spec_from_file_location("chapters", ROOT / "docs" / "chapters.py")
chapters = importlib.util.module_from_spec(spec)
spec.loader.exec_module(chapters)


@pytest.mark.parametrize("name", chapters.CHAPTERS)
def test_a_theory_chapter_is_what_the_ledger_writes(name):
    title, claims = chapters.CHAPTERS[name]
    assert (ROOT / "docs" / "theory" / f"{name}.md").read_text() == chapters.chapter(title, claims)


def test_every_claim_with_a_derivation_has_a_chapter():
    from theory.ledger import CLAIMS

    told = {claim.id for _, claims in chapters.CHAPTERS.values() for claim in claims}
    derived = {claim.id for claim in CLAIMS if any(clause.derive for clause in claim.clauses)}
    assert derived <= told


def test_the_readme_names_only_commands_that_exist():
    from purecheck.cli import cli

    named = set(re.findall(r"^    purecheck (\w+)", (ROOT / "README.md").read_text(), flags=re.MULTILINE))
    assert named <= set(cli.list_commands(click.Context(cli)))


def test_the_guide_is_linked_and_its_links_lead_somewhere():
    for page in (ROOT / "README.md", ROOT / "docs" / "guide.md", ROOT / "CONTRIBUTING.md"):
        for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", page.read_text()):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"
