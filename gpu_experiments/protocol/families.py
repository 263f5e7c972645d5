"""The kinds of encoders in the protocol, each with arrays that pass from stage to stage and a model to attack."""

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
    """The interface that the protocol requires of the encoder of a run."""

    def pretrained(
        self, images: Images, backend: Backend, folder: Path, progress: Callable[[int, int], None]
    ) -> dict[str, npt.NDArray[Any]]:
        """Return the arrays of the pre-trained model, continuing from its checkpoint in `folder` if there is one.

        The entry ``overfitted`` says whether catastrophic overfitting ended training, if that was monitored.
        """
        ...

    def under_head(
        self, encoder: Arrays, images: Images, classes: int, backend: Backend, folder: Path
    ) -> dict[str, npt.NDArray[Any]]:
        """Return the arrays of the pre-trained model under the head of the run, trained on `images`.

        The entry ``excess`` bounds how far the objective of a clean head lies above its minimum; it is NaN for other
        heads.
        """
        ...

    def model(self, arrays: Arrays, backend: Backend) -> ImageModel:
        """Return the model with these arrays; other arrays are ignored."""
        ...

    def architecture(self) -> dict[str, Scalar]:
        """Return what is needed to rebuild the encoder."""
        ...

    def filters(self, model: Any) -> npt.NDArray[np.floating]:
        """Return the filters of a model of this family on pixels, shape (n, channels, size, size)."""
        ...


_PLACES = {"gated": "gpu_experiments.protocol.gated", "resnet18": "gpu_experiments.protocol.deep"}


def family_of(run: Run) -> Family:
    """Return the family of the encoder of `run`; PyTorch is imported only for a ResNet."""
    return cast(Family, importlib.import_module(_PLACES[run.encoder]).FAMILY(run))
