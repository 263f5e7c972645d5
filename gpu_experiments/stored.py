"""Files that a run keeps between its stages, read as strictly as files of others; an error names the file."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from gpu_experiments.data.images import Images
from numerics.backend import select_backend
from numerics.memory import free_bytes
from purecheck.io.untrusted import read_npz

_COPIES = 4  # of what a file holds, while it is read


class BrokenFileError(ValueError):
    """A file that an earlier run kept is broken, or belongs to another configuration."""


@dataclass(frozen=True)
class CheckpointFile:
    """The path of a checkpoint, and the configuration to which the checkpoint belongs."""

    path: Path
    owner: str


def config_hash(facts: Sequence[Any], images: Images) -> str:
    """Return a hash of `facts`, which have the types of JSON, and of every pixel and label: 32 hexadecimal digits."""
    digest = hashlib.blake2b(json.dumps(facts, sort_keys=True).encode(), digest_size=16)
    for part in (images.pixels, images.labels):
        digest.update(np.ascontiguousarray(part).data)
    return digest.hexdigest()


def stored_arrays(path: Path, kind: str) -> dict[str, npt.NDArray[Any]]:
    """Return the arrays of the `.npz` file at `path`, which are writable; `kind` describes the file in messages.

    Raises
    ------
    BrokenFileError
        If it is not such a file, or is larger than the free memory.
    """
    try:
        found = read_npz(path, min(sys.maxsize, free_bytes(select_backend("numpy")) // _COPIES))
    except ValueError as problem:
        raise BrokenFileError(f"{path} is no {kind} ({problem}); expected it whole, or move it away") from problem
    return {name: np.array(array) for name, array in found.items()}
