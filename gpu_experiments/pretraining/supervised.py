"""Supervised pre-training: softmax cross-entropy of the encoder under a linear head, clean or under attack."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from array_api_compat import array_namespace

from gpu_experiments.attacks.losses import cotangent, cross_entropy
from gpu_experiments.data.images import Images
from gpu_experiments.models.classifier import PatchClassifier
from gpu_experiments.pretraining.epochs import EpochImages
from gpu_experiments.pretraining.loop import Batch, Pretrained, Progress
from gpu_experiments.pretraining.objective import ImageObjective
from gpu_experiments.pretraining.plan import SupervisedPretraining
from gpu_experiments.pretraining.step import StepSums, attacked, how_many
from numerics.backend import Array, Backend
from numerics.streams import Streams


def pretrain_supervised(
    plan: SupervisedPretraining,
    images: Images,
    streams: Streams,
    backend: Backend,
    *,
    checkpoint: Path | None = None,
    progress: Progress | None = None,
) -> Pretrained:
    """Return the model trained on the labels of `images`, with its history.

    Parameters
    ----------
    plan : SupervisedPretraining
        The model, the attack and the optimiser.
    images : Images
        Training images; labels from 0 to the number of classes minus 1.
    streams : Streams
        All random numbers of the run.
    backend : Backend
        Where to compute; random numbers are drawn on the host and are the same on every backend.
    checkpoint : Path, optional
        File that is written after every epoch; if it exists, the run continues from it.
    progress : callable, optional
        Called with the number of finished epochs and the number of all epochs.

    Raises
    ------
    ValueError
        If there are no images, or the checkpoint belongs to another configuration.
    """
    if not len(images):
        raise ValueError("images is empty; expected at least one image")
    classes = int(images.labels.max()) + 1
    return SupervisedObjective(plan, images, streams, backend).pretrained(classes, checkpoint, progress)


@dataclass(frozen=True, eq=False)
class SupervisedObjective(ImageObjective):
    """The cross-entropy of labelled images, each at the point that its attack reached."""

    plan: SupervisedPretraining

    @property
    def images(self) -> int:
        """One image in an entry."""
        return 1

    def batches(self, epoch: int) -> Iterator[Batch]:
        """Yield augmented images, the starts of their attacks, and labels."""
        here = EpochImages(self.plan, self.data.pixels, self.streams.child(f"epoch {epoch}"), self.backend)
        for chosen in here.orders():
            x = here.view("first", chosen)
            yield x, here.start(x), self.backend.asarray(self.data.labels[chosen])

    def sums(self, model: PatchClassifier, *part: Array) -> StepSums:
        """Return losses and gradients of a part of a batch."""
        x, start, labels = part
        xp = array_namespace(x)

        def slope(logits: Array) -> Array:
            return cotangent("cross_entropy", logits, labels)

        here = attacked(model, x, start, slope, self.plan.ball, self.plan.strides)
        right = how_many(xp.argmax(here.logits, axis=-1) == labels)
        losses = cross_entropy(here.logits, labels)
        return StepSums(here.parameter_gradients(slope(here.logits)), float(xp.sum(losses)), right)
