"""Claims of other packages: what the entry point group `purecheck.claims` names in the packages that are installed."""

import hashlib
from collections.abc import Iterator
from importlib.metadata import EntryPoint, entry_points
from importlib.util import find_spec
from pathlib import Path
from typing import Any

FURTHER = "purecheck.claims"
"""Each entry point of this group names a module with the tuples `CLAIMS` and `CHECKS`."""


class PackageError(ValueError):
    """Claims of another package that cannot be used; one line that names the entry point."""


def further() -> tuple[EntryPoint, ...]:
    """The entry points of the group, in the order of their names."""
    return tuple(sorted(entry_points(group=FURTHER), key=lambda one: (one.name, one.value)))


def load(entry: EntryPoint) -> Any:
    """The module of an entry point.

    Raises
    ------
    PackageError
        If it cannot be imported, or has no `CLAIMS` and `CHECKS`.
    """
    try:
        module = entry.load()
    except Exception as problem:  # whatever code of another package raises
        raise PackageError(
            f"{described(entry)} cannot be imported: {type(problem).__name__}: {problem}; "
            "expected a module with CLAIMS and CHECKS (repair or uninstall the package)"
        ) from problem
    missing = [name for name in ("CLAIMS", "CHECKS") if not isinstance(getattr(module, name, None), tuple)]
    if missing:
        raise PackageError(f"{described(entry)} has no tuple {' and no tuple '.join(missing)}; expected both")
    return module


def described(entry: EntryPoint) -> str:
    """An entry point for readers."""
    return f"entry point {entry.name} = {entry.value!r} of the group {FURTHER}"


def state() -> bytes:
    """A hash of the sources of all packages of the group, which changes if what they state may have changed."""
    found = hashlib.sha256()
    for entry in further():
        found.update(f"{entry.name}\0{entry.value}\0".encode())
        for path in _sources(entry.module.partition(".")[0]):
            found.update(str(path).encode() + b"\0" + path.read_bytes() + b"\0")
    return found.digest()


def _sources(package: str) -> Iterator[Path]:
    spec = find_spec(package)
    for folder in (spec and spec.submodule_search_locations) or ():
        yield from sorted(Path(folder).rglob("*.py"))
    if spec and spec.origin and not spec.submodule_search_locations:
        yield Path(spec.origin)
