"""Contrastive pre-training: two views of one image are similar, views of two images are not (paper, section 5).

The loss of a pair is ``log(1 + exp(-y g(x)^T g(x')))``, claims C, with ``g`` the encoder under a linear map. Every
entry of a batch is one pair, similar or not with probability 1/2 each; an attack moves its first view.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from array_api_compat import array_namespace

from gpu_experiments.data.images import Images
from gpu_experiments.models.classifier import PatchClassifier
from gpu_experiments.pretraining.epochs import EpochImages
from gpu_experiments.pretraining.loop import Batch, Pretrained, Progress
from gpu_experiments.pretraining.objective import ImageObjective
from gpu_experiments.pretraining.plan import ContrastivePretraining
from gpu_experiments.pretraining.step import StepSums, added, attacked, how_many
from numerics.backend import Array, Backend
from numerics.contrastive.attacks import PairAttack
from numerics.contrastive.loss import sigmoid, softplus
from numerics.streams import Streams


def pretrain_contrastive(
    plan: ContrastivePretraining,
    images: Images,
    streams: Streams,
    backend: Backend,
    *,
    checkpoint: Path | None = None,
    progress: Progress | None = None,
) -> Pretrained:
    """Return the model trained on pairs of `images`, whose labels it does not read, with its history.

    Parameters
    ----------
    plan : ContrastivePretraining
        The model, the attack and the optimiser.
    images : Images
        Training images, at least two.
    streams, backend, checkpoint, progress
        As in `pretrain_supervised`.

    Raises
    ------
    ValueError
        If there are fewer than two images, or the checkpoint belongs to another configuration.
    """
    if len(images) < 2:
        raise ValueError(f"images has {len(images)} images; expected at least two, to pair them")
    objective = ContrastiveObjective(plan, images, streams, backend)
    return objective.pretrained(plan.embedding, checkpoint, progress)


@dataclass(frozen=True, eq=False)
class ContrastiveObjective(ImageObjective):
    """The contrastive loss of pairs of views, the first view of each at the point that its attack reached."""

    plan: ContrastivePretraining

    @property
    def images(self) -> int:
        """Two images in an entry."""
        return 2

    def batches(self, epoch: int) -> Iterator[Batch]:
        """Yield first views, the starts of their attacks, second views, and ``y``: 1 for similar pairs, else -1."""
        streams = self.streams.child(f"epoch {epoch}")
        here = EpochImages(self.plan, self.data.pixels, streams, self.backend)
        similarity, others = streams.generator("similarity"), streams.generator("others")
        for chosen in here.orders():
            similar = similarity.random(len(chosen)) < 0.5
            # Any other image: a step of 1 to n - 1 from the image itself.
            step = others.integers(1, len(self.data), len(chosen))
            partner = np.where(similar, chosen, (chosen + step) % len(self.data))
            y = self.backend.asarray(np.where(similar, 1.0, -1.0), self.plan.dtype)
            x = here.view("first", chosen)
            yield x, self._start(here, x, y), here.view("second", partner), y

    def sums(self, model: PatchClassifier, *part: Array) -> StepSums:
        """Return losses and gradients of a part of a batch."""
        x, start, partners, y = part
        xp = array_namespace(x)
        second = model.at(partners)

        # The slope of the loss is left out, since it may underflow; a pair that is not attacked has no direction.
        ascent = -(y * self._attacked(y))[:, None] * second.logits
        first = attacked(model, x, start, lambda _: ascent, self.plan.ball, self.plan.strides)
        score = xp.vecdot(first.logits, second.logits)
        weight = (-y * sigmoid(-y * score))[:, None]
        gradients = added(
            first.parameter_gradients(weight * second.logits), second.parameter_gradients(weight * first.logits)
        )
        return StepSums(gradients, float(xp.sum(softplus(-y * score))), how_many(y * score > 0))

    def _attacked(self, y: Array) -> Array:
        """Return 1 for the pairs that the attack moves and 0 for the others, shape (n,)."""
        targets = self.plan.attacked_pairs if self.plan.strides else "none"
        return PairAttack(self.plan.norm, self.plan.eps, targets).chosen(y)

    def _start(self, here: EpochImages, x: Array, y: Array) -> Array:
        chosen = self._attacked(y)[:, None, None, None]
        return array_namespace(x).where(chosen > 0, here.start(x), x)
