"""Whole commands on hostile files, arguments and environments, each in a process of its own.

A process that has imported everything forks for each of them, so that hundreds fit into minutes.
"""

import json
import os
import random
import resource
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from gpu_experiments.data.published import BINARY, PYTHON
from tests.fuzz import files
from tests.fuzz.doors import DOORS
from tests.gpu_experiments.manufactured import batches, binary_files, python_files

MEMORY = 2**30
BEYOND = 300 * 10**6
"""Bytes above `--memory` that a command may hold."""
LONGEST = 10.0
"""Seconds of the processor for one command; on the clock three times as many, for other processes may be at work."""

_SMALL = ("--memory", f"{MEMORY}B")
_LITTLE = ("--observations", "10")
_TINY = ("--replicas", "1", "--steps", "2", "--d", "4", "--hidden", "4", "--batch", "4")
_VALUES = (
    "0",
    "-1",
    "1",
    "nan",
    "inf",
    "1e300",
    "1e-300",
    "1e31",
    "9" * 400,
    "",
    "x",
    "\u0661",
    "1_0",
    "0x1",
    "\x1b[2J",
)
_ENVIRONMENT = ("COLUMNS", "LINES", "TERM", "HOME", "TMPDIR", "MPLBACKEND", "MPLCONFIGDIR", "OMP_NUM_THREADS", "LC_ALL")
_SETTINGS = ("0", "1", "-1", "", "dumb", "/nonexistent", "/proc", "9" * 400, "C", "module://none", "\u00b2")
_PLACES = (
    ".",
    "-",
    "none/f",
    "w.npz",
    "pipe",
    "link",
    "locked/f",
    "new",
    "/dev/null",
    "/dev/full",
    "f" * 300,
    "a\x07b",
)


@dataclass(frozen=True)
class Command:
    """What is called, with which files around it and which environment."""

    door: str
    arguments: tuple[str, ...]
    files: tuple[tuple[str, bytes], ...] = ()
    environment: tuple[tuple[str, str], ...] = ()


def _with_file(door: str, name: str, *arguments: str, source: str | None = None) -> st.SearchStrategy[Command]:
    return (
        DOORS[source or door].inputs(source or door).map(lambda content: Command(door, arguments, ((name, content),)))
    )


def _images(door: str, source: str, layout: str) -> st.SearchStrategy[Command]:
    whole = tuple((binary_files if layout == "bin" else python_files)(batches(1, (1,) * 6)).items())
    broken = (BINARY if layout == "bin" else PYTHON).test[0]
    return (
        DOORS[source]
        .inputs(source)
        .map(lambda content: Command(door, ("cifar10", "prepare", "--data", "."), (*whole, (broken, content))))
    )


@st.composite
def _options(draw: st.DrawFn) -> Command:
    kind = draw(st.sampled_from(("supervised", "contrastive", "audit", "check")))
    names = {
        "supervised": ("d", "hidden", "p", "r", "b", "tau", "eps", "test-eps", "sigma", "learning-rate", "seed", "out"),
        "contrastive": ("d", "hidden", "outputs", "p", "b", "rho", "pairs", "batch", "replicas", "json", "memory"),
        "audit": ("p", "r", "sigma", "theta", "eps", "exact", "seconds", "b", "max-mib", "seed", "memory", "data"),
        "check": ("seed", "memory", "records", "json", "profile", "backend"),
    }[kind]
    chosen = draw(st.lists(st.tuples(st.sampled_from(names), st.sampled_from(_VALUES)), min_size=1, max_size=2))
    given = tuple(part for name, value in chosen for part in (f"--{name}", value))
    start = {"audit": ("audit", "w.npz", *_LITTLE), "check": ("check", "P8")}.get(kind, ("simulate", kind, *_TINY))
    return Command("options", (*start, *given), ((("w.npz", draw(files.npz())),) if kind == "audit" else ()))


