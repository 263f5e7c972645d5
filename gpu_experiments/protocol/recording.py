"""What a run measured, as its record."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path

import numpy as np

from gpu_experiments.attacks.evaluation import ImageEvaluation
from gpu_experiments.attacks.independent import Independent, library, why_no_suite
from gpu_experiments.attacks.sanity import sanity_flags
from gpu_experiments.data import Dataset
from gpu_experiments.protocol.execute import Measured
from gpu_experiments.protocol.families import family_of
from gpu_experiments.protocol.run import ProtocolRun
from numerics.backend import Backend
from purecheck.records.fields import Scalar
from purecheck.records.identity import file_name
from purecheck.records.run import Pretraining, Robustness, RunRecord
from purecheck.records.writing import write_record
from purecheck.runtime.environment import describe


def write_run(measured: Measured, dataset: Dataset, backend: Backend, started: datetime, folder: Path) -> RunRecord:
    """Write the record of a run, with its filters beside it, into `folder`, and return it.

    Parameters
    ----------
    measured : Measured
    dataset : Dataset
        The images it was measured on.
    backend : Backend
    started : datetime
        When the process began that ended the run.
    folder : Path
        Made where it does not exist.

    Raises
    ------
    OSError
        If `folder` cannot be written.
    """
    record = record_of(measured, dataset, backend, started)
    write_record(record, folder, {"filters": family_of(measured.run).filters(measured.model)})
    return record


def record_of(measured: Measured, dataset: Dataset, backend: Backend, started: datetime) -> RunRecord:
    """Return the record of a run; its times alone depend on when it ran."""
    run, task = measured.run, measured.task
    main, *others = measured.evaluations
    seconds = measured.seconds
    record = RunRecord(
        dataset=dataset.name,
        provenance=_provenance(dataset),
        profile=run.profile,
        encoder=run.encoder,
        architecture=architecture(run),
        pretraining=Pretraining(
            run.objective,
            run.pretraining.attack,
            run.suite.norm,
            run.pretraining.eps,
            run.pretraining.epochs,
            len(task.pretraining),
        ),
        head=run.head_kind,
        labels=run.labels,
        classes=task.classes,
        seed=run.seed,
        norm=run.suite.norm,
        eps=main.eps,
        images=len(task.head_test),
        clean_accuracy=int(np.count_nonzero(main.clean < 0)) / len(task.head_test),
        robust_accuracy=_accuracies(main),
        worst_case=main.worst_case,
        attacks={one.name: one.details for one in run.suite.specs},
        by_eps=tuple(Robustness(one.eps, _accuracies(one), one.worst_case) for one in others),
        sanity=_sanity(measured),
        cost={"seconds": sum(seconds.values()), **{f"{stage}_seconds": took for stage, took in seconds.items()}},
        environment=_environment(run, backend, started),
    )
    return replace(record, filters=file_name(record).removesuffix(".json") + ".npz")


def architecture(run: ProtocolRun) -> dict[str, Scalar]:
    """Return what it takes to build the model and its head again."""
    head = run.head
    facts = {**family_of(run).architecture(), "head_images": head.images, "head_ridge": head.ridge}
    return facts if run.head_kind in ("clean", "pretrained") else {**facts, "head_epochs": head.epochs}


def _accuracies(evaluation: ImageEvaluation) -> dict[str, float]:
    return {name: evaluation.robust_accuracy(name) for name in evaluation.margins}


def _sanity(measured: Measured) -> dict[str, bool]:
    specs = measured.run.suite.specs
    flags = sanity_flags(
        measured.evaluations,
        [one.name for one in specs if one.by_steps],
        [one.name for one in specs if one.details.kind == "black-box"],
        [one.name for one in specs if one.tells_failures],
        measured.covered,
        len(measured.task.classes.head),
    )
    found = {"head_converged": measured.head_found, "no_catastrophic_overfitting": measured.kept_robust}
    return {**flags, **{name: flag for name, flag in found.items() if flag is not None}}


def _provenance(dataset: Dataset) -> dict[str, str]:
    known = {"kind": dataset.provenance.kind, "fingerprint": dataset.fingerprint()}
    return {**known, **{one.name: f"MD5 {one.md5}, {one.verdict}" for one in dataset.provenance.files}}


def _environment(run: ProtocolRun, backend: Backend, started: datetime) -> dict[str, object]:
    return {**asdict(describe(backend, run.seed, run.profile, started)), "independent_suite": _suite(run)}


def _suite(run: ProtocolRun) -> str:
    """Return whether the independent suite was run, and if not, why."""
    if any(isinstance(one.attack, Independent) for one in run.suite.specs):
        return library()
    return f"not run: {why_no_suite() or 'left out of this profile'}"
