"""What takes seconds to compute and depends on nothing but the source: kept as JSON in the user's cache folder."""

import hashlib
import platform
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from platformdirs import user_cache_path

from purecheck.io.files import as_json, write_whole
from purecheck.io.strict_json import read_json
from purecheck.runtime.packages import state

_ROOT = Path(__file__).parents[2]
_SOURCES = ("theory", "numerics", "purecheck")
"""Packages in which a change may change what is kept."""


def compiled(name: str, build: Callable[[], Any]) -> Any:
    """The value of `build()`, computed once for each version of the source.

    Parameters
    ----------
    name
        Name of the value; part of the name of its file.
    build
        Returns the value, of the types of JSON.
    """
    file = _folder() / f"{name}-{_fingerprint()}.json"
    with suppress(OSError, ValueError):  # missing, unreadable or broken: it is built again
        return read_json(file)
    built = build()
    with suppress(OSError):  # a folder that cannot be written costs time and nothing else
        file.parent.mkdir(parents=True, exist_ok=True)
        write_whole(file, as_json(built))
        for other in file.parent.glob(f"{name}-*.json"):
            if other != file:
                other.unlink(missing_ok=True)
    return built


def _folder() -> Path:
    """The cache folder; a name that cannot exist if the user has no home."""
    folder = user_cache_path("purecheck", appauthor=False)
    return folder if folder.is_absolute() else Path("/dev/null/no-home")


@cache
def _fingerprint() -> str:
    """A hash of every source file, also of packages that add claims, and of the versions of Python and SymPy."""
    found = hashlib.sha256(f"{platform.python_version()} {version('sympy')}".encode() + state())
    for package in _SOURCES:
        for path in sorted((_ROOT / package).rglob("*.py")):
            found.update(str(path.relative_to(_ROOT)).encode() + b"\0" + path.read_bytes() + b"\0")
    return found.hexdigest()[:32]  # 128 bits, half of the hash: enough that no two versions meet
