"""What makes two records comparable, and what makes them the same run."""

import json
from dataclasses import asdict
from hashlib import sha256
from typing import Any

from purecheck.records.run import RunRecord
from purecheck.records.schemas import Record
from purecheck.records.sparse_coding import SparseCodingRecord


def setting(record: Record) -> str:
    """Everything that runs must share to be compared: all of it but the arm of pre-training and the seed.

    Canonical JSON, so that settings can be compared, sorted and counted.
    """
    return _canonical(_shared_to_dict(record))


def identity(record: Record) -> str:
    """Everything that distinguishes a run from all others: its setting, its arm and its seed. Canonical JSON."""
    arm = asdict(record.pretraining) if isinstance(record, RunRecord) else {}
    return _canonical({**_shared_to_dict(record), "arm": arm, "seed": record.seed})


def file_name(record: Record) -> str:
    """The name of the record's file, the same for the same run, another for every other."""
    words: list[str] = ["sparse-coding", record.encoder]
    if isinstance(record, RunRecord):
        training = record.pretraining
        words = [record.encoder, training.objective, training.attack, record.head, record.labels]
    digest = sha256(identity(record).encode()).hexdigest()[:8]
    return f"{'-'.join(words)}-seed{record.seed}-{digest}.json"


def _shared_to_dict(record: Record) -> dict[str, Any]:
    facts = asdict(record)
    names = ["schema", "dataset", "profile", "encoder", "architecture"]
    if isinstance(record, SparseCodingRecord):
        names += ["objective", "dictionary", "method", "patch", "dimension", "atoms", "patches"]
        return {name: facts[name] for name in names}
    names += ["head", "labels", "classes", "norm", "images", "attacks"]
    training = {name: facts["pretraining"][name] for name in ("objective", "epochs", "images")}
    return {**{name: facts[name] for name in names}, "pretraining": training}


def _canonical(facts: dict[str, Any]) -> str:
    return json.dumps(facts, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
