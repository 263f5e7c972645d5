"""Which features work on this machine, and what is missing."""

import shutil
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

from numerics.backend import backend_status
from numerics.memory import cores
from purecheck.formal.installed import RocqMissingError
from purecheck.formal.installed import version as version_of_rocq


@dataclass(frozen=True)
class Ability:
    """One feature that depends on the machine.

    Attributes
    ----------
    name
        Name of the feature.
    available
        Whether it works here.
    detail
        What it runs on; or why it does not work, and how to change that.
    """

    name: str
    available: bool
    detail: str


def abilities() -> tuple[Ability, ...]:
    """Every feature that depends on the machine, and whether it works here."""
    backends = [Ability(f"backend {one.name}", one.available, one.detail) for one in backend_status()]
    return (
        *backends,
        Ability("cores", True, f"{cores()} available to this process"),
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
