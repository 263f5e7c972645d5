"""Reading records strictly: a file that is not exactly a record is refused in one line that names it."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from purecheck.io.strict_json import parse_json, read_json
from purecheck.io.untrusted import Arrays, read_npz
from purecheck.records import run, sparse_coding
from purecheck.records.filters import require_filters
from purecheck.records.identity import Record, identity
from purecheck.records.run import Attack, Classes, FilterPurity, Pretraining, Robustness, RunRecord
from purecheck.records.schemas import require_schema
from purecheck.records.sparse_coding import (
    Amplitude,
    Dependence,
    Incoherence,
    Participation,
    ParticipationByArm,
    SparseCodingRecord,
    Sparsity,
    Symmetry,
)

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
    return _record(parse_json(text), len(text))


def _record(facts: Any, length: int) -> Record | None:
    name = facts.get("schema") if isinstance(facts, dict) else None
    if isinstance(name, str) and _OTHER_FILE.fullmatch(name):
        return None
    if not isinstance(name, str) or name not in _BUILDERS:
        raise ValueError(f"schema is {repr(name)[:80]}; expected one of {', '.join(_BUILDERS)}")
    if length > _LARGEST_RECORD:
        raise ValueError(f"{length} characters; expected a record of at most {_LARGEST_RECORD}")
    require_schema(facts, name)
    return _BUILDERS[name]({key: value for key, value in facts.items() if key != "schema"})


def _read(path: Path) -> Stored | None:
    try:
        record = _record(read_json(path), path.stat().st_size)
        if record is None:
            return None
        stored = Stored(record, path)
        stored.arrays()
        return stored
    except ValueError as problem:
        raise ValueError(f"{path}: {' '.join(str(problem).split())}") from problem


def _run(facts: Mapping[str, Any]) -> RunRecord:
    classes, purity = facts["classes"], facts.get("purity")
    parts = {
        "pretraining": Pretraining(**facts["pretraining"]),
        "classes": Classes(tuple(classes["pretraining"]), tuple(classes["head"])),
        "attacks": {name: Attack(**details) for name, details in facts["attacks"].items()},
        "by_eps": tuple(Robustness(**rung) for rung in facts.get("by_eps", ())),
        "purity": None if purity is None else FilterPurity(**purity),
    }
    return RunRecord(**{**facts, **parts})


def _sparse_coding(facts: Mapping[str, Any]) -> SparseCodingRecord:
    parts = {
        "sparsity": Sparsity(**facts["sparsity"]),
        "symmetry": Symmetry(**facts["symmetry"]),
        "amplitude": Amplitude(**facts["amplitude"]),
        "dependence": Dependence(**facts["dependence"]),
        "incoherence": Incoherence(**facts["incoherence"]),
        "participation": ParticipationByArm(
            **{arm: Participation(**found) for arm, found in facts["participation"].items()}
        ),
    }
    return SparseCodingRecord(**{**facts, **parts})


_BUILDERS: Mapping[str, Callable[[Mapping[str, Any]], Record]] = {
    run.SCHEMA: _run,
    sparse_coding.SCHEMA: _sparse_coding,
}
