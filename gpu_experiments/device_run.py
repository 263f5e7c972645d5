"""Everything that needs a CUDA device, in one run of at most five minutes: `make gpu`.

Each part is a process of its own with its own time limit; a part that fails or is stopped does not stop the next. The
output of all parts goes to one log, and what they measured to one JSON file, which is replaced after each part, so that
a machine that goes away takes nothing with it.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any

import click

from purecheck.cli.options import selected_backend
from purecheck.cli.paths import OutputFile
from purecheck.io.files import as_json, write_whole
from purecheck.io.strict_json import read_json
from purecheck.runtime.environment import describe, now
from purecheck.runtime.processes import end_with

SCHEMA = "purecheck-device/1"
SMALL = ("--d=16", "--k=2", "--hidden=24", "--replicas=2", "--steps=40", "--batch=32")
"""The sizes of paper scale in a dry run on the host."""
_PATIENCE = 5
"""Factor on the time limits in a dry run: two cores with other work are slower than a machine with a device."""


@dataclass(frozen=True)
class Part:
    """One process.

    Attributes
    ----------
    name
        The name with which it is repeated alone.
    arguments
        The arguments of Python on a device.
    dry_arguments
        The arguments of Python on the host, with NumPy in place of CuPy and less work; None if the part has no meaning
        there.
    limit
        Seconds after which it is stopped on a device. Those of all parts add up to less than five minutes.
    writes_json
        Whether it accepts ``--json FILE``.
    environment
        Variables in addition to those of this process.
    """

    name: str
    arguments: tuple[str, ...]
    dry_arguments: tuple[str, ...] | None
    limit: int
    writes_json: bool = True
    environment: Mapping[str, str] = field(default_factory=dict)


_PURECHECK = ("-m", "purecheck")
_BENCH = (*_PURECHECK, "bench", "--quick", "--backend")
_PAPER_SCALE = ("-m", "gpu_experiments.paper_scale", "--backend")
# Only these folders have tests on a device: collecting the others would take longer than running them.
_TESTS = ("-m", "pytest", "-q", "-m", "gpu", "-p", "no:cacheprovider", "tests/numerics", "tests/gpu_experiments")

# Correctness comes first: times of code that computes something else would say nothing.
PARTS = (
    Part("tests", _TESTS, _TESTS, 60, writes_json=False),
    Part("bench", (*_BENCH, "cupy"), (*_BENCH, "numpy"), 50, environment={"CUPY_TF32": "0"}),
    Part("bench-tf32", (*_BENCH, "cupy"), None, 40, environment={"CUPY_TF32": "1"}),
    # 100 of 5000 steps: long enough for clocks and caches to settle, and the whole run is extrapolated from them.
    Part("paper-scale", (*_PAPER_SCALE, "cupy", "--steps=100"), (*_PAPER_SCALE, "numpy", *SMALL), 40),
    Part("check", (*_PURECHECK, "check", "--backend", "cupy"), (*_PURECHECK, "check", "G1", "--backend", "numpy"), 100),
)


@dataclass(frozen=True)
class PartResult:
    """The result of a part.

    Attributes
    ----------
    part
        Name of the part.
    command
        The command that ran; empty if nothing did.
    outcome
        ``passed`` (status 0), ``failed``, ``stopped`` at its time limit, or ``not run``.
    status
        Exit status of the process; None if it was stopped or not run.
    seconds
        Wall-clock time.
    result
        The JSON that it wrote; None if it wrote none.
    """

    part: str
    command: tuple[str, ...]
    outcome: str
    status: int | None
    seconds: float
    result: Any


def run_part(part: Part, log: IO[bytes], *, dry_run: bool) -> PartResult:
    """Run one part and append its output to `log`."""
    arguments = part.dry_arguments if dry_run else part.arguments
    if arguments is None:
        return PartResult(part.name, (), "not run", None, 0.0, None)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "result.json"
        command = (*arguments, *(("--json", str(file)) if part.writes_json else ()))
        start = time.monotonic()
        status = _status(command, part, log, part.limit * (_PATIENCE if dry_run else 1))
        seconds = round(time.monotonic() - start, 1)
        result = read_json(file) if file.exists() else None
    outcome = "stopped" if status is None else "failed" if status else "passed"
    return PartResult(part.name, ("python", *arguments), outcome, status, seconds, result)


def _status(arguments: Sequence[str], part: Part, log: IO[bytes], limit: int) -> int | None:
    """The exit status of Python with these arguments; None if it had to be stopped."""
    parent = os.getpid()
    process = subprocess.Popen(  # noqa: S603
        [sys.executable, *arguments],
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=subprocess.STDOUT,
        env={**os.environ, **part.environment},
        preexec_fn=lambda: end_with(parent),  # noqa: PLW1509 - this process has no other threads
    )
    try:
        return process.wait(limit)
    except subprocess.TimeoutExpired:
        process.kill()  # the processes that it started end with it
        process.wait()
        return None


@click.command("device-run")
@click.option("--part", "names", multiple=True, type=click.Choice([part.name for part in PARTS]), help="Run it alone.")
@click.option("--dry-run", is_flag=True, help="Run on the host, with NumPy in place of CuPy and small sizes.")
@click.option("--json", "json_file", type=OutputFile(), metavar="FILE", required=True, help="Results as JSON.")
@click.option("--log", "log_file", type=OutputFile(), metavar="FILE", required=True, help="Output of all parts.")
def command(names: tuple[str, ...], dry_run: bool, json_file: Path, log_file: Path) -> None:
    """Run everything that needs a CUDA device: tests, benchmarks, paper scale, and the checks.

    The exit status is 1 if a part failed or was stopped.
    """
    backend = selected_backend("numpy" if dry_run else "cupy")
    started, outcomes = now(), []
    with log_file.open("wb", buffering=0) as log:
        for part in PARTS:
            if names and part.name not in names:
                continue
            log.write(f"== {part.name}\n".encode())
            outcomes.append(run_part(part, log, dry_run=dry_run))
            one = outcomes[-1]
            click.echo(f"{one.part:<12} {one.outcome:<8} {one.seconds:6.1f} s")
            environment = asdict(describe(backend, 0, "dry run" if dry_run else "device", started))
            facts = {"schema": SCHEMA, "environment": environment, "parts": [asdict(one) for one in outcomes]}
            write_whole(json_file, as_json(facts))
    if any(one.outcome in ("failed", "stopped") for one in outcomes):
        raise SystemExit(1)


if __name__ == "__main__":
    command(prog_name="device-run")
