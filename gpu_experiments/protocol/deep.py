"""ResNet-18 in the protocol; needs PyTorch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from gpu_experiments.data import Images
from gpu_experiments.protocol.run import Run
from gpu_experiments.protocol.stages import Arrays
from gpu_experiments.resnet.backend import TorchBackend
from gpu_experiments.resnet.heads import HeadTraining, clean_head
from gpu_experiments.resnet.model import ResNetModel
from gpu_experiments.resnet.network import ResNet18
from gpu_experiments.resnet.plan import ResNetPretraining
from gpu_experiments.resnet.pretraining import pretrain_resnet
from numerics.backend import Backend, to_numpy
from numerics.streams import Streams
from purecheck.records.fields import Scalar

_CHECKPOINT = "checkpoint.safetensors"


@dataclass(frozen=True)
class Deep:
    """The family of `ResNetModel`."""

    run: Run

    @property
    def plan(self) -> ResNetPretraining:
        """The plan of pre-training."""
        if not isinstance(self.run.pretraining, ResNetPretraining):
            raise TypeError(f"pretraining is a {type(self.run.pretraining).__name__}; expected that of a ResNet")
        return self.run.pretraining

    def pretrained(
        self, images: Images, backend: Backend, folder: Path, progress: Callable[[int, int], None]
    ) -> dict[str, npt.NDArray[Any]]:
        """Return the arrays of the pre-trained model, and whether the guard ended training."""
        streams, place = Streams(self.run.seed).child("pretraining"), _torch(backend)
        found = pretrain_resnet(self.plan, images, streams, place, checkpoint=folder / _CHECKPOINT, progress=progress)
        arrays = _arrays_of(found.network)
        return {**arrays, "overfitted": np.asarray(found.overfitted)} if self.plan.strides else arrays

    def under_head(
        self, encoder: Arrays, images: Images, classes: int, backend: Backend, folder: Path
    ) -> dict[str, npt.NDArray[Any]]:
        """Return the arrays of the pre-trained model under the head of the run."""
        run, model, excess, place = self.run, self.model(encoder, backend), np.nan, _torch(backend)
        if run.head_kind != "pretrained":
            model, excess = clean_head(model, images, classes, run.head.ridge, run.head.most_steps, place)
        if run.head_kind in ("adversarial", "finetune"):
            model, excess = self._trained(model, images, place, folder / _CHECKPOINT), np.nan
        return {**_arrays_of(model.network), "excess": np.asarray(excess)}

    def model(self, arrays: Arrays, backend: Backend) -> ResNetModel:
        """Return the model with these arrays."""
        place = _torch(backend).place
        weights = {
            name.removeprefix("network/"): torch.tensor(x) for name, x in arrays.items() if name.startswith("network/")
        }
        network = ResNet18(self.plan.width, len(weights["head.bias"]))
        network.load_state_dict(weights)
        return ResNetModel(network.to(place))

    def architecture(self) -> dict[str, Scalar]:
        """Return what is needed to rebuild the encoder, and how its training differs from that of others."""
        plan = self.plan
        return {
            "width": plan.width,
            "features": plan.features,
            "batch": plan.batch,
            "learning_rate": plan.learning_rate,
            "weight_decay": plan.weight_decay,
            "schedule": plan.schedule,
            "precision": plan.precision,
            "held_out": plan.held_out,
        }

    def filters(self, model: ResNetModel) -> npt.NDArray[np.floating]:
        """Return the filters of the stem, shape (width, channels, 3, 3)."""
        return to_numpy(model.network.stem[0].weight.detach())

    def _trained(self, start: ResNetModel, images: Images, place: TorchBackend, checkpoint: Path) -> ResNetModel:
        run, head = self.run, self.run.head
        training = HeadTraining(
            plan=self.plan, epochs=head.epochs, learning_rate=head.learning_rate, checkpoint=checkpoint
        )
        streams = Streams(run.seed).child(run.head_kind)
        if run.head_kind == "finetune":
            return training.fine_tuned(start, images, streams, place)
        return training.adversarial_head(start, images, run.suite.sizes[0], streams, place)


def _torch(backend: Backend) -> TorchBackend:
    if not isinstance(backend, TorchBackend):
        raise TypeError(f"backend is {backend.name}; expected PyTorch's")
    return backend


def _arrays_of(network: ResNet18) -> dict[str, npt.NDArray[Any]]:
    return {f"network/{name}": to_numpy(x) for name, x in network.state_dict().items()}


FAMILY = Deep
