"""`--memory`: the whole process stays within it, at any number of replicas, with the same results."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from numerics.backend import select_backend
from numerics.memory import MemoryEstimate
from purecheck.cli import main
from purecheck.runtime.memory import limit_shown, parse_size, remaining_memory, require_memory, shown

MIB = 2**20
RUN = """
import sys
from numerics.memory import peak_bytes
from purecheck.cli import main
status = main(sys.argv[1:])
print(peak_bytes(), file=sys.stderr)
sys.exit(status)
"""
COMMANDS = {
    "supervised": ["simulate", "supervised", "--steps", "2", "--observations", "9", "--test-eps", "0.1"],
    "contrastive": ["simulate", "contrastive", "--steps", "2", "--pairs", "9", "--test-eps", "0.1"],
}


def simulate(kind: str, *options: str) -> tuple[dict, int]:
    """What a simulation of ten times the usual replicas finds in a process of its own, and the most memory it held."""
    command = [sys.executable, "-c", RUN, *COMMANDS[kind], "--replicas", "200", "--json", "-", *options]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)  # noqa: S603
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout), int(done.stderr.splitlines()[-1])  # above it a warning: two steps learn nothing


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the peak of a process is read from Linux")
@pytest.mark.parametrize("kind", COMMANDS)
def test_ten_times_the_replicas_stay_within_a_budget_that_binds_and_find_the_same(kind: str) -> None:
    free, used = simulate(kind)
    budget = used * 3 // 4
    bounded, peak = simulate(kind, "--memory", f"{budget}B")
    assert peak <= budget
    assert (bounded["purity"], bounded["ladder"]) == (free["purity"], free["ladder"])


@pytest.mark.parametrize("kind", COMMANDS)
def test_a_budget_below_one_replica_is_bad_usage(kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*COMMANDS[kind], "--memory", "1MiB"]) == 2
    out, message = capsys.readouterr()
    assert (out, message.count("\n")) == ("", 1)
    assert "memory was 1MiB; expected at least " in message


@pytest.mark.parametrize("kind", COMMANDS)
def test_a_budget_that_is_no_size_is_bad_usage(kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*COMMANDS[kind], "--memory", "much"]) == 2
    assert "memory was 'much'; expected a size such as 2GiB" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "size"),
    [("2GiB", 2 * 2**30), ("1.5GiB", 3 * 2**29), ("500 MB", 500 * 10**6), ("3kB", 3000), ("64KiB", 2**16), ("7", 7)],
)
def test_sizes_are_spelled_in_decimal_or_binary_units(text: str, size: int) -> None:
    assert parse_size(text) == size


@pytest.mark.parametrize("text", ["", "GiB", "2 XB", "-1GiB", "1e9", "2GiBs"])
def test_what_is_no_size_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"^memory was '.*'; expected a size such as 2GiB$"):
        parse_size(text)


def test_the_room_is_what_the_budget_leaves_after_the_program_is_loaded() -> None:
    rehearsed = []
    left = remaining_memory(2**40, select_backend("numpy"), lambda: rehearsed.append(True))
    assert rehearsed
    assert 0 < left < 2**40 - MIB


def test_what_every_replica_leaves_counts_beside_the_larger_stage() -> None:
    stages = (MemoryEstimate(10, 5, 3), MemoryEstimate(0, 20, 1))
    require_memory(20 + 4 * 10, None, 10, *stages)
    with pytest.raises(ValueError, match=r"^memory was 1MiB; expected at least "):
        require_memory(20 + 4 * 10 - 1, None, 10, *stages)


def test_the_least_budget_that_is_told_leaves_room_for_a_program_that_holds_more_at_its_next_start() -> None:
    held, stage = 100 * MIB, MemoryEstimate(0, 10 * MIB, 0)
    with pytest.raises(ValueError, match=r"^memory was 105MiB; expected at least ") as refused:
        require_memory(105 * MIB - held, 105 * MIB, 1, stage)
    (least,) = re.findall(r"at least (\d+)MiB", str(refused.value))
    for more in range(0, 6 * MIB, MIB):
        require_memory(int(least) * MIB - held - more, int(least) * MIB, 1, stage)


def test_without_a_budget_nothing_is_told_of_the_program() -> None:
    with pytest.raises(ValueError, match=r"^memory was 5MiB; expected at least 10MiB: 0MiB for the program"):
        require_memory(5 * MIB, None, 1, MemoryEstimate(0, 10 * MIB, 0))


def test_sizes_are_told_rounded_up() -> None:
    assert (shown(1), shown(MIB), shown(MIB + 1)) == ("1MiB", "1MiB", "2MiB")


@pytest.mark.parametrize(
    ("size", "words"),
    [(1, "1KiB"), (1024, "1KiB"), (1025, "2KiB"), (2**20, "1MiB"), (2**20 + 1, "2MiB")],
)
def test_a_limit_is_shown_rounded_up_in_a_unit_in_which_it_is_recognised(size, words):
    assert limit_shown(size) == words
