"""Checkpoints of a training run: one safetensors file that is complete at any moment and names its configuration."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TypeAlias

import safetensors
import safetensors.torch
from torch import Tensor

from gpu_experiments.data import Images
from gpu_experiments.resnet.learner import Part
from gpu_experiments.resnet.plan import ResNetPretraining
from gpu_experiments.stored import BrokenFileError, config_hash
from numerics.streams import Streams
from purecheck.io.files import write_whole

History: TypeAlias = dict[str, tuple[float, ...]]


@dataclass(frozen=True, eq=False)
class ResNetCheckpoint:
    """A run between two epochs.

    Attributes
    ----------
    tensors : dict
        Those of `Learner`.
    history : dict
        ``loss`` and ``accuracy``: means of every epoch at the attacked images. ``held_out``: the share of held-out
        images that the network classifies correctly, under PGD if training is attacked.
    overfitted : bool
        Whether the guard against catastrophic overfitting has ended the run. The last entry of ``held_out`` is then
        that of the overfitted network, while the tensors are those of the epoch before.
    """

    tensors: dict[str, Tensor]
    history: History
    overfitted: bool

    @property
    def epochs(self) -> int:
        """Epochs done."""
        return len(self.history["loss"])


def configuration(plan: ResNetPretraining, images: Images, streams: Streams, part: Part, device: str) -> str:
    """Return a hash of everything that the results of a run depend on, except the versions of libraries."""
    names = ["resnet18", part, device, streams.prefix]
    return config_hash([names, asdict(plan), streams.seed, images.pixels.shape], images)


def save(path: Path, checkpoint: ResNetCheckpoint, owner: str) -> None:
    """Write `checkpoint` of the configuration `owner` to `path`, in one step.

    Raises
    ------
    OSError
        If the folder of `path` does not exist or cannot be written.
    """
    facts = {
        "configuration": owner,
        "history": json.dumps(checkpoint.history),
        "overfitted": str(checkpoint.overfitted),
    }
    write_whole(path, safetensors.torch.save(checkpoint.tensors, metadata=facts))


def load(path: Path, owner: str) -> ResNetCheckpoint:
    """Return the checkpoint in `path`, on the host.

    Raises
    ------
    BrokenFileError
        If the file is not a checkpoint, or belongs to a configuration other than `owner`.
    OSError
        If it cannot be read.
    """
    try:
        with safetensors.safe_open(path, framework="pt") as file:
            facts = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - it is no mapping
    except (safetensors.SafetensorError, OSError) as error:
        raise BrokenFileError(f"{path} is no checkpoint ({error}); move it away to start afresh") from error
    if missing := {"configuration", "history", "overfitted"} - set(facts):
        raise BrokenFileError(f"{path} is no checkpoint (it names no {min(missing)}); move it away to start afresh")
    if facts["configuration"] != owner:
        raise BrokenFileError(
            f"{path} belongs to configuration {facts['configuration']}, not to {owner}; "
            "move it away or choose another file"
        )
    try:
        history = {name: tuple(map(float, values)) for name, values in json.loads(facts["history"]).items()}
    except (ValueError, TypeError, AttributeError) as error:
        raise BrokenFileError(f"{path} is no checkpoint (its history is broken); move it away") from error
    return ResNetCheckpoint(tensors, history, facts["overfitted"] == "True")
