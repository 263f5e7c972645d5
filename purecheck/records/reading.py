"""Reading records strictly: a file that is not exactly a record is refused in one line that names it."""

import re
from dataclasses import dataclass
from pathlib import Path

from purecheck.io.strict_json import parse_json, read_text
from purecheck.io.untrusted import Arrays, read_npz
from purecheck.records.filters import require_filters
from purecheck.records.identity import identity
from purecheck.records.schemas import SCHEMAS, Record, to_record

_OTHER_FILE = re.compile(r"purecheck-(?!(run|sparse-coding)/)[a-z-]+/[0-9]+")
"""Schemas of what else the suite writes, and may lie among the records."""

_LARGEST_RECORD = 2**18
"""Characters; the longest that the suite has written has 8 thousand."""


@dataclass(frozen=True)
class Stored:
    """A record and the file that holds it."""

    record: Record
    path: Path

    def arrays(self) -> Arrays:
        """The arrays of the file that `record.filters` names, by name; none where it names none.

        Raises
        ------
        ValueError
            If the file is missing or broken, or holds other arrays than those that the record promises.
        """
        if self.record.filters is None:
            return {}
        found = read_npz(self.path.parent / self.record.filters)
        require_filters(self.record.schema, found)
        return found


def load_records(folder: Path) -> list[Stored]:
    """Every record below `folder`, in the order of their paths; reports and other files of the suite are passed over.

    Raises
    ------
    ValueError
        If a JSON file there is no record, two hold the same run, or the arrays beside a record are not as promised.
    OSError
        If `folder` or a file cannot be read.
    """
    found: dict[str, Stored] = {}
    for path in sorted(folder.rglob("*.json")):
        if any(part.startswith(".") for part in path.relative_to(folder).parts):
            continue
        stored = _read(path)
        if stored is None:
            continue
        first = found.setdefault(identity(stored.record), stored)
        if first.path != path:
            raise ValueError(f"{path}: holds the same run as {first.path}; expected every run once")
    return list(found.values())


def parse_record(text: str) -> Record | None:
    """The record that `text` holds; None where it is another file of the suite.

    Raises
    ------
    ValueError
        If it is neither.
    """
    facts = parse_json(text)
    name = facts.get("schema") if isinstance(facts, dict) else None
    if isinstance(name, str) and _OTHER_FILE.fullmatch(name):
        return None
    if not isinstance(name, str) or name not in SCHEMAS:
        raise ValueError(f"schema is {repr(name)[:80]}; expected one of {', '.join(SCHEMAS)}")
    if len(text) > _LARGEST_RECORD:
        raise ValueError(f"{len(text)} characters; expected a record of at most {_LARGEST_RECORD}")
    return to_record(text, facts, name)


def _read(path: Path) -> Stored | None:
    try:
        record = parse_record(read_text(path))
        if record is None:
            return None
        stored = Stored(record, path)
        stored.arrays()
        return stored
    except ValueError as problem:
        raise ValueError(f"{path}: {' '.join(str(problem).split())}") from problem
