"""What a study found, as facts and as its record."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from gpu_experiments.data import Dataset
from gpu_experiments.protocol.recording import architecture
from gpu_experiments.sparse_coding.dictionaries import DISTRIBUTION, library
from gpu_experiments.sparse_coding.networks import Networks
from gpu_experiments.sparse_coding.plan import SparseCodingPlan
from gpu_experiments.sparse_coding.study import COMPONENTS, Study
from numerics.backend import Backend
from purecheck.records.fields import Scalar
from purecheck.records.identity import file_name
from purecheck.records.sparse_coding import (
    Amplitude,
    Dependence,
    Incoherence,
    Participation,
    ParticipationByArm,
    SparseCodingRecord,
    Sparsity,
    Symmetry,
)
from purecheck.records.writing import write_record
from purecheck.runtime.environment import describe


def write_study(record: SparseCodingRecord, study: Study, trained: Networks, folder: Path) -> Path:
    """Write the record of a study, with dictionary and filters on pixels beside it, and return its path.

    Raises
    ------
    OSError
        If `folder` cannot be written.
    """
    return write_record(record, folder, images(study, trained))


def facts(study: Study, seed: int) -> dict[str, Any]:
    """Return everything that a study found, ready for JSON."""
    return {
        "dictionary": study.name,
        "atoms": study.dictionary.shape[1],
        "seed": seed,
        "held_out": len(study.space.held_out),
        "converged": study.converged,
        **asdict(study.examination),
        "participation": {arm: asdict(one) for arm, one in study.purity.items()},
        "seconds": study.seconds,
    }


def record_of(
    study: Study,
    plan: SparseCodingPlan,
    profile: str,
    dataset: Dataset,
    trained: Networks,
    backend: Backend,
    started: datetime,
) -> SparseCodingRecord:
    """Return the record of a study that began when the process did, at `started`."""
    run = trained.runs["adversarial"]
    environment = asdict(describe(backend, run.seed, profile, started))
    environment["packages"][DISTRIBUTION] = library().split()[-1]
    record = SparseCodingRecord(
        dataset=dataset.name,
        provenance=_provenance(dataset),
        profile=profile,
        dictionary=study.name,
        method=_method(study.name, plan),
        patch=trained.initial.grid.patch,
        dimension=study.space.dimension,
        atoms=study.dictionary.shape[1],
        patches=len(study.space.held_out),
        false_alarm=plan.false_alarm,
        **_statistics(study, plan),
        encoder="gated",
        architecture=_architecture(trained),
        objective=run.objective,
        participation=_participation(study),
        seed=run.seed,
        cost={
            "seconds": trained.seconds + study.seconds,
            "pretraining_seconds": trained.seconds,
            "dictionary_seconds": study.seconds,
        },
        environment=environment,
    )
    return replace(record, filters=file_name(record).removesuffix(".json") + ".npz")


def images(study: Study, trained: Networks) -> dict[str, npt.NDArray[np.float64]]:
    """Return atoms as the patches that they stand for, and filters on pixels, each (n, channels, patch, patch)."""
    grid, steps = trained.initial.grid, trained.initial.preprocessing
    T = np.eye(grid.dimension) if steps is None else steps.T
    columns = {"dictionary": np.linalg.solve((study.space.map @ T).T, study.dictionary)}
    columns |= {arm: T @ trained.filters[arm] for arm in trained.runs}
    shape = (-1, grid.channels, grid.patch, grid.patch)
    return {name: np.reshape(x.T, shape) for name, x in columns.items()}


def _statistics(study: Study, plan: SparseCodingPlan) -> dict[str, Any]:
    """Return the parts of the record that describe codes and dictionary, by their names."""
    found = study.examination
    codes, gaussian = found.patches, found.gaussian
    return {
        "sparsity": Sparsity(
            active=codes.active.value,
            explained_variance=codes.explained,
            explained_variance_gaussian=gaussian.explained,
            coefficients=codes.coefficients.value,
            coefficients_gaussian=gaussian.coefficients.value,
            residual=plan.residual,
            kurtosis=codes.kurtosis,
            kurtosis_random=found.random_kurtosis,
        ),
        "symmetry": Symmetry(
            mean=codes.imbalance,
            largest=codes.largest_imbalance,
            balanced=codes.balanced,
            unbalanced_atoms=codes.unbalanced_atoms,
        ),
        "amplitude": Amplitude(
            variation=codes.variation.value,
            variation_gaussian=gaussian.variation.value,
            noise_variation=codes.noise_variation,
            quantiles=codes.quantiles,
        ),
        "dependence": Dependence(
            dispersion=codes.dispersion.value,
            dispersion_gaussian=gaussian.dispersion.value,
            dependent_pairs=codes.dependent_pairs,
            dependent_pairs_gaussian=gaussian.dependent_pairs,
        ),
        "incoherence": Incoherence(
            rms=found.coherence,
            largest=min(1.0, found.largest_coherence),
            imposed=study.name == COMPONENTS,
        ),
    }


def _participation(study: Study) -> ParticipationByArm:
    arms = {
        arm: Participation(mean=one.mean, matched=one.matched, rotated=one.rotated) for arm, one in study.purity.items()
    }
    return ParticipationByArm(**arms)


def _method(name: str, plan: SparseCodingPlan) -> str:
    how = "FastICA" if name == COMPONENTS else "MiniBatchDictionaryLearning"
    coding = "orthogonal matching pursuit"
    return f"{how} of {library()}; {coding} above {plan.threshold:g} standard deviations"


def _architecture(trained: Networks) -> dict[str, Scalar]:
    run = trained.runs["adversarial"]
    plan = run.pretraining
    training: dict[str, Scalar] = {
        "train_images": run.train_images,
        "epochs": plan.epochs,
        "attack": plan.attack,
        "norm": plan.norm,
        "eps": plan.eps,
    }
    head = ("head_images", "head_ridge")
    return {**{name: value for name, value in architecture(run).items() if name not in head}, **training}


def _provenance(dataset: Dataset) -> dict[str, str]:
    known = {"kind": dataset.provenance.kind, "fingerprint": dataset.fingerprint()}
    return {**known, **{one.name: f"MD5 {one.md5}, {one.verdict}" for one in dataset.provenance.files}}
