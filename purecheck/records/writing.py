"""Writing records: whole or not at all, and never one that could not be read again."""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from purecheck.io.files import as_json, as_npz, write_all
from purecheck.records.filters import require_filters
from purecheck.records.identity import file_name
from purecheck.records.reading import parse_record
from purecheck.records.schemas import Record


def write_record(record: Record, folder: Path, arrays: Mapping[str, NDArray[np.generic]] | None = None) -> Path:
    """Write `record` into `folder`, in the place of an earlier one of the same run, and return the path.

    Parameters
    ----------
    record
        What was measured.
    folder
        Made if it does not exist; other files there are left alone.
    arrays
        What the file `record.filters` is to hold, by name as in `ARRAYS`; given where `record.filters` is.

    Raises
    ------
    ValueError
        If a field is ill-typed, out of range or not finite, only one of `record.filters` and `arrays` is given, or
        these are not what such a record promises.
    OSError
        If `folder` cannot be written.
    """
    if (record.filters is None) != (arrays is None):
        raise ValueError(f"filters is {record.filters!r}; expected a name if there are arrays, and only then")
    text = as_json(asdict(record))
    parse_record(text)
    texts: dict[str, str | bytes] = {}
    if record.filters is not None and arrays is not None:
        require_filters(record.schema, arrays)
        texts[record.filters] = as_npz(arrays, compressed=True)
    texts[file_name(record)] = text
    folder.mkdir(parents=True, exist_ok=True)
    write_all(folder, texts)
    return folder / file_name(record)
