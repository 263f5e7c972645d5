"""Inputs to the readers, as many as fit into a time, in a process with little memory."""

import json
import random
import resource
import signal
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from numerics.memory import peak_bytes
from tests.fuzz.damage import variants
from tests.fuzz.doors import DOORS, path_for, refuses_or_reads, save

ADDRESS_SPACE = 3 * 2**30
LONGEST = 10.0
"""Seconds for one input."""
_AT_ONCE, _VARIANTS = 25, 20


@dataclass
class Tally:
    """What one door went through."""

    tried: int = 0
    failed: int = 0
    slowest: float = 0.0
    first_failure: str = ""


def run(seconds: float, failures: Path) -> dict[str, object]:
    """Try inputs at every door in turn until the time is over, and say what came of them."""
    end, tallies = time.monotonic() + seconds, {name: Tally() for name in DOORS}
    before = peak_bytes()
    with tempfile.TemporaryDirectory() as folder:
        while time.monotonic() < end:
            for name in DOORS:
                _some(name, tallies[name], Path(folder), failures)
    return {
        "inputs": sum(one.tried for one in tallies.values()),
        "failed": sum(one.failed for one in tallies.values()),
        "slowest_seconds": max(one.slowest for one in tallies.values()),
        "memory_bytes": peak_bytes(),
        "memory_before": before,
        "doors": {name: asdict(one) for name, one in tallies.items()},
    }


def _some(name: str, tally: Tally, folder: Path, failures: Path) -> None:
    door, path = DOORS[name], path_for(name, folder)

    @settings(
        max_examples=_AT_ONCE,
        deadline=None,
        database=None,
        derandomize=False,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(whole=door.undamaged(name), seed=st.integers(0, 2**32))
    def attempt(whole: bytes, seed: int) -> None:
        for content in variants(whole, random.Random(seed), _VARIANTS):  # noqa: S311 - no secret
            one(door.pack(content))

    def one(content: bytes) -> None:
        path.write_bytes(content)
        started = time.perf_counter()
        signal.alarm(int(LONGEST))
        try:
            problem = refuses_or_reads(door, path)
        finally:
            signal.alarm(0)
        tally.tried += 1
        tally.slowest = max(tally.slowest, time.perf_counter() - started)
        if problem is not None:
            tally.failed += 1
            tally.first_failure = tally.first_failure or f"{type(problem).__name__}: {problem}"[:300]
            save(content, name, failures)

    attempt()


def main() -> None:
    """Try inputs for as many seconds as the first argument says; print the summary as JSON."""
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))
    signal.signal(signal.SIGALRM, _too_long)
    print(json.dumps(run(float(sys.argv[1]), Path(sys.argv[2]))))


def _too_long(*_: object) -> None:
    raise TimeoutError(f"more than {LONGEST} s for one input")


if __name__ == "__main__":
    main()
