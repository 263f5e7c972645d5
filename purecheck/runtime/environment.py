"""The environment of a computation, recorded in every file that the suite writes."""

import platform
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import requires, version

from numerics.backend import Backend


@dataclass(frozen=True)
class Environment:
    """Everything that a reader needs to repeat a run.

    Attributes
    ----------
    python, platform
        Version of the interpreter; name of the operating system and the processor.
    packages
        Versions by name of this package, of its dependencies, and of what the backend runs on.
    backend, device
        Name of the array backend, and description of the device.
    seed
        Root seed; every random stream derives from it by name.
    profile
        Name of the profile, which sets the effort.
    started
        Start of the run, ISO 8601 in UTC.
    seconds
        Wall-clock time.
    """

    python: str
    platform: str
    packages: Mapping[str, str]
    backend: str
    device: str
    seed: int
    profile: str
    started: str
    seconds: float


def now() -> datetime:
    """The current time in UTC."""
    return datetime.now(UTC)


def describe(backend: Backend, seed: int, profile: str, started: datetime) -> Environment:
    """The environment of a run that began at `started` and ends now."""
    return Environment(
        python=platform.python_version(),
        platform=platform.platform(),
        packages={**required_versions(), **backend.versions},
        backend=backend.name,
        device=backend.device,
        seed=seed,
        profile=profile,
        started=started.isoformat(timespec="seconds"),
        seconds=round((now() - started).total_seconds(), 3),
    )


def required_versions() -> dict[str, str]:
    """Versions of this package and of its required dependencies, without extras."""
    wanted = [line for line in requires("purecheck") or [] if "extra ==" not in line]
    names = ["purecheck", *(re.split(r"[^\w.-]", line, maxsplit=1)[0] for line in wanted)]
    return {name: version(name) for name in names}
