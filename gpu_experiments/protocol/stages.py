"""Stages of a run, each kept on the disk once it is done: a run that is killed goes on at the stage it was in."""

from __future__ import annotations

import io
import time
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from purecheck.files import write_whole

Arrays = Mapping[str, npt.NDArray[Any]]


class StageError(ValueError):
    """A file of a stage is broken, or belongs to another configuration."""


@dataclass(frozen=True)
class Stages:
    """A folder with the results of stages of one configuration.

    Attributes
    ----------
    folder : Path
    owner : str
        Hash of the configuration that they belong to.
    """

    folder: Path
    owner: str

    def once(self, name: str, make: Callable[[], Arrays]) -> tuple[Arrays, float]:
        """Return the arrays of a stage and the seconds that it took, from the disk where it was done before.

        Parameters
        ----------
        name : str
            Of the stage.
        make : callable
            Does the work.

        Raises
        ------
        StageError
            If the file of the stage is broken, or belongs to another configuration.
        OSError
            If it cannot be read or written.
        """
        path = self.folder / f"{name}.npz"
        if not path.exists():
            started = time.perf_counter()
            arrays = make()
            self._keep(path, arrays, time.perf_counter() - started)
        return self._read(path)

    def _keep(self, path: Path, arrays: Arrays, seconds: float) -> None:
        file = io.BytesIO()
        np.savez(file, allow_pickle=False, _owner=np.asarray(self.owner), _seconds=np.asarray(seconds), **arrays)
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, file.getvalue())

    def _read(self, path: Path) -> tuple[Arrays, float]:
        try:
            with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as file:
                arrays = dict(file)
            owner, seconds = str(arrays.pop("_owner")), float(arrays.pop("_seconds"))
        except (zipfile.BadZipFile, ValueError, EOFError, KeyError) as problem:
            raise StageError(
                f"{path} is no stage of a run ({problem}); expected it whole, or move it away"
            ) from problem
        if owner != self.owner:
            raise StageError(f"{path} belongs to the configuration {owner}; expected {self.owner}, or move it away")
        return arrays, seconds
