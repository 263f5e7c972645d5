"""The loop of a training run: epochs, updates, the guard against catastrophic overfitting, checkpoints."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import torch
from torch import Tensor

from gpu_experiments.resnet.checkpoint import History, ResNetCheckpoint, load, save
from gpu_experiments.resnet.learner import Learner, Part
from gpu_experiments.resnet.network import ResNet18
from gpu_experiments.resnet.objectives import ResNetObjective
from gpu_experiments.resnet.plan import ResNetPretraining
from gpu_experiments.resnet.schedule import rate
from gpu_experiments.resnet.training_attack import attacked_images
from gpu_experiments.stored import CheckpointFile
from numerics.projected_ascent import pgd_lengths
from numerics.streams import Streams

Progress: TypeAlias = Callable[[int, int], None]

_WATCHING = 10
"""Steps of the PGD by which robustness on held-out images is monitored: E. Wong et al. (2020) use five."""


@dataclass(frozen=True, eq=False)
class TrainedResNet:
    """A network after training.

    Attributes
    ----------
    network : ResNet18
    history : dict
        As in `ResNetCheckpoint`.
    overfitted : bool
        Whether the guard ended training early; the network is then that of the epoch before.
    """

    network: ResNet18
    history: History
    overfitted: bool


def train(
    network: ResNet18,
    plan: ResNetPretraining,
    objective: ResNetObjective,
    streams: Streams,
    *,
    part: Part = "all",
    checkpoint: CheckpointFile | None = None,
    progress: Progress | None = None,
) -> TrainedResNet:
    """Return `network` trained in place by `plan`, going on from the `checkpoint` if its file exists.

    Parameters
    ----------
    network : ResNet18
        Before training, on its device.
    plan : ResNetPretraining
    objective : ResNetObjective
    streams : Streams
        Those that random starts come from.
    part : {"all", "head"}
        What is trained.
    checkpoint : CheckpointFile, optional
        Without one nothing is kept.
    progress : callable, optional
        Called with the number of finished epochs and the number of all epochs.
    """
    learner = Learner(network, plan, part)
    reached = ResNetCheckpoint(learner.tensors(), {"loss": (), "accuracy": (), "held_out": ()}, False)
    if checkpoint is not None and checkpoint.path.exists():
        reached = load(checkpoint.path, checkpoint.owner)
        learner.go_back(reached.tensors)
    with torch.backends.cudnn.flags(benchmark=True):
        while reached.epochs < plan.epochs and not reached.overfitted:
            reached = _after_epoch(learner, objective, streams, reached)
            if checkpoint is not None:
                save(checkpoint.path, reached, checkpoint.owner)
            if progress is not None:
                progress(reached.epochs, plan.epochs)
    network.eval().requires_grad_(False)
    return TrainedResNet(network, reached.history, reached.overfitted)


def has_overfitted(held_out: tuple[float, ...], largest_drop: float) -> bool:
    """Return whether the last of the shares is lower than the largest before it by more than `largest_drop`."""
    return len(held_out) > 1 and held_out[-1] < max(held_out[:-1]) - largest_drop


def _after_epoch(
    learner: Learner, objective: ResNetObjective, streams: Streams, reached: ResNetCheckpoint
) -> ResNetCheckpoint:
    plan, epoch = learner.plan, reached.epochs
    sums = torch.zeros(2, dtype=torch.float64, device=learner.device)
    rng = _generator(learner.device, streams.child(f"epoch {epoch}"))
    for step, batch in enumerate(objective.batches(epoch), epoch * objective.updates):
        now = rate(plan.learning_rate, plan.schedule, step, plan.epochs * objective.updates)
        sums += learner.update(objective, batch, now, rng)
    loss, accuracy = (sums / (objective.updates * plan.batch)).tolist()
    new = {"loss": loss, "accuracy": accuracy, "held_out": _held_out(learner, objective, streams)}
    history = {name: (*reached.history[name], value) for name, value in new.items()}
    if plan.strides and has_overfitted(history["held_out"], plan.largest_drop):
        learner.go_back(reached.tensors)
        return ResNetCheckpoint(reached.tensors, history, True)
    return ResNetCheckpoint(learner.tensors(), history, False)


def _held_out(learner: Learner, objective: ResNetObjective, streams: Streams) -> float:
    """Return the share of held-out images that the network is right on, under PGD where training is attacked."""
    plan, network, batch = learner.plan, learner.network.eval(), objective.held_out()
    strides = pgd_lengths(plan.eps, _WATCHING) if plan.strides else ()
    rng = _generator(learner.device, streams.child("held out"))
    points = attacked_images(objective.ascent(network, batch), batch.x, strides, plan.ball, rng)
    with torch.no_grad():
        right: Tensor = objective.judged(network, batch, points)[1]
    return int(right.sum()) / len(right)


def _generator(device: torch.device, streams: Streams) -> torch.Generator:
    """Return a generator on `device` for random starts, seeded by the stream "starts"."""
    return torch.Generator(device).manual_seed(int(streams.generator("starts").integers(2**63)))
