"""`purecheck cifar10 inheritance`: records of every run, the same after a kill, one line for what goes wrong."""

import errno
import json
import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from gpu_experiments.attacks.independent import why_no_suite
from gpu_experiments.cli import inheritance
from gpu_experiments.protocol import recording, stages
from gpu_experiments.protocol.profiles import PROFILES
from purecheck.cli import main
from purecheck.records.arms import runs
from purecheck.records.reading import load_records
from purecheck.records.run import RunRecord
from tests.gpu_experiments.small_protocol import SMALL, easy_images

KILLED = """
import os, signal, sys
from tests.gpu_experiments.small_protocol import shrink
from purecheck.cli import main

shrink()
left, move = int(sys.argv[1]), os.replace

def replace(*paths):
    global left
    left -= 1
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    move(*paths)

os.replace = replace
main(sys.argv[2:])
"""


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return easy_images(tmp_path_factory.mktemp("images"))


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(PROFILES, "quick", SMALL)


def arguments(data: Path, out: Path, *further: str) -> list[str]:
    return ["cifar10", "inheritance", "--data", str(data), "--dataset-name", "easy", "--out", str(out), *further]


def timeless(path: Path) -> dict:
    """The record without what depends on when it was made."""
    facts = json.loads(path.read_text())
    del facts["cost"], facts["environment"]["started"], facts["environment"]["seconds"]
    return facts


def test_every_run_is_recorded_and_told(data, tmp_path, capsys):
    assert main(arguments(data, tmp_path, "--seeds", "2", "--seed", "5")) == 0
    records = [one.record for one in load_records(tmp_path)]
    message = capsys.readouterr().out
    assert sorted((r.pretraining.attack, r.seed) for r in records if isinstance(r, RunRecord)) == [
        ("none", 5),
        ("none", 6),
        ("pgd", 5),
        ("pgd", 6),
    ]
    for record in records:
        assert record.dataset == "easy"
        assert [rung.eps for rung in record.rungs] == [8 / 255, 4 / 255, 2 / 255]
        assert record.images == SMALL.test_images
        assert set(record.robust_accuracy) == {"fgm", "pgd_20", "pgd_100", "gate_aware"}
        reason = why_no_suite() or "left out of this profile"
        assert record.environment["independent_suite"] == f"not run: {reason}"
        assert record.sanity["monotone_in_eps"]
    for word in ("easy", "worst case", "gate-aware", "Student interval at 95%", "4 records in"):
        assert word in message


def arms_recorded(out: Path) -> list[tuple[str, str, str]]:
    return sorted((run.labels, run.head, run.pretraining.attack) for run in runs(load_records(out)))


def test_heads_on_other_labels(data, tmp_path):
    assert main(arguments(data, tmp_path, "--labels", "disjoint", "--labels", "coarse", "--seeds", "1")) == 0
    arms = [(labels, "clean", attack) for labels in ("coarse", "disjoint") for attack in ("none", "pgd")]
    assert arms_recorded(tmp_path) == arms


def test_heads_that_the_clean_one_is_compared_with(data, tmp_path):
    heads = ["--head", "adversarial", "--head", "finetune", "--head", "pretrained"]
    assert main(arguments(data, tmp_path, "--labels", "same", *heads, "--seeds", "1")) == 0
    arms = [("same", head, attack) for head in ("adversarial", "finetune", "pretrained") for attack in ("none", "pgd")]
    assert arms_recorded(tmp_path) == arms


def test_pairs_pretrain_the_encoder_too(data, tmp_path):
    assert main(arguments(data, tmp_path, "--objective", "contrastive", "--seeds", "1")) == 0
    assert {r.record.pretraining.objective for r in load_records(tmp_path)} == {"contrastive"}


@pytest.mark.deep
@pytest.mark.skipif(why_no_suite() is not None, reason=str(why_no_suite()))
@pytest.mark.filterwarnings("default")
def test_the_independent_suite_runs_where_it_is_asked_for(data, tmp_path):
    assert main(arguments(data, tmp_path, "--suite", "--seeds", "1")) == 0
    for one in load_records(tmp_path):
        assert {"apgd_ce", "apgd_dlr", "square"} <= set(one.record.robust_accuracy)
        assert one.record.attacks["square"].kind == "black-box"
        assert one.record.environment["independent_suite"].startswith("adversarial-robustness-toolbox 1.")


