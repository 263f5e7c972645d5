"""The gated network on patches in the protocol."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from gpu_experiments.data import Images
from gpu_experiments.models.classifier import PatchClassifier
from gpu_experiments.pretraining.plan import ContrastivePretraining, SupervisedPretraining
from gpu_experiments.protocol.encoders import arrays_of, model_of, pretrain
from gpu_experiments.protocol.new_heads import adversarial_head, clean_head, fine_tuned
from gpu_experiments.protocol.run import ProtocolRun
from gpu_experiments.protocol.stages import Arrays
from numerics.backend import Backend, to_numpy
from numerics.streams import Streams
from purecheck.records.fields import Scalar


@dataclass(frozen=True)
class GatedFamily:
    """The family of `PatchClassifier`."""

    run: ProtocolRun

    @property
    def plan(self) -> SupervisedPretraining | ContrastivePretraining:
        """The plan of pre-training."""
        plan = self.run.pretraining
        if not isinstance(plan, SupervisedPretraining | ContrastivePretraining):
            raise TypeError(f"pretraining is a {type(plan).__name__}; expected that of a gated network")
        return plan

    def pretrained(
        self, images: Images, backend: Backend, folder: Path, progress: Callable[[int, int], None]
    ) -> dict[str, npt.NDArray[Any]]:
        """Return the arrays of the pre-trained model."""
        checkpoint = folder / "checkpoint.npz"
        return arrays_of(pretrain(self.plan, images, self.run.seed, backend, checkpoint, progress).model)

    def under_head(
        self, encoder: Arrays, images: Images, classes: int, backend: Backend, folder: Path
    ) -> dict[str, npt.NDArray[Any]]:
        """Return the arrays of the pre-trained model under the head of the run."""
        run, model, excess = self.run, self.model(encoder, backend), np.nan
        if run.head_kind != "pretrained":
            model, excess = clean_head(model, images, classes, run.head, backend)
        if run.head_kind in ("adversarial", "finetune"):
            model, excess = self._trained(model, images, backend, folder / "checkpoint.npz"), np.nan
        return {**arrays_of(model), "excess": np.asarray(excess)}

    def model(self, arrays: Arrays, backend: Backend) -> PatchClassifier:
        """Return the model with these arrays."""
        return model_of(arrays, self.plan.encoder, backend)

    def architecture(self) -> dict[str, Scalar]:
        """Return what is needed to rebuild the encoder."""
        plan = self.plan.encoder
        return {
            "activation": plan.activation,
            "hidden": plan.hidden,
            "patch": plan.grid.patch,
            "stride": plan.grid.stride,
            "pool": plan.pool,
            "threshold": plan.threshold,
            "whitening": plan.whitening,
        }

    def filters(self, model: PatchClassifier) -> npt.NDArray[np.floating]:
        """Return the filters on pixels as small images, shape (H, channels, patch, patch)."""
        grid = model.encoder.grid
        return to_numpy(model.encoder.filters).T.reshape(-1, grid.channels, grid.patch, grid.patch)

    def _trained(self, start: PatchClassifier, images: Images, backend: Backend, checkpoint: Path) -> PatchClassifier:
        run = self.run
        streams, common = Streams(run.seed).child(run.head_kind), (start, images, self.plan, run.head)
        if run.head_kind == "finetune":
            return fine_tuned(*common, streams, backend, checkpoint)
        return adversarial_head(*common, (run.suite.norm, run.suite.sizes[0]), streams, backend, checkpoint)


FAMILY = GatedFamily
