"""What both objectives on images share: the images, the backend, and training from the initial model."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from gpu_experiments.data.images import Images
from gpu_experiments.pretraining.checkpoint import configuration
from gpu_experiments.pretraining.initial import initial_model
from gpu_experiments.pretraining.loop import Objective, Pretrained, Progress, pretrain
from gpu_experiments.pretraining.plan import PretrainingPlan
from gpu_experiments.stored import CheckpointFile
from numerics.backend import Backend
from numerics.streams import Streams


@dataclass(frozen=True, eq=False)
class ImageObjective(Objective):
    """An objective on images, with the plan and the random streams of its run."""

    plan: PretrainingPlan
    data: Images
    streams: Streams
    backend: Backend

    @property
    def entries(self) -> int:
        """Entries of an epoch: one with every image first."""
        return len(self.data)

    def pretrained(self, outputs: int, checkpoint: Path | None, progress: Progress | None) -> Pretrained:
        """Return a model with `outputs` outputs, trained from the start or from `checkpoint`, with its history."""
        model = initial_model(self.plan, self.data.pixels, outputs, self.streams, self.backend)
        owner = configuration(self.plan, self.data, self.streams, self.backend, model.chunk)
        resumed = CheckpointFile(checkpoint, owner) if checkpoint else None
        return pretrain(self.plan, model, self, self.backend, resumed, progress)
