"""The head of a run: a clean one on frozen features, or one of those with which it is compared."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from gpu_experiments.data import Images
from gpu_experiments.heads import features_of, logistic_head, scaled
from gpu_experiments.models.classifier import PatchClassifier
from gpu_experiments.pretraining.checkpoint import configuration
from gpu_experiments.pretraining.loop import Run as Resumable
from gpu_experiments.pretraining.loop import pretrain
from gpu_experiments.pretraining.plan import PretrainingPlan, SupervisedPretraining
from gpu_experiments.pretraining.step import StepSums
from gpu_experiments.pretraining.supervised import SupervisedObjective
from gpu_experiments.protocol.run import HeadPlan
from numerics.backend import Array, Backend
from numerics.norms import Norm
from numerics.streams import Streams


def clean_head(
    model: PatchClassifier, images: Images, classes: int, plan: HeadPlan, backend: Backend
) -> tuple[PatchClassifier, float]:
    """Return the encoder of `model` under a new logistic head on clean features, and the excess of its objective."""
    features = scaled(features_of(model.encoder, images.pixels, backend))
    head = logistic_head(features, backend.asarray(images.labels), classes, plan.ridge, plan.most_steps)
    return PatchClassifier(model.encoder, head.C, head.c0), head.excess


def adversarial_head(
    start: PatchClassifier,
    images: Images,
    pretraining: PretrainingPlan,
    plan: HeadPlan,
    size: tuple[Norm, float],
    streams: Streams,
    backend: Backend,
    checkpoint: Path,
) -> PatchClassifier:
    """Return `start` after its head alone was trained on images attacked by FGM of this norm and size."""
    norm, eps = size
    training = replace(_training(pretraining, plan), attack="fgm", norm=norm, eps=eps)
    return _trained(FrozenEncoder, start, images, training, streams, backend, checkpoint)


def fine_tuned(
    start: PatchClassifier,
    images: Images,
    pretraining: PretrainingPlan,
    plan: HeadPlan,
    streams: Streams,
    backend: Backend,
    checkpoint: Path,
) -> PatchClassifier:
    """Return `start` after encoder and head were trained on clean images."""
    training = _training(pretraining, plan)
    return _trained(SupervisedObjective, start, images, training, streams, backend, checkpoint)


@dataclass(frozen=True, eq=False)
class FrozenEncoder(SupervisedObjective):
    """The supervised objective of the head alone: the filters have no gradient."""

    def sums(self, model: PatchClassifier, *part: Array) -> StepSums:
        """Return losses and gradients of a part of a batch, zero in the filters."""
        whole = super().sums(model, *part)
        return StepSums({**whole.gradients, "W": 0 * whole.gradients["W"]}, whole.loss, whole.right)


def _training(pretraining: PretrainingPlan, plan: HeadPlan) -> SupervisedPretraining:
    return SupervisedPretraining(
        encoder=pretraining.encoder, epochs=plan.epochs, learning_rate=plan.learning_rate, batch=pretraining.batch
    )


def _trained(
    objective: type[SupervisedObjective],
    start: PatchClassifier,
    images: Images,
    training: SupervisedPretraining,
    streams: Streams,
    backend: Backend,
    checkpoint: Path,
) -> PatchClassifier:
    run = Resumable(checkpoint, configuration(training, images, streams, backend, start.chunk))
    return pretrain(training, start, objective(training, images, streams, backend), backend, run, None).model
