"""The networks whose filters are examined: before training, after clean and after adversarial pre-training."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from gpu_experiments.data import Dataset
from gpu_experiments.models.encoder import PatchEncoder
from gpu_experiments.pretraining.initial import initial_encoder
from gpu_experiments.protocol.encoders import arrays_of, pretrain
from gpu_experiments.protocol.profiles import SIZES, ProtocolSettings, pretraining_of
from gpu_experiments.protocol.run import HeadPlan, ProtocolRun, SuitePlan, digest
from gpu_experiments.protocol.stages import Arrays, Stages
from gpu_experiments.protocol.task import make_task
from numerics.arrays import Floats
from numerics.backend import Backend
from numerics.streams import Streams
from numerics.training.plan import AttackName

ARMS: dict[str, AttackName] = {"clean": "none", "adversarial": "pgd"}
"""Attack in the pre-training of each arm."""


@dataclass(frozen=True, eq=False)
class Networks:
    """Networks with the same initial weights.

    Attributes
    ----------
    initial : PatchEncoder
        The encoder before training, whose preprocessing is that of all.
    filters : dict of str to array, shape (d, H)
        ``W`` of the arms ``initial``, ``clean`` and ``adversarial``.
    runs : dict of str to ProtocolRun
        The training of the last two arms.
    seconds : float
        Duration of training.
    """

    initial: PatchEncoder
    filters: dict[str, Floats]
    runs: dict[str, ProtocolRun]
    seconds: float


def networks(
    settings: ProtocolSettings, dataset: Dataset, seed: int, backend: Backend, work: Path, report: Callable[[str], None]
) -> Networks:
    """Return the networks of a seed; those that `work` contains already, from this or from the protocol, are reused.

    Raises
    ------
    ValueError
        If a file in `work` is broken.
    OSError
        If `work` cannot be written.
    """
    planned = {arm: _run(settings, attack, seed) for arm, attack in ARMS.items()}
    task = make_task(dataset, "same", seed, train_images=settings.train_images, head_images=1, test_images=1)
    plan, streams = pretraining_of(settings, "supervised", "none"), Streams(seed).child("pretraining")
    initial = initial_encoder(plan.encoder, task.pretraining.pixels, streams)
    filters = {"initial": np.asarray(initial.W)}
    fingerprint, seconds = dataset.fingerprint(), 0.0
    for arm, run in planned.items():
        owner = digest([run.pretraining_facts, fingerprint, backend.name])
        stages = Stages(work / owner, owner)

        def make(arm: str = arm, stages: Stages = stages) -> Arrays:
            stages.folder.mkdir(parents=True, exist_ok=True)

            def epoch_done(done: int, total: int) -> None:
                report(f"{arm} pre-training, epoch {done} of {total}")

            checkpoint = stages.folder / "checkpoint.npz"
            plan = pretraining_of(settings, "supervised", ARMS[arm])
            trained = pretrain(plan, task.pretraining, seed, backend, checkpoint, epoch_done)
            return arrays_of(trained.model)

        report(f"{arm} pre-training")
        kept, took = stages.once("encoder", make)
        seconds += took
        filters[arm] = np.asarray(kept["W"], dtype=np.float64)
    return Networks(initial, filters, planned, seconds)


def _run(settings: ProtocolSettings, attack: AttackName, seed: int) -> ProtocolRun:
    """Return the run of the protocol with this pre-training; its head and attack suite are not used."""
    return ProtocolRun(
        profile=settings.name,
        pretraining=pretraining_of(settings, "supervised", attack),
        train_images=settings.train_images,
        head=HeadPlan(images=settings.head_images),
        suite=SuitePlan(images=settings.test_images, sizes=SIZES, specs=()),
        seed=seed,
    )
