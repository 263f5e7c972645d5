"""A release is announced in one version everywhere."""

import re
import tomllib
from pathlib import Path

import click

from purecheck.cli import cli
from tests.pythons import CLAIMED, OLDEST

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def test_the_changelog_and_the_citation_name_the_version_of_the_project():
    headings = re.findall(
        r"^## \[(\d.+?)\] - \d{4}-\d\d-\d\d$", (ROOT / "CHANGELOG.md").read_text(), flags=re.MULTILINE
    )
    assert headings[0] == PROJECT["version"]
    assert f"version: {PROJECT['version']}\n" in (ROOT / "CITATION.cff").read_text()


def test_the_oldest_python_that_is_claimed_is_the_one_that_is_required():
    assert PROJECT["requires-python"] == f">={OLDEST}"
    assert sorted(CLAIMED, key=lambda version: int(version.split(".")[1])) == CLAIMED


def test_issue_templates_name_commands_that_exist():
    named = set()
    for template in (ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml"):
        named |= set(re.findall(r"`purecheck (\w+)", template.read_text()))
    assert named
    assert named <= set(cli.list_commands(click.Context(cli)))
