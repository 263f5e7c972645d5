"""Files are whole or not there."""

import os
from pathlib import Path

import pytest

from purecheck.files import as_json, write_all, write_whole


def test_a_file_is_replaced_and_nothing_else_is_left(tmp_path: Path) -> None:
    target = tmp_path / "facts.json"
    write_whole(target, "old\n")
    write_whole(target, "new\n")
    assert target.read_text() == "new\n"
    assert list(tmp_path.iterdir()) == [target]


def test_other_files_of_a_folder_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    write_all(tmp_path, {"figures/one.svg": "<svg/>", "report.html": "page"})
    assert {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()} == {
        "mine.txt",
        "figures/one.svg",
        "report.html",
    }


@pytest.mark.parametrize("fails_at", [1, 2])
def test_an_interruption_while_writing_leaves_the_old_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fails_at: int
) -> None:
    write_all(tmp_path, {"a": "old a", "b": "old b"})
    calls = 0

    def interrupted(_descriptor: int) -> None:
        nonlocal calls
        calls += 1
        if calls == fails_at:
            raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_all(tmp_path, {"a": "new a", "b": "new b"})
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"a": "old a", "b": "old b"}


def test_numbers_that_are_not_finite_are_not_json() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        as_json({"value": float("nan")})


def test_a_missing_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        write_whole(tmp_path / "no" / "facts.json", "{}")
