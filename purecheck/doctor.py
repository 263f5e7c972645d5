"""What this machine can run, and why not the rest."""

import os
import shutil
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

from numerics.backend import backend_status
from purecheck.formal.installed import RocqMissingError
from purecheck.formal.installed import version as version_of_rocq


@dataclass(frozen=True)
class Ability:
    """One thing that the suite can do where the machine allows it.

    Attributes
    ----------
    name
        What it is.
    available
        Whether it can run here.
    detail
        With what it runs, or why it does not and what would change that.
    """

    name: str
    available: bool
    detail: str


def abilities() -> tuple[Ability, ...]:
    """Everything that the suite can do on some machine, with whether this one can."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    backends = [Ability(f"backend {one.name}", one.available, one.detail) for one in backend_status()]
    return (
        *backends,
        Ability("cores", True, f"{cores} for this process"),
        _package("PyTorch comparisons", "torch", "deep"),
        _browser(),
        _rocq(),
    )


def _package(name: str, package: str, extra: str) -> Ability:
    try:
        return Ability(name, True, f"{package} {version(package)}")
    except PackageNotFoundError:
        return Ability(name, False, f"{package} is not installed; install the extra {extra!r}")


def _rocq() -> Ability:
    name = "formal proofs"
    try:
        return Ability(name, True, f"Rocq {version_of_rocq()}")
    except RocqMissingError as problem:
        return Ability(name, False, str(problem))


def _browser() -> Ability:
    name = "browser tests of the report"
    missing = [program for program in ("chromium", "chromedriver") if shutil.which(program) is None]
    if missing:
        return Ability(name, False, f"{' and '.join(missing)} not found on the path")
    return _package(name, "selenium", "dev")
