"""Checkpoints of a pre-training run: one file that is complete at any moment and names its configuration."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from gpu_experiments.data.images import Images
from gpu_experiments.pretraining.plan import PretrainingPlan
from gpu_experiments.stored import BrokenFileError, config_hash, stored_arrays
from numerics.backend import Backend, to_numpy
from numerics.optimisers import Parameters, State
from numerics.streams import Streams
from purecheck.io.files import as_npz, write_whole

History = dict[str, tuple[float, ...]]


@dataclass(frozen=True)
class Checkpoint:
    """A run between two epochs.

    Attributes
    ----------
    parameters : dict
        ``W``, ``C`` and ``c0``.
    state : dict
        State of the optimiser.
    history : dict
        Mean ``loss`` and ``accuracy`` of every epoch so far, at the attacked images.
    """

    parameters: Parameters
    state: State
    history: History

    @property
    def epochs(self) -> int:
        """Epochs done."""
        return len(self.history["loss"])


def configuration(plan: PretrainingPlan, images: Images, streams: Streams, backend: Backend, chunk: int) -> str:
    """Return a hash of everything that the results of a run depend on, except the versions of libraries."""
    names = [type(plan).__name__, type(plan.optimiser).__name__, backend.name, streams.prefix]
    return config_hash([names, asdict(plan), streams.seed, chunk, images.pixels.shape], images)


def save(path: Path, checkpoint: Checkpoint, owner: str) -> None:
    """Write `checkpoint` of the configuration `owner` to `path`, in one step.

    Raises
    ------
    OSError
        If the folder of `path` does not exist or cannot be written.
    """
    arrays = {f"parameters/{name}": to_numpy(x) for name, x in checkpoint.parameters.items()}
    for moment, group in checkpoint.state.items():
        arrays |= {f"state/{moment}/{name}": to_numpy(x) for name, x in group.items()}
    arrays |= {f"history/{name}": np.asarray(x) for name, x in checkpoint.history.items()}
    write_whole(path, as_npz({"configuration": np.asarray(owner), **arrays}))


def load(path: Path, owner: str, backend: Backend) -> Checkpoint:
    """Return the checkpoint in `path`, with its arrays on `backend`.

    Raises
    ------
    BrokenFileError
        If the file is not a checkpoint, or belongs to a configuration other than `owner`.
    """
    arrays = stored_arrays(path, "checkpoint")
    if "configuration" not in arrays:
        raise BrokenFileError(f"{path} is no checkpoint (it names no configuration); expected one, or move it away")
    found = str(arrays.pop("configuration"))
    if found != owner:
        raise BrokenFileError(
            f"{path} belongs to another configuration ({found[:80]!r}, not {owner}); expected its own, or move it away"
        )
    groups: dict[str, dict[str, npt.NDArray[np.floating]]] = {}
    for name, x in arrays.items():
        group, _, own = name.rpartition("/")
        groups.setdefault(group, {})[own] = x
    if not {"history", "parameters"} <= groups.keys() or any(x.ndim != 1 for x in groups["history"].values()):
        raise BrokenFileError(f"{path} is no checkpoint (no parameters or history); expected it whole, or move it away")
    history = {name: tuple(x.tolist()) for name, x in groups.pop("history").items()}
    there = {group: {name: backend.asarray(x) for name, x in own.items()} for group, own in groups.items()}
    state = {group.removeprefix("state/"): own for group, own in there.items() if group.startswith("state/")}
    return Checkpoint(there["parameters"], state, history)