def _outputs() -> st.SearchStrategy[Command]:
    weights = files.npz().map(lambda content: (("w.npz", content),))
    return st.builds(
        lambda start, option, place, around: Command("outputs", (*start, option, place), around),
        st.sampled_from((("audit", "w.npz", *_LITTLE), ("simulate", "supervised", *_TINY), ("check", "P8"))),
        st.sampled_from(("--json", "--out")),
        st.sampled_from(_PLACES),
        weights,
    )


def _environments() -> st.SearchStrategy[Command]:
    return st.builds(
        lambda arguments, changes: Command("environment", arguments, environment=tuple(changes)),
        st.sampled_from(
            (("doctor",), ("claims",), ("evaluate", "linf_ratio", "t=1/2"), ("simulate", "supervised", *_TINY))
        ),
        st.lists(st.tuples(st.sampled_from(_ENVIRONMENT), st.sampled_from(_SETTINGS)), min_size=1, max_size=3),
    )


COMMANDS = {
    "npz": _with_file("npz", "w.npz", "audit", "w.npz", *_LITTLE, *_SMALL),
    "observations": st.builds(
        lambda one, rest: Command("observations", one.arguments, (*one.files, ("w.npz", rest))),
        _with_file("observations", "z.npz", "audit", "w.npz", "--data", "z.npz", *_LITTLE, *_SMALL),
        files.npz(),
    ),
    "safetensors": _with_file("safetensors", "w.safetensors", "audit", "w.safetensors", *_LITTLE, *_SMALL),
    "record": _with_file("record", "r.json", "check", "R1", "--records", "."),
    "pickle": _images("pickle", "pickle", "py"),
    "binary": _images("binary", "binary", "bin"),
    "tar": _with_file("tar", "c.tar.gz", "cifar10", "prepare", "--data", "c.tar.gz"),
    "gzip": _with_file("gzip", "c.tar.gz", "cifar10", "prepare", "--data", "c.tar.gz"),
    "image": DOORS["image"]
    .inputs("image")
    .map(
        lambda content: Command(
            "image",
            ("cifar10", "prepare", "--data", "."),
            tuple((f"{part}/{name}/0.png", content) for part in ("train", "test") for name in ("cat", "dog")),
        )
    ),
    "arguments": DOORS["arguments"]
    .inputs("arguments")
    .map(lambda one: Command("arguments", ("evaluate", *one.replace(b"\0", b"").decode("utf-8", "replace").split()))),
    "options": _options(),
    "outputs": _outputs(),
    "environment": _environments(),
}


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    status: int
    seconds: float
    memory: int
    output: str
    error: str
    left: tuple[str, ...]

    @property
    def fault(self) -> str | None:
        """What is wrong with it; None where it ended as every command must."""
        if self.status not in (0, 1, 2) or "Traceback" in self.output + self.error:
            return f"status {self.status}: {self.error[-500:]}"
        if self.status == 2 and self.error.strip() and len(self.error.strip().splitlines()) != 1:
            return f"not one line: {self.error[-500:]}"
        if "\x1b" in self.output + self.error:
            return "it sends codes to a terminal"
        if self.seconds > LONGEST:
            return f"it took {self.seconds:.1f} s"
        if self.memory > MEMORY + BEYOND:
            return f"it took {self.memory // 10**6} MB"
        return f"it left {self.left}" if self.left else None


