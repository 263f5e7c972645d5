"""Files are whole or not there."""

import io
import json
import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from purecheck.io import files
from purecheck.io.files import as_json, as_npz, write_all, write_whole


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


def test_a_link_stays_a_link_and_the_file_behind_it_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    real, link = tmp_path / "elsewhere" / "real", tmp_path / "link"
    real.write_text("old")
    link.symlink_to(real)
    write_whole(link, "new")
    assert (link.is_symlink(), real.read_text()) == (True, "new")
    link.unlink()
    link.symlink_to("elsewhere/none yet")
    write_whole(link, "new")
    assert link.is_symlink()
    assert sorted(path.name for path in real.parent.iterdir()) == ["none yet", "real"]


def test_permissions_stay(tmp_path: Path) -> None:
    target = tmp_path / "facts.json"
    for mode in (0o600, 0o640, 0o444):
        target.touch()
        target.chmod(mode)
        write_whole(target, "new")
        assert stat.S_IMODE(target.stat().st_mode) == mode


@pytest.mark.parametrize("kind", ["pipe", "device", "folder", "link to a pipe", "link to itself"])
def test_nothing_but_a_regular_file_is_replaced(tmp_path: Path, kind: str) -> None:
    target = tmp_path / "target"
    os.mkfifo(tmp_path / "pipe")
    if kind == "device":
        target = Path("/dev/null")
    elif kind == "folder":
        target.mkdir()
    elif kind == "pipe":
        target = tmp_path / "pipe"
    else:
        target.symlink_to("pipe" if kind == "link to a pipe" else "target")
    before = target.lstat()
    with pytest.raises(OSError, match="expected"):
        write_whole(target, "new")
    assert os.path.samestat(before, target.lstat())
    assert not list(tmp_path.glob(".writing-*"))


def test_what_standard_output_goes_to_is_not_replaced(tmp_path: Path) -> None:
    log = tmp_path / "log"
    program = (
        f"from purecheck.io.files import write_whole; from pathlib import Path; write_whole(Path({str(log)!r}), 'x')"
    )
    with log.open("w") as stream:
        done = subprocess.run([sys.executable, "-c", program], stdout=stream, stderr=subprocess.PIPE, check=False)  # noqa: S603
    assert done.returncode == 1
    assert b"is one of the standard streams" in done.stderr
    assert log.read_text() == ""


KILLED = """
import os, signal, sys
from pathlib import Path
from purecheck.io import files

def killed(*_):
    print(flush=True)
    signal.pause()

files.os.replace = killed
files.write_all(Path(sys.argv[1]), {"a": "new a", "b": "new b"})
"""


def test_what_a_killed_process_was_writing_is_removed_by_the_next_one_and_not_before(tmp_path: Path) -> None:
    write_all(tmp_path, {"a": "old a"})
    with subprocess.Popen([sys.executable, "-c", KILLED, tmp_path], stdout=subprocess.PIPE) as process:  # noqa: S603
        assert process.stdout is not None
        process.stdout.readline()
        write_all(tmp_path, {"c": "beside a writer that lives"})
        assert len(list(tmp_path.glob(".writing-*"))) == 1
        process.kill()
    assert (tmp_path / "a").read_text() == "old a"
    write_all(tmp_path, {"c": "after it"})
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "c"]


def test_names_that_are_no_utf_8_are_spelled_out(tmp_path: Path) -> None:
    write_whole(tmp_path / "facts.json", as_json({"name": "im\udce4ges"}))
    assert json.loads((tmp_path / "facts.json").read_text("utf-8")) == {"name": "im\udce4ges"}


def test_arrays_of_objects_are_not_written() -> None:
    with pytest.raises(ValueError, match="'x' holds objects"):
        as_npz({"x": np.array([None])})
    with np.load(io.BytesIO(as_npz({"x": np.arange(3)}))) as file:
        assert file.files == ["x"]


@pytest.mark.parametrize("moment", ["opened", "locked"])
def test_another_process_may_sweep_a_new_folder_before_it_is(
    moment: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What `_sweep` of another process does between two calls of this one, at the first folder alone."""
    module, name = (files.os, "open") if moment == "opened" else (files.fcntl, "flock")
    call = getattr(module, name)
    swept: list[Path] = []

    def late(*what: Any, **more: Any) -> Any:
        for folder in tmp_path.glob(".writing-*"):
            if not swept:
                swept.append(folder)
                folder.rmdir()
        return call(*what, **more)

    monkeypatch.setattr(module, name, late)
    write_whole(tmp_path / "out", "whole")
    assert swept
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"out": "whole"}
