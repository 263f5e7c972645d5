"""`python -m tests.fuzz.coverage_guided DOOR CORPUS`: inputs found by the code that they reach (Atheris)."""

import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports():
    from tests.fuzz.doors import DOORS, path_for, refuses_or_reads


def main() -> None:
    """Fuzz one door until it is stopped; the first input that raises what it may not ends the process."""
    name, *rest = sys.argv[1:]
    door, folder = DOORS[name], Path(tempfile.mkdtemp(prefix="purecheck-fuzz-"))

    def attempt(content: bytes) -> None:
        path = path_for(name, folder)
        path.write_bytes(door.pack(content))
        problem = refuses_or_reads(door, path)
        if problem is not None:
            raise problem

    atheris.Setup([sys.argv[0], *rest], attempt)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