def test_a_missing_suite_is_recorded_and_refused_where_it_is_asked_for(data, tmp_path, capsys, monkeypatch):
    for module in (inheritance, recording):
        monkeypatch.setattr(module, "why_no_suite", lambda: "art not installed (extra 'deep')")
    monkeypatch.setitem(PROFILES, "quick", replace(SMALL, independent=True))
    assert main(arguments(data, tmp_path, "--suite")) == 2
    assert "art not installed" in one_line(capsys)
    assert main(arguments(data, tmp_path, "--seeds", "1")) == 0
    for one in load_records(tmp_path):
        assert one.record.environment["independent_suite"] == "not run: art not installed (extra 'deep')"
        assert "square" not in one.record.robust_accuracy


def test_a_killed_run_ends_with_the_same_record(data, tmp_path):
    options = ["--seeds", "1"]
    assert main(arguments(data, tmp_path / "whole", *options)) == 0
    stopped = tmp_path / "stopped"
    for moves in ("2", "6"):  # in pre-training; then under attack
        command = [sys.executable, "-c", KILLED, moves, *arguments(data, stopped, *options)]
        ended = subprocess.run(command, check=False, env=os.environ | {"PYTHONPATH": os.getcwd()})  # noqa: S603
        assert ended.returncode == -signal.SIGKILL
        assert not list(stopped.glob("*.json"))
    assert main(arguments(data, stopped, *options)) == 0
    names = sorted(path.name for path in (tmp_path / "whole").glob("*.json"))
    assert names == sorted(path.name for path in stopped.glob("*.json"))
    for name in names:
        assert timeless(stopped / name) == timeless(tmp_path / "whole" / name)


def one_line(capsys) -> str:
    message = capsys.readouterr()
    assert message.out == ""
    assert message.err.count("\n") == 1
    return message.err


def test_a_full_disk_is_told_and_nothing_is_half_written(data, tmp_path, capsys, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(stages, "write_whole", full)
    assert main(arguments(data, tmp_path)) == 2
    assert "no space left" in one_line(capsys)
    assert not list(tmp_path.glob("*.json"))


def test_too_little_memory_is_told_before_and_in_between(data, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(inheritance, "free_bytes", lambda _: 2**20)
    assert main(arguments(data, tmp_path)) == 2
    assert "a run needs about" in one_line(capsys)
    monkeypatch.setattr(inheritance, "free_bytes", lambda _: 2**50)

    def exhausted(*_):
        raise MemoryError

    monkeypatch.setattr(inheritance, "execute", exhausted)
    assert main(arguments(data, tmp_path)) == 2
    assert "memory: not enough" in one_line(capsys)


def test_a_budget_below_one_run_is_told_before_anything_is_written(data, tmp_path, capsys):
    assert main(arguments(data, tmp_path, "--memory", "600MiB")) == 2
    assert "memory was 600MiB; expected at least " in one_line(capsys)
    assert main(arguments(data, tmp_path, "--memory", "600MiB", "--profile", "full")) == 2
    assert one_line(capsys).rstrip().endswith(", or --profile quick")
    assert not list(tmp_path.iterdir())


def test_with_a_budget_that_is_enough_the_runs_start(data, tmp_path, monkeypatch):
    class StartedError(Exception):
        pass

    def start(*_):
        raise StartedError

    monkeypatch.setattr(inheritance, "execute", start)
    with pytest.raises(StartedError):
        main(arguments(data, tmp_path, "--memory", "2GiB"))


def test_a_broken_stage_is_refused(data, tmp_path, capsys):
    assert main(arguments(data, tmp_path, "--seeds", "1")) == 0
    capsys.readouterr()
    for path in tmp_path.glob(".work/*/head.npz"):
        path.write_bytes(path.read_bytes()[:100])
    assert main(arguments(data, tmp_path, "--seeds", "1")) == 2
    assert "head.npz" in one_line(capsys)


@pytest.mark.parametrize(
    "options", [["--seeds", "0"], ["--labels", "other"], ["--head", "pretrained", "--labels", "coarse"]]
)
def test_bad_usage_is_told_in_one_line(options, data, tmp_path, capsys):
    assert main(arguments(data, tmp_path, *options)) == 2
    assert "expected" in one_line(capsys)
