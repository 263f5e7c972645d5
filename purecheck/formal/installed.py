"""Whether Rocq is installed, with the libraries that the development needs."""

import shutil
import subprocess
from pathlib import Path

PACKAGES = (
    "coq",
    "libcoq-coquelicot",
    "libcoq-interval",
    "libcoq-mathcomp-ssreflect",
    "libcoq-mathcomp-algebra",
)
"""The Debian packages of Rocq and of the libraries of the development."""
_LIBRARIES = {"Coquelicot": "libcoq-coquelicot", "Interval": "libcoq-interval", "mathcomp": "libcoq-mathcomp-algebra"}


class RocqMissingError(OSError):
    """Rocq or one of its libraries is not installed; the message says what to install."""


def version() -> str:
    """The version of Rocq.

    Raises
    ------
    RocqMissingError
        If Rocq, or a library that the development needs, is not installed.
    """
    if shutil.which("coqc") is None or shutil.which("coqtop") is None:
        raise RocqMissingError(f"coqc was not found; install it with: apt-get install {' '.join(PACKAGES)}")
    place = Path(_output(["coqc", "-where"]).strip()) / "user-contrib"
    for library, package in _LIBRARIES.items():
        if not (place / library).is_dir():
            raise RocqMissingError(
                f"the Rocq library {library} was not found; install it with: apt-get install {package}"
            )
    return _output(["coqc", "--print-version"]).split()[0]


def _output(command: list[str]) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout  # noqa: S603