def run(command: Command) -> Ended:
    """Run `command` in a folder of its own, in a process forked from this one."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for place, content in command.files:
            (folder / place).parent.mkdir(parents=True, exist_ok=True)
            (folder / place).write_bytes(content)
        os.mkfifo(folder / "pipe")
        (folder / "link").symlink_to("pipe")
        process = os.fork()
        if process == 0:
            _child(command, folder)
        _, status, used = os.wait4(process, 0)
        seconds = used.ru_utime + used.ru_stime
        output, error = ((folder / one).read_text("utf-8", "replace") for one in (".out", ".err"))
        left = tuple(str(path.relative_to(folder)) for path in folder.rglob(".writing-*"))
        return Ended(os.waitstatus_to_exitcode(status), seconds, 1024 * used.ru_maxrss, output, error, left)


def _child(command: Command, folder: Path) -> None:
    """Become the command, as if it had been started by itself; never returns."""
    status = 99
    try:
        os.chdir(folder)
        for stream, name in ((1, ".out"), (2, ".err")):
            os.dup2(os.open(name, os.O_CREAT | os.O_WRONLY, 0o600), stream)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        sys.stdout, sys.stderr = (os.fdopen(os.dup(one), "w", buffering=1, encoding="utf-8") for one in (1, 2))
        os.environ.update(command.environment)
        sys.argv = ["purecheck", *command.arguments]
        signal.alarm(int(3 * LONGEST))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        status = import_module("purecheck.cli").run()
        sys.stdout.flush()
        sys.stderr.flush()
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else 98
    finally:
        os._exit(status)


def commands(seed: int) -> Iterator[Command]:
    """Commands at every door in turn, without end."""
    rng = random.Random(seed)  # noqa: S311 - order alone
    while True:
        found: dict[str, list[Command]] = {}
        for name, strategy in COMMANDS.items():
            found[name] = _drawn(strategy, rng.randrange(2**30))
        for group in zip(*found.values(), strict=True):
            yield from group


def _drawn(strategy: st.SearchStrategy[Command], _seed: int, count: int = 25) -> list[Command]:
    drawn: list[Command] = []

    @settings(
        max_examples=20 * count,
        deadline=None,
        database=None,
        derandomize=False,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(command=strategy)
    def keep(command: Command) -> None:
        drawn.append(command)

    keep()
    return random.Random(_seed).sample(drawn, min(count, len(drawn))) + drawn[: max(0, count - len(drawn))]  # noqa: S311


def try_all(seconds: float, least: int, failures: Path) -> dict[str, object]:
    """Run commands until the time is over and each door has had `least`, and say what came of them."""
    for name in ("audit", "check", "claims", "doctor", "evaluate", "simulate"):
        import_module(f"purecheck.cli.{name}")
    import_module("gpu_experiments.cli.prepare")
    warm_up()
    end, counts, faults = time.monotonic() + seconds, dict.fromkeys(COMMANDS, 0), []
    slowest, largest = 0.0, 0
    statuses: dict[int, int] = {}
    for command in commands(time.time_ns()):
        ended = run(command)
        counts[command.door] += 1
        slowest, largest = max(slowest, ended.seconds), max(largest, ended.memory)
        statuses[ended.status] = statuses.get(ended.status, 0) + 1
        if ended.fault is not None:
            faults.append({"command": command.arguments, "environment": command.environment, "fault": ended.fault})
            _keep(command, failures / f"command-{len(faults)}")
        if time.monotonic() > end and min(counts.values()) >= least:
            break
    total = {"commands": sum(counts.values()), "failed": len(faults), "slowest_seconds": slowest}
    by_status = {str(one): count for one, count in sorted(statuses.items())}
    return {**total, "memory_bytes": largest, "status": by_status, "doors": counts, "faults": faults[:20]}


def warm_up() -> None:
    """Let loops be compiled once before commands are measured; what one start has compiled, the next one loads."""
    for kind in ("supervised", "contrastive"):
        for attack in ("none", "pgd"):
            start = Command("options", ("simulate", kind, *_TINY, "--attack", attack))
            # A start is stopped after some time, and compiles a few loops more than the one before.
            for _ in range(20):
                if run(start).seconds < LONGEST / 2:
                    break


def _keep(command: Command, folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    for place, content in command.files:
        (folder / place).parent.mkdir(parents=True, exist_ok=True)
        (folder / place).write_bytes(content)


def main() -> None:
    """Run commands for as many seconds as the first argument says; print the summary as JSON."""
    print(json.dumps(try_all(float(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]))))


if __name__ == "__main__":
    main()
