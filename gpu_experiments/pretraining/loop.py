"""The loop that every pre-training run shares: epochs, updates, checkpoints."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from math import ceil
from pathlib import Path
from typing import Protocol

from gpu_experiments.chunks import map_chunks
from gpu_experiments.models.classifier import PatchClassifier
from gpu_experiments.pretraining.checkpoint import Checkpoint, History, load, save
from gpu_experiments.pretraining.plan import PretrainingPlan
from gpu_experiments.pretraining.step import StepSums, total
from numerics.backend import Array, Backend
from numerics.optimisers import scheduled_rate

Progress = Callable[[int, int], None]
Batch = tuple[Array, ...]


@dataclass(frozen=True)
class Pretrained:
    """A pre-trained model.

    Attributes
    ----------
    model : PatchClassifier
        The encoder under the head, or the embedding, that it was trained with.
    history : dict
        Mean ``loss`` and ``accuracy`` of every epoch, at the attacked images.
    """

    model: PatchClassifier
    history: History


class Objective(Protocol):
    """A training loss, and the batches that it is computed on."""

    @property
    def images(self) -> int:
        """The number of images in one entry of a batch."""
        ...

    @property
    def entries(self) -> int:
        """The number of entries in an epoch."""
        ...

    def batches(self, epoch: int) -> Iterator[Batch]:
        """Yield the batches of an epoch: arrays with the entries along the first axis."""
        ...

    def sums(self, model: PatchClassifier, *part: Array) -> StepSums:
        """Return losses and gradients of a part of a batch."""
        ...


@dataclass(frozen=True)
class Run:
    """Where a run keeps its checkpoint, and the configuration that the checkpoint belongs to."""

    path: Path
    owner: str


def pretrain(
    plan: PretrainingPlan,
    model: PatchClassifier,
    objective: Objective,
    backend: Backend,
    run: Run | None,
    progress: Progress | None,
) -> Pretrained:
    """Return `model` trained by `plan`, going on from the checkpoint of `run` where there is one.

    Parameters
    ----------
    plan : PretrainingPlan
    model : PatchClassifier
        Before training, on `backend`.
    objective : Objective
    backend : Backend
    run : Run, optional
        Without one nothing is kept.
    progress : callable, optional
        Called with the number of finished epochs and the number of all epochs.
    """
    if run is not None and run.path.exists():
        reached = load(run.path, run.owner, backend)
    else:
        parameters = model.parameters
        reached = Checkpoint(parameters, plan.optimiser.initial_state(parameters), {"loss": (), "accuracy": ()})
    while reached.epochs < plan.epochs:
        reached = _after_epoch(plan, model, objective, reached)
        if run is not None:
            save(run.path, reached, run.owner)
        if progress is not None:
            progress(reached.epochs, plan.epochs)
    return Pretrained(model.with_parameters(reached.parameters), reached.history)


def _after_epoch(
    plan: PretrainingPlan, model: PatchClassifier, objective: Objective, reached: Checkpoint
) -> Checkpoint:
    parameters, state = reached.parameters, reached.state
    updates = ceil(objective.entries / plan.batch)
    step, steps = reached.epochs * updates, plan.epochs * updates
    chunk = max(1, model.chunk // objective.images)
    loss = right = entries = 0.0
    for batch in objective.batches(reached.epochs):
        here = partial(objective.sums, model.with_parameters(parameters))
        sums, n = total(map_chunks(here, chunk, *batch)), batch[0].shape[0]
        gradients = {name: g / n for name, g in sums.gradients.items()}
        rate = scheduled_rate(plan.learning_rate, plan.schedule, step, steps)
        parameters, state = plan.optimiser.update(parameters, gradients, state, rate, step)
        loss, right, entries, step = loss + sums.loss, right + sums.right, entries + n, step + 1
    history = {
        "loss": (*reached.history["loss"], loss / entries),
        "accuracy": (*reached.history["accuracy"], right / entries),
    }
    return Checkpoint(parameters, state, history)
