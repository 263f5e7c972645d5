"""The kinds of encoders, each as the protocol uses it: arrays from stage to stage, and a model that is attacked."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol, cast

import numpy as np
import numpy.typing as npt

from gpu_experiments.data import Images
from gpu_experiments.models.interface import ImageModel
from gpu_experiments.protocol.run import Run
from gpu_experiments.protocol.stages import Arrays
from numerics.backend import Backend
from purecheck.records.fields import Scalar


class Family(Protocol):
    """What the protocol requires of the encoder of a run."""

    def pretrained(
        self, images: Images, backend: Backend, folder: Path, progress: Callable[[int, int], None]
    ) -> dict[str, npt.NDArray[Any]]:
        """Return the arrays of the pre-trained model, from its checkpoint in `folder` onwards where there is one.

        ``overfitted`` among them says whether catastrophic overfitting ended training, if that was monitored.
        """
        ...

    def under_head(
        self, encoder: Arrays, images: Images, classes: int, backend: Backend, folder: Path
    ) -> dict[str, npt.NDArray[Any]]:
        """Return the arrays of the pre-trained model under the head of the run, trained on `images`.

        ``excess`` among them is how far the objective of a clean head may lie above its minimum, and no number for
        other heads.
        """
        ...

    def model(self, arrays: Arrays, backend: Backend) -> ImageModel:
        """Return the model with these arrays; others among them are passed over."""
        ...

    def architecture(self) -> dict[str, Scalar]:
        """Return what it takes to build the encoder again."""
        ...

    def filters(self, model: Any) -> npt.NDArray[np.floating]:
        """Return the filters of a model of this family on pixels, shape (n, channels, size, size)."""
        ...


_PLACES = {"gated": "gpu_experiments.protocol.gated", "resnet18": "gpu_experiments.protocol.deep"}


def family_of(run: Run) -> Family:
    """Return the family of the encoder of `run`; PyTorch is imported for a ResNet alone."""
    return cast(Family, importlib.import_module(_PLACES[run.encoder]).FAMILY(run))
