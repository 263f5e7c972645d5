"""The two programs of Rocq: the compiler and the read-eval-print loop."""

import os
import re
import subprocess
import time
from collections.abc import Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path

from purecheck.formal.sources import LOGICAL, compile_order, required_by

FILE_SECONDS = 120
"""Time limit for a file; one that takes longer is not accepted."""


@dataclass(frozen=True)
class Compiled:
    """The result of compiling one file.

    Attributes
    ----------
    accepted
        Whether Rocq compiled it.
    seconds
        Wall-clock time.
    output
        The output of Rocq, including the first error.
    """

    accepted: bool
    seconds: float
    output: str


def build(texts: Mapping[str, str], folder: Path) -> dict[str, Compiled]:
    """Write the files into `folder` and compile them there on all cores; files that require a failed one are not tried.

    A file is compiled again only if its text, or that of a file that it requires, has changed since the last build.
    """
    folder.mkdir(parents=True, exist_ok=True)
    needs = {name: set(required_by(text, texts)) for name, text in texts.items()}
    fresh = {name: _written(folder / f"{name}.v", texts[name]) for name in compile_order(texts)}
    done: dict[str, Compiled] = {}
    running: dict[Future[Compiled], str] = {}
    waiting = list(compile_order(texts))
    with ThreadPoolExecutor(max_workers=len(os.sched_getaffinity(0))) as pool:
        while waiting or running:
            for name in [one for one in waiting if needs[one] <= done.keys()]:
                waiting.remove(name)
                if not all(done[other].accepted for other in needs[name]):
                    done[name] = Compiled(False, 0.0, "a file that it requires was not accepted")
                    continue
                changed = fresh[name] or any(fresh[other] for other in needs[name])
                fresh[name] = changed or not (folder / f"{name}.vo").exists()
                running[pool.submit(_compile, folder, name, skip=not fresh[name])] = name
            finished, _ = wait(running, return_when=FIRST_COMPLETED) if running else (set(), set())
            for future in finished:
                done[running.pop(future)] = future.result()
    return done


def _written(path: Path, text: str) -> bool:
    """Whether the file had another text, in which case it is written."""
    if path.exists() and path.read_text("utf-8") == text:
        return False
    path.write_text(text, "utf-8")
    path.with_suffix(".vo").unlink(missing_ok=True)
    return True


def _compile(folder: Path, name: str, *, skip: bool) -> Compiled:
    log = folder / f"{name}.log"
    if skip:
        taken, _, output = log.read_text("utf-8").partition("\n")
        return Compiled(True, float(taken), output)
    started = time.perf_counter()
    command = ["coqc", "-q", "-w", "none", "-R", ".", LOGICAL, f"{name}.v"]
    accepted, output = _run(command, folder, None, FILE_SECONDS)
    seconds = time.perf_counter() - started
    log.write_text(f"{seconds:.3f}\n{output}", "utf-8")
    if not accepted:
        (folder / f"{name}.vo").unlink(missing_ok=True)
    return Compiled(accepted, seconds, output)


def said(text: str, folder: Path, seconds: float = FILE_SECONDS) -> str:
    """The output of the read-eval-print loop for `text`; unlike the compiler, it continues after an error."""
    return _run(["coqtop", "-q", "-w", "none", "-R", ".", LOGICAL], folder, text, seconds)[1]


def _run(command: list[str], folder: Path, text: str | None, seconds: float) -> tuple[bool, str]:
    try:
        ran = subprocess.run(  # noqa: S603
            command, cwd=folder, input=text, capture_output=True, text=True, timeout=seconds, check=False
        )
    except subprocess.TimeoutExpired:
        return False, f"took more than {seconds:.0f} s"
    return ran.returncode == 0, ran.stdout + ran.stderr


def accepted(lemmas: Mapping[str, str], header: str, folder: Path, seconds: float = 300) -> set[str]:
    """The names of the lemmas that the kernel accepts; each is tried by itself, so that a failure affects no other."""
    tried = "".join(f"{text}\nAbort All.\n" for text in lemmas.values())
    checks = "".join(f"Check {name}.\n" for name in lemmas)
    output = said(f"{header}\n{tried}{checks}", folder, seconds)
    return set(re.findall(r"^\w+(?=\s*$| :)", output, re.MULTILINE)) & set(lemmas)
