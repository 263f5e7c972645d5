"""Heads on a ResNet: a clean one on frozen features, and those with which it is compared."""

from __future__ import annotations

import copy
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from gpu_experiments.data import Images
from gpu_experiments.heads import logistic_head, scaled
from gpu_experiments.resnet.backend import TorchBackend
from gpu_experiments.resnet.checkpoint import configuration
from gpu_experiments.resnet.images import DeviceImages
from gpu_experiments.resnet.learner import Part
from gpu_experiments.resnet.model import ResNetModel
from gpu_experiments.resnet.objectives import Supervised
from gpu_experiments.resnet.plan import ResNetPretraining
from gpu_experiments.resnet.training import Run, train
from numerics.streams import Streams

_SECTION = 1000  # images whose pixels are floating-point numbers at a time


def features_of(model: ResNetModel, pixels: npt.NDArray[np.uint8], backend: TorchBackend) -> Tensor:
    """Return the features of images `pixels` (n, 3, size, size), shape (n, F), on `backend`."""
    parts = [pixels[start : start + _SECTION] for start in range(0, len(pixels), _SECTION)]
    return torch.cat([model.features(backend.asarray(part, "float32") / 255) for part in parts])


def clean_head(
    model: ResNetModel, images: Images, classes: int, ridge: float, most_steps: int, backend: TorchBackend
) -> tuple[ResNetModel, float]:
    """Return the encoder of `model` under a new logistic head on clean features, and the excess of its objective.

    The parameters are those of `gpu_experiments.heads.logistic_head`.
    """
    features = scaled(features_of(model, images.pixels, backend))
    head = logistic_head(features, backend.asarray(images.labels), classes, ridge, most_steps)
    network = copy.deepcopy(model.network)
    network.head = nn.Linear(head.C.shape[0], classes, device=head.C.device)
    network.head.weight.data.copy_(head.C.T)
    network.head.bias.data.copy_(head.c0)
    return ResNetModel(network), head.excess


@dataclass(frozen=True, kw_only=True)
class HeadTraining:
    """The plan of training a head, beginning at the clean one.

    Attributes
    ----------
    plan : ResNetPretraining
        The plan of pre-training, whose batch, precision and augmentation are kept.
    epochs : int
    learning_rate : float
        The largest rate.
    checkpoint : Path, optional
        File that is written after every epoch, and from which a run continues.
    """

    plan: ResNetPretraining
    epochs: int
    learning_rate: float
    checkpoint: Path | None = None

    def adversarial_head(
        self, start: ResNetModel, images: Images, eps: float, streams: Streams, backend: TorchBackend
    ) -> ResNetModel:
        """Return `start` after its head alone was trained on images attacked by FGM of size `eps`."""
        return self._trained(start, images, replace(self._supervised, attack="fgm", eps=eps), "head", streams, backend)

    def fine_tuned(self, start: ResNetModel, images: Images, streams: Streams, backend: TorchBackend) -> ResNetModel:
        """Return `start` after encoder and head were trained on clean images."""
        return self._trained(start, images, self._supervised, "all", streams, backend)

    @property
    def _supervised(self) -> ResNetPretraining:
        """Clean training on labels."""
        return replace(
            self.plan,
            objective="supervised",
            attack="none",
            eps=0.0,
            epochs=self.epochs,
            learning_rate=self.learning_rate,
        )

    def _trained(
        self,
        start: ResNetModel,
        images: Images,
        plan: ResNetPretraining,
        part: Part,
        streams: Streams,
        backend: TorchBackend,
    ) -> ResNetModel:
        network = copy.deepcopy(start.network)
        owner = configuration(plan, images, streams, part, backend.place.type)
        run = Run(self.checkpoint, owner) if self.checkpoint else None
        held_out, rest = DeviceImages.of(images, backend.place).split(plan.held_out)
        objective = Supervised(plan, rest, held_out, streams)
        return ResNetModel(train(network, plan, objective, streams, part=part, run=run).network)
