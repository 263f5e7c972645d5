"""`python -m tests.fuzz SECONDS [LOG]`: readers and whole commands side by side, and what came of them."""

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

FAILURES = Path("fuzz-failures")
_LEAST = 20
"""Whole commands at each door, however long that takes."""
SCHEMA = "purecheck-fuzz/1"


def main(seconds: float, log: Path | None) -> int:
    """Fuzz for so many seconds; the status is 1 if anything crashed, ran over, or raised what it may not."""
    parsers, commands = (
        subprocess.Popen([sys.executable, "-m", f"tests.fuzz.{name}", *arguments], stdout=subprocess.PIPE, text=True)  # noqa: S603
        for name, arguments in (
            ("parsers", (str(seconds), str(FAILURES))),
            ("commands", (str(seconds), str(_LEAST), str(FAILURES))),
        )
    )
    found = {"parsers": _summary(parsers), "commands": _summary(commands)}
    facts = {"schema": SCHEMA, "started": datetime.now(UTC).isoformat(timespec="seconds"), "seconds": seconds, **found}
    if log is not None:
        log.parent.mkdir(parents=True, exist_ok=True)
        log.write_text(json.dumps(facts, indent=2) + "\n", "utf-8")
    for name, one in found.items():
        tried = one.get("inputs", one.get("commands", 0))
        print(
            f"{name}: {tried} tried, {one['failed']} failed, slowest {one['slowest_seconds']:.2f} s, "
            f"at most {one['memory_bytes'] // 2**20} MiB"
        )
        for fault in one.get("faults", ()):
            print(f"  {fault}")
        for door, tally in one["doors"].items():
            if isinstance(tally, dict) and tally["failed"]:
                print(f"  {door}: {tally['failed']} of {tally['tried']}, first {tally['first_failure']}")
    failed = any(one["failed"] for one in found.values())
    if failed:
        print(f"what failed is kept in {FAILURES}; make it small and put it into tests/fuzz/corpus")
    return int(failed)


def _summary(process: subprocess.Popen[str]) -> dict[str, Any]:
    """What a process printed; where it crashed, that."""
    output, _ = process.communicate()
    if process.returncode != 0:
        crashed: dict[str, Any] = {
            "status": process.returncode,
            "failed": 1,
            "slowest_seconds": 0.0,
            "memory_bytes": 0,
            "doors": {},
        }
        return {**crashed, "faults": [f"it ended with status {process.returncode}: a crash, not an exception"]}
    found: dict[str, Any] = json.loads(output)
    return found


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else None))
