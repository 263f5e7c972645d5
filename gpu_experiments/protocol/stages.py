"""Stages of a run, each kept on disk once it is done: a run that is killed continues at its last stage."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from gpu_experiments.stored import BrokenFileError, stored_arrays
from numerics.divergence import DivergedError
from purecheck.io.files import as_npz, write_whole

Arrays = Mapping[str, npt.NDArray[Any]]


@dataclass(frozen=True)
class Stages:
    """A folder with the results of stages of one configuration.

    Attributes
    ----------
    folder : Path
    owner : str
        Hash of the configuration to which they belong.
    """

    folder: Path
    owner: str

    def once(self, name: str, make: Callable[[], Arrays]) -> tuple[Arrays, float]:
        """Return the arrays of a stage and the seconds that it took, from disk if it was done before.

        Parameters
        ----------
        name : str
            Name of the stage.
        make : callable
            Does the work.

        Raises
        ------
        BrokenFileError
            If the file of the stage is broken, or belongs to another configuration.
        DivergedError
            If an array is not finite; it is not kept, since it would not be evidence.
        OSError
            If it cannot be read or written.
        """
        path = self.folder / f"{name}.npz"
        if not path.exists():
            started = time.perf_counter()
            arrays = make()
            _expect_finite(name, arrays)
            self._keep(path, arrays, time.perf_counter() - started)
        return self._read(path)

    def _keep(self, path: Path, arrays: Arrays, seconds: float) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        about = {"_owner": np.asarray(self.owner), "_seconds": np.asarray(seconds)}
        write_whole(path, as_npz({**about, **arrays}))

    def _read(self, path: Path) -> tuple[Arrays, float]:
        arrays = stored_arrays(path, "stage of a run")
        try:
            owner, seconds = str(arrays.pop("_owner")), float(arrays.pop("_seconds"))
        except (KeyError, ValueError, TypeError) as problem:
            raise BrokenFileError(f"{path} is no stage of a run; expected it whole, or move it away") from problem
        if owner != self.owner:
            raise BrokenFileError(
                f"{path} belongs to the configuration {owner[:80]!r}; expected {self.owner}, or move it away"
            )
        return arrays, seconds


def _expect_finite(name: str, arrays: Arrays) -> None:
    """Raise an error for an array with entries that are not finite; single numbers may be NaN."""
    for what, array in arrays.items():
        if array.ndim and array.dtype.kind == "f" and not np.all(np.isfinite(array)):
            raise DivergedError(
                f"{name.replace('_', ' ')}: {what} has entries that are not finite; expected images of more than one "
                "colour, and training that does not diverge"
            )
