"""A run from its images to its record: pre-training, head and attacks, each stage kept on disk."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import product
from pathlib import Path
from typing import TypeAlias

import numpy as np

from gpu_experiments.attacks.ball import ImageBall, covering_radius
from gpu_experiments.attacks.evaluation import ImageEvaluation, Targets, attacked_margins
from gpu_experiments.data import Dataset
from gpu_experiments.heads import EXCESS
from gpu_experiments.models.interface import ImageModel
from gpu_experiments.protocol.families import family_of
from gpu_experiments.protocol.run import AttackSpec, ProtocolRun, digest
from gpu_experiments.protocol.stages import Arrays, Stages
from gpu_experiments.protocol.task import ImageTask, make_task
from gpu_experiments.stored import BrokenFileError
from numerics.arrays import Floats
from numerics.backend import Backend
from numerics.streams import Streams
from purecheck.io.files import write_whole
from purecheck.io.strict_json import read_json

Report: TypeAlias = Callable[[str], None]
"""Called with a short description of the next stage."""


@dataclass(frozen=True, eq=False)
class Measured:
    """The measurements of a run.

    Attributes
    ----------
    run : ProtocolRun
    task : ImageTask
    model : ImageModel
        The encoder under the head that was attacked.
    evaluations : tuple of ImageEvaluation
        In the order of the run's sizes.
    covered : array
        Margins under an attack that can turn every image into any other.
    head_found : bool or None
        Whether the clean head is within its tolerance of the best one; None for other heads.
    kept_robust : bool or None
        Whether pre-training ended without catastrophic overfitting; None if that was not monitored.
    seconds : dict of str to float
        Duration of each stage.
    """

    run: ProtocolRun
    task: ImageTask
    model: ImageModel
    evaluations: tuple[ImageEvaluation, ...]
    covered: Floats
    head_found: bool | None
    kept_robust: bool | None
    seconds: dict[str, float]


def execute(run: ProtocolRun, dataset: Dataset, backend: Backend, work: Path, report: Report) -> Measured:
    """Return the measurements of `run` on `dataset`; stages that are in the folder `work` are not repeated.

    Raises
    ------
    ValueError
        If the labels do not fit the data.
    BrokenFileError
        If a file in `work` is broken, or belongs to something else.
    OSError, MemoryError
        If there is not enough disk space or memory.
    """
    task = make_task(
        dataset,
        run.labels,
        run.seed,
        train_images=run.train_images,
        head_images=run.head.images,
        test_images=run.suite.images,
    )
    place = _Place(run, backend, dataset.fingerprint(), work, report)
    encoder, pretraining_seconds = _encoder(place, task)
    head, head_seconds = _head(place, task, encoder)
    model = family_of(run).model({**encoder, **head}, backend)
    margins, attack_seconds = _attacked(place, task, model)
    evaluations = tuple(
        ImageEvaluation(eps, margins["clean"], {one.name: margins[_stage(one, eps)] for one in run.suite.specs})
        for eps in run.suite.sizes
    )
    found = bool(head["excess"] <= EXCESS) if run.head_kind == "clean" else None
    kept_robust = not bool(encoder["overfitted"]) if "overfitted" in encoder else None
    seconds = {"pretraining": pretraining_seconds, "head": head_seconds, "ladder": attack_seconds}
    return Measured(run, task, model, evaluations, margins["covered"], found, kept_robust, seconds)


@dataclass(frozen=True)
class _Place:
    """The backend of a run and the folder in which its stages are kept."""

    run: ProtocolRun
    backend: Backend
    fingerprint: str
    work: Path
    report: Report

    def stages(self, facts: list[object]) -> Stages:
        """The stages that depend on these `facts`, the images and the backend."""
        owner = digest([facts, self.fingerprint, self.backend.name])
        return Stages(self.work / owner, owner)


def _encoder(place: _Place, task: ImageTask) -> tuple[Arrays, float]:
    """Return the arrays of the encoder and the seconds of all processes that trained it."""
    run, stages = place.run, place.stages(place.run.pretraining_facts)
    spent = stages.folder / "spent.json"

    def make() -> Arrays:
        stages.folder.mkdir(parents=True, exist_ok=True)
        before = _seconds(spent) if spent.exists() else 0.0
        started = time.perf_counter()

        def epoch_done(done: int, total: int) -> None:
            write_whole(spent, json.dumps(before + time.perf_counter() - started))
            place.report(f"pre-training, epoch {done} of {total}")

        found = family_of(run).pretrained(task.pretraining, place.backend, stages.folder, epoch_done)
        return {**found, "spent_before": np.asarray(before)}

    place.report("pre-training")
    arrays, seconds = stages.once("encoder", make)
    return arrays, seconds + float(arrays["spent_before"])


def _seconds(path: Path) -> float:
    """Return the time that earlier processes spent on pre-training; their file is complete even if they were killed."""
    try:
        return float(read_json(path))
    except (ValueError, TypeError) as problem:
        raise BrokenFileError(f"{path} holds no number of seconds; expected one, or move it away") from problem


def _head(place: _Place, task: ImageTask, encoder: Arrays) -> tuple[Arrays, float]:
    run, backend = place.run, place.backend
    stages = place.stages(run.head_facts)

    def make() -> Arrays:
        stages.folder.mkdir(parents=True, exist_ok=True)
        return family_of(run).under_head(encoder, task.head_train, len(task.classes.head), backend, stages.folder)

    place.report("head")
    return stages.once("head", make)


def _attacked(place: _Place, task: ImageTask, model: ImageModel) -> tuple[dict[str, Floats], float]:
    """Return the margins under every attack by the name of its stage, and the seconds of all of them."""
    run, backend, stages = place.run, place.backend, place.stages(place.run.facts)
    x = backend.asarray(task.head_test.pixels, "float32") / 255
    targets = Targets(model, x, backend.asarray(task.head_test.labels))
    margins, total = {}, 0.0
    for name, job in _jobs(run, targets).items():
        place.report(name.replace("_", "-"))
        kept, seconds = stages.once(name, partial(_margins, job))
        margins[name], total = kept["margins"], total + seconds
    return margins, total


def _jobs(run: ProtocolRun, targets: Targets) -> dict[str, Callable[[], Floats]]:
    """Return what computes the margins of each stage; random starts come from a stream of its name."""
    plan, streams = run.suite, Streams(run.seed).child("ladder")
    radius = covering_radius(plan.norm, int(np.prod(targets.x.shape[1:])))
    jobs: dict[str, Callable[[], Floats]] = {"clean": lambda: targets.margin}
    for eps, spec in product(plan.sizes, plan.specs):
        name = _stage(spec, eps)
        jobs[name] = partial(attacked_margins, targets, spec.attack, ImageBall(eps, plan.norm), streams.child(name))
    jobs["covered"] = partial(
        attacked_margins,
        targets.first(plan.covered),
        plan.covering,
        ImageBall(radius, plan.norm),
        streams.child("covered"),
    )
    return jobs


def _margins(job: Callable[[], Floats]) -> Arrays:
    return {"margins": job()}


def _stage(spec: AttackSpec, eps: float) -> str:
    return f"{spec.name}_{255 * eps:.6g}_of_255"
