"""Injected faults: a command ends with whole files or none, leaves no process, and a second run completes."""

import ctypes
import json
import os
import random
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.gpu_experiments.small_protocol import easy_images

ROOT = Path(__file__).parents[1]
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="faults are injected as Linux takes them")
KILLS = int(os.environ.get("PURECHECK_KILLS", "5"))
"""How often each command is killed; more of them in a run by hand."""

SHRUNK = """
import sys
from tests.gpu_experiments.small_protocol import shrink
from purecheck.cli import run

if __name__ == "__main__":
    shrink()
    sys.argv[0] = "purecheck"
    sys.exit(run())
"""


@dataclass(frozen=True)
class Case:
    """A command with what it writes, and what of that is the same in every run."""

    arguments: tuple[str, ...]
    written: str
    lasting: Callable[[Path], object]


def _npz(path: Path) -> object:
    return path.read_bytes()


def _report(path: Path) -> object:
    facts = json.loads(path.read_text("utf-8"))
    del facts["environment"]
    for claim in facts["claims"]:
        for part in (claim, *claim["clauses"]):
            for line in part["evidence"]:
                del line["seconds"]
    return facts


def _record(path: Path) -> object:
    facts = json.loads(path.read_text("utf-8"))
    del facts["cost"], facts["environment"]["started"], facts["environment"]["seconds"]
    return facts


SIMULATED = ("simulate", "supervised", "--replicas", "2", "--steps", "400", "--d", "8", "--hidden", "12")
CASES = {
    "report": Case(("report", "P8", "G1", "--out", "."), "report.json", _report),
    "simulate": Case((*SIMULATED, "--out", "w.npz"), "w.npz", _npz),
    "inheritance": Case(
        ("cifar10", "inheritance", "--data", "{data}", "--seeds", "1", "--out", "."), "*none*.json", _record
    ),
}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return easy_images(tmp_path_factory.mktemp("images"))


def started(case: Case, data: Path, folder: Path, **settings: object) -> subprocess.Popen[bytes]:
    """The command in `folder`, the protocol of images at its smallest, in a session of its own."""
    script = folder.with_suffix(".py")
    script.write_text(SHRUNK)
    arguments = [one.format(data=data) for one in case.arguments]
    environment = os.environ | {"PYTHONPATH": str(ROOT)} | settings.pop("env", {})  # type: ignore[operator]
    return subprocess.Popen(  # type: ignore[call-overload,no-any-return]  # noqa: S603
        [sys.executable, str(script), *arguments],
        cwd=folder,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
        **settings,
    )


def ended(case: Case, data: Path, folder: Path, **settings: object) -> tuple[int, bytes]:
    with started(case, data, folder, **settings) as process:
        _, message = process.communicate(timeout=200)
    return process.returncode, message


def found(case: Case, folder: Path) -> object:
    """What was written, after checking that it is whole and that nothing is left beside it."""
    (path,) = folder.glob(case.written)
    return case.lasting(path)


def half_written(folder: Path) -> list[Path]:
    """Files of JSON or of arrays that cannot be read, outside of folders that wait to be swept away."""
    broken = []
    for path in (one for one in folder.rglob("*") if one.is_file() and ".writing-" not in str(one)):
        try:
            if path.suffix == ".json":
                json.loads(path.read_text("utf-8"))
            elif path.suffix in (".html", ".svg"):
                assert path.read_text("utf-8").rstrip().endswith(">")
        except (ValueError, AssertionError):
            broken.append(path)
    return broken


def in_session(leader: int) -> list[int]:
    """Processes of a session, zombies left out."""
    pids = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, _, session = stat.read_text().rsplit(")", 1)[1].split()[:4]
        except OSError:
            continue
        if int(session) == leader and state != "Z":
            pids.append(int(stat.parent.name))
    return pids


@LINUX
@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
def test_killed_at_any_time_it_leaves_nothing_half_written_and_a_rerun_completes(
    name: str, data: Path, tmp_path: Path
) -> None:
    case, rng = CASES[name], random.Random(os.environ.get("PURECHECK_SEED", name))  # noqa: S311 - times alone
    whole, stopped = tmp_path / "whole", tmp_path / "stopped"
    whole.mkdir()
    stopped.mkdir()
    begun = time.monotonic()
    assert ended(case, data, whole)[0] in (0, 1)
    usual, kills = time.monotonic() - begun, 0
    while kills < KILLS:
        process = started(case, data, stopped)
        try:
            process.communicate(timeout=rng.uniform(0, usual))
        except subprocess.TimeoutExpired:
            kills += 1
            process.kill()
            process.communicate()
        else:  # it came to its end, so the next one begins anew
            shutil.rmtree(stopped)
            stopped.mkdir()
        deadline = time.monotonic() + 2
        while in_session(process.pid) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert in_session(process.pid) == []
        assert half_written(stopped) == []
    assert ended(case, data, stopped)[0] in (0, 1)
    assert found(case, stopped) == found(case, whole)
    assert not list(stopped.glob(".writing-*"))


def _no_room() -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (500, 500))


@LINUX
@pytest.mark.parametrize("name", ["report", "simulate", pytest.param("inheritance", marks=pytest.mark.slow)])
def test_without_room_on_the_disk_it_is_one_line_and_nothing_half_written(
    name: str, data: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    status, message = ended(CASES[name], data, folder, preexec_fn=_no_room)
    assert (status, message.count(b"\n")) == (2, 1), message
    assert b"no space left" in message
    assert half_written(folder) == []
    assert not [path for path in folder.glob(CASES[name].written) if path.stat().st_size]


@LINUX
@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
def test_two_runs_in_one_folder_end_as_one_does(name: str, data: Path, tmp_path: Path) -> None:
    case, alone, both = CASES[name], tmp_path / "alone", tmp_path / "both"
    alone.mkdir()
    both.mkdir()
    assert ended(case, data, alone)[0] in (0, 1)
    with started(case, data, both) as one, started(case, data, both) as other:
        statuses = [one.wait(timeout=200), other.wait(timeout=200)]
    assert set(statuses) <= {0, 1}
    assert found(case, both) == found(case, alone)
    assert not list(both.glob(".writing-*"))


def _without_rights() -> None:
    ctypes.CDLL(None).prctl(24, 1, 0, 0, 0)  # root may write everywhere, unless that right is dropped


@LINUX
def test_a_folder_without_rights_is_told_before_anything_is_computed(data: Path, tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir(mode=0o555)
    script = tmp_path / "folder.py"
    script.touch()
    status, message = ended(CASES["simulate"], data, folder, preexec_fn=_without_rights)
    assert (status, message.count(b"\n")) == (2, 1), message
    assert b"Permission denied" in message
    assert list(folder.iterdir()) == []


@LINUX
@pytest.mark.slow
def test_a_clock_that_goes_back_breaks_nothing(tmp_path: Path) -> None:
    program = """
import itertools, sys
from datetime import UTC, datetime, timedelta
from purecheck.runtime import environment
from purecheck.cli import run, simulate
import purecheck.cli.simulate.running as running
falling = (datetime(2026, 1, 1, tzinfo=UTC) - timedelta(hours=hour) for hour in itertools.count())
environment.now = running.now = lambda: next(falling)
sys.exit(run())
"""
    arguments = [*SIMULATED, "--json", str(tmp_path / "f.json")]
    done = subprocess.run([sys.executable, "-c", program, *arguments], capture_output=True, cwd=ROOT, check=False)  # noqa: S603
    assert (done.returncode, done.stderr) == (0, b"")
    assert json.loads((tmp_path / "f.json").read_text())["environment"]["seconds"] < 0
