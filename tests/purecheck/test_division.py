"""`check` and `report` keep within `--memory`, both processes together, with the same results at any budget."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from numerics.backend import select_backend
from numerics.memory import resident_bytes
from numerics.streams import Streams
from purecheck.cli import main
from purecheck.experiments.memory_estimates import memory_estimates
from purecheck.runs import division
from purecheck.runs.division import ALGEBRA, divide
from purecheck.runs.ledger import ledger
from purecheck.runs.runner import needed_checks
from purecheck.runtime.context import Context, Profile

MIB = 2**20
NUMPY = select_backend("numpy")
SEEDS = 20
WATCHED = """
import sys, threading, time
from dataclasses import replace
from multiprocessing import active_children
from pathlib import Path
from numerics.memory import peak_bytes
from purecheck.runtime import context
from purecheck.cli import main
from purecheck.runs.ledger import bind, ledger

seeds, alone, *arguments = sys.argv[1:]
context.PROFILES["quick"] = context.Profile("quick", examples=2, seeds=int(seeds), steps=0.01)
E1 = replace(ledger().claims["E1"], depends_on=())
children = {}

def watch():
    while True:
        for child in active_children():
            try:
                lines = Path(f"/proc/{child.pid}/status").read_text().splitlines()
            except OSError:
                continue
            children.update({child.pid: 1024 * int(line.split()[1]) for line in lines if line.startswith("VmHWM:")})
        time.sleep(0.01)

threading.Thread(target=watch, daemon=True).start()
main(arguments, obj=bind([E1], [ledger().checks["E1"][0]]) if alone == "alone" else None)
print(len(children), peak_bytes() + sum(children.values()), file=sys.stderr)
"""
LINUX = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the peak of a process is read from Linux")


def run(seeds: int, what: str, *options: str) -> subprocess.CompletedProcess[str]:
    """A check of E1; of one of its checks without what the claim rests on where `what` is `alone`."""
    command = [sys.executable, "-c", WATCHED, str(seeds), what, "check", "E1", "--json", "-", *options]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)  # noqa: S603


def checked(seeds: int, what: str, *options: str) -> tuple[list, int, int]:
    """The evidence, the number of further processes, and the most memory that all held."""
    done = run(seeds, what, *options)
    assert done.stdout, done.stderr
    evidence = [line for claim in json.loads(done.stdout)["claims"] for line in claim["evidence"]]
    for line in evidence:
        del line["seconds"]
    processes, memory = map(int, done.stderr.split())
    return evidence, processes, memory


def needed(seeds: int, what: str) -> list[int]:
    """The sizes in the message for a budget that is too small: the least budget, its parts for program and seeds."""
    line = run(seeds, what, "--memory", "1MiB").stderr
    return [MIB * int(size) for size in re.findall(r"(\d+)MiB", line)[1:]]


@LINUX
def test_ten_times_the_seeds_stay_within_budgets_that_bind_and_find_the_same():
    least, *_ = needed(10 * SEEDS, "alone")
    free, _, used = checked(10 * SEEDS, "alone")
    for budget in (least, (least + used) // 2):
        bounded, processes, peak = checked(10 * SEEDS, "alone", "--memory", f"{budget}B")
        assert processes == 0
        assert peak <= budget < used
        assert bounded == free


@LINUX
def test_both_processes_stay_within_one_budget():
    least, program, kept = needed(10 * SEEDS, "with all")
    budget = least + program - ALGEBRA + kept
    evidence, processes, peak = checked(10 * SEEDS, "with all", "--memory", f"{budget}B")
    assert processes == 1
    assert peak <= budget
    assert {line["level"] for line in evidence} >= {"proved", "trained"}


@pytest.mark.parametrize("command", ["check", "report"])
def test_a_budget_below_one_seed_is_told_in_one_line_before_anything_is_written(command, tmp_path, capsys):
    out = ["--out", str(tmp_path / "report")] if command == "report" else ["--json", str(tmp_path / "facts.json")]
    assert main([command, "E1", *out, "--memory", "1MiB"]) == 2
    printed, needed = capsys.readouterr()
    assert (printed, needed.count("\n")) == ("", 1)
    assert "memory was 1MiB; expected at least " in needed
    assert list(tmp_path.iterdir()) == []


def context(memory: int | None = None) -> Context:
    return Context(NUMPY, Streams(0), Profile("tiny", 2, SEEDS, 0.01), memory=memory)


def test_without_a_budget_networks_are_trained_beside_the_algebra():
    found = divide(ledger(), needed_checks(ledger(), ["E1"]), context())
    assert all(check.trains for check in found.beside)
    assert (len(found.beside), found.memory) == (3, None)


def test_two_processes_share_the_budget_and_one_does_what_has_no_room_beside(monkeypatch):
    held = 100 * MIB
    monkeypatch.setattr(division, "remaining_memory", lambda budget, *_: budget - held)
    checks = needed_checks(ledger(), ["E1"])
    sets = list(memory_estimates(context()))
    work, kept = max(one.least(0) for one in sets), SEEDS * sum(one.kept for one in sets)
    alone = held + ALGEBRA + work + kept
    with pytest.raises(ValueError, match=r"^memory was \d+MiB; expected at least \d+MiB: "):
        divide(ledger(), checks, context(alone - 1))
    assert divide(ledger(), checks, context(alone)).beside == ()
    two = alone + held + kept
    assert divide(ledger(), checks, context(two - 1)).beside == ()
    found = divide(ledger(), checks, context(two))
    assert len(found.beside) == 3
    assert found.memory == two - held - ALGEBRA - kept


def test_algebra_alone_needs_no_room_for_networks():
    held = resident_bytes(NUMPY)
    assert divide(ledger(), ledger().checks["P8"], context(held + ALGEBRA + 100 * MIB)).beside == ()
    with pytest.raises(ValueError, match=r"^memory was \d+MiB; expected at least \d+MiB: "):
        divide(ledger(), ledger().checks["P8"], context(held + ALGEBRA - 1))
