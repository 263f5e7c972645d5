"""The recorded results stay small, and contain what the report reads."""

import subprocess
from pathlib import Path

import pytest

from purecheck.cli.claim_selection import make_context
from purecheck.records.reading import Stored, load_records
from purecheck.records.shipped import shipped_records
from purecheck.reporting.figures import recorded_filters

ROOT = Path(__file__).parent.parent
RESULTS = ROOT / "results"
LARGEST_TREE = 8 * 10**6
"""Bytes of all tracked files, so that a clone takes seconds."""


def test_the_records_of_a_checkout_are_those_in_results():
    assert shipped_records() == RESULTS


def test_the_tracked_tree_stays_small():
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout, so that tracked files cannot be listed")
    listed = subprocess.run(
        ["git", "ls-files", "-z"],  # noqa: S607
        cwd=ROOT,
        capture_output=True,
        check=True,
    ).stdout
    files = [ROOT / name.decode() for name in listed.split(b"\0") if name]
    assert sum(file.lstat().st_size for file in files if file.exists()) < LARGEST_TREE


def test_every_recorded_array_is_shown_in_a_figure(monkeypatch):
    context = make_context("quick", "numpy", 0, load_records(RESULTS), None)
    read = []
    arrays = Stored.arrays
    monkeypatch.setattr(Stored, "arrays", lambda self: read.append(self.record.filters) or arrays(self))
    for figure in recorded_filters.FIGURES:
        assert figure.draw(context) is not None
    assert set(read) == {path.name for path in RESULTS.glob("*.npz")}
