"""Files that are either whole or not there: written beside their place, then moved into it."""

import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def as_json(facts: Any) -> str:
    """`facts` as JSON text that ends its last line.

    Raises
    ------
    ValueError
        If a number is not finite.
    """
    return json.dumps(facts, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def write_whole(path: Path, text: str | bytes) -> None:
    """Write `text` to `path` in one step: a reader sees the old file or the new one, never a part.

    Raises
    ------
    OSError
        If the folder of `path` does not exist or cannot be written.
    """
    write_all(path.parent, {path.name: text})


def write_all(folder: Path, texts: Mapping[str, str | bytes]) -> None:
    """Write several files below `folder`, each in one step, after all of them are on the disk.

    Parameters
    ----------
    folder
        An existing folder; other files in it are left alone.
    texts
        Relative path to content, text or bytes, moved into place in this order.

    Raises
    ------
    OSError
        If `folder` does not exist or cannot be written.
    """
    staging = Path(tempfile.mkdtemp(prefix=".writing-", dir=folder))
    try:
        for name, text in texts.items():
            _write_synced(staging / name, text)
        for name in texts:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            os.replace(staging / name, folder / name)
    finally:
        shutil.rmtree(staging)


def _write_synced(path: Path, text: str | bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.write(text.encode("utf-8") if isinstance(text, str) else text)
        file.flush()
        os.fsync(file.fileno())
