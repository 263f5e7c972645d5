"""The most memory that a command holds under one budget, at a number of replicas and at ten times as many."""

import os
import subprocess
import sys
from dataclasses import dataclass

BUDGET = 512 * 2**20
"""Bytes: room for 20 replicas together, and for 200 in turn alone."""
REPLICAS = (20, 200)
_COMMAND = (
    *("simulate", "supervised", "--d", "100", "--hidden", "200", "--batch", "512", "--steps", "5"),
    *("--observations", "8", "--test-eps", "0.1", "--backend", "numpy"),
)
_RUN = """
import sys
from purecheck.runtime.processes import end_with
end_with(int(sys.argv.pop(1)))
from numerics.memory import peak_bytes
from purecheck.cli import main
status = main(sys.argv[1:])
if status:
    sys.exit(status)
print(peak_bytes(), file=sys.stderr)
"""


class NotMeasuredError(RuntimeError):
    """The command whose memory is measured failed."""


@dataclass(frozen=True)
class Peak:
    """The most bytes of the host's memory that a command held in a process of its own.

    Attributes
    ----------
    command
        As it was called.
    replicas
        That it trained.
    budget, bytes
        What it was given, and the most that its process held.
    """

    command: str
    replicas: int
    budget: int
    bytes: int


def measure_peaks() -> tuple[Peak, ...]:
    """The peak at each number of `REPLICAS`, all under one `BUDGET`.

    Raises
    ------
    NotMeasuredError
        If the command fails.
    """
    return tuple(_peak(replicas) for replicas in REPLICAS)


def _peak(replicas: int) -> Peak:
    arguments = [*_COMMAND, "--replicas", str(replicas), "--memory", f"{BUDGET}B"]
    command = " ".join(["purecheck", *arguments])
    tied = [sys.executable, "-c", _RUN, str(os.getpid()), *arguments]
    done = subprocess.run(tied, capture_output=True, text=True, check=False)  # noqa: S603
    last = (done.stderr.splitlines() or [f"status {done.returncode}"])[-1]
    if done.returncode:
        raise NotMeasuredError(f"{command} failed: {last}")
    return Peak(command, replicas, BUDGET, int(last))
