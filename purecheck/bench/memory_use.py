"""The peak memory of a command under one budget, at one number of replicas and at ten times as many."""

import os
import subprocess
import sys
from dataclasses import dataclass

BUDGET = 512 * 2**20
"""A budget in bytes under which 20 replicas run together, and 200 only in batches."""
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
    """The peak of the host's memory that a command used in a process of its own.

    Attributes
    ----------
    command
        The command line.
    replicas
        The number of replicas that it trained.
    budget, bytes
        The budget that it was given, and the peak of its process.
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
