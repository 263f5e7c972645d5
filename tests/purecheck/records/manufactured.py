"""Records with the numbers that a test chooses."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from purecheck.records.run import Attack, Classes, FilterPurity, Pretraining, RunRecord, TrainingAttack
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

CLASSES = ("airplane", "automobile", "bird", "cat")
EPS = 8 / 255
LADDER = {
    "fgm": Attack("white-box", "purecheck 0.1.0", 1, 1),
    "pgd20": Attack("white-box", "purecheck 0.1.0", 20, 1),
    "gate_aware": Attack("white-box", "purecheck 0.1.0", 20, 1),
    "apgd_ce": Attack("white-box", "adversarial-robustness-toolbox 1.20.1", 100, 1),
    "square": Attack("black-box", "adversarial-robustness-toolbox 1.20.1", 100, 1),
}
ENVIRONMENT = {
    "python": "3.12.0",
    "platform": "Linux",
    "packages": {"numpy": "2.1.0"},
    "device": "CPU",
    "started": "2026-01-01T00:00:00+00:00",
}


def run_record(
    seed: int = 0, attack: TrainingAttack = "none", robust: float = 0.1, /, images: int = 1000, **changes: Any
) -> RunRecord:
    """A run of the gated network whose accuracy is `robust` under every attack."""
    values: dict[str, Any] = {
        "dataset": "CIFAR-10, JPEG q75",
        "provenance": {"data_batch_1.bin": "MD5 differs from the published one"},
        "profile": "quick",
        "encoder": "gated",
        "architecture": {"activation": "gate", "hidden": 256, "patch": 6},
        "pretraining": Pretraining("supervised", attack, "linf", 0.0 if attack == "none" else EPS, 8, 50_000),
        "head": "clean",
        "labels": "same",
        "classes": Classes(CLASSES, CLASSES),
        "seed": seed,
        "norm": "linf",
        "eps": EPS,
        "images": images,
        "clean_accuracy": 0.7,
        "robust_accuracy": dict.fromkeys(LADDER, robust),
        "worst_case": robust,
        "attacks": LADDER,
        "sanity": {"monotone_in_steps": True, "loss_increases": True},
        "cost": {"seconds": 90.0},
        "environment": ENVIRONMENT,
        "purity": FilterPurity(6.0 if attack == "none" else 2.0, "256 atoms"),
    }
    return RunRecord(**{**values, **changes})


def pairs(clean: tuple[float, ...], adversarial: tuple[float, ...], **changes: Any) -> list[RunRecord]:
    """Runs of both arms, one pair a seed, with these accuracies under attack."""
    return [
        record
        for seed, (one, other) in enumerate(zip(clean, adversarial, strict=True))
        for record in (run_record(seed, "none", one, **changes), run_record(seed, "fgm", other, **changes))
    ]


def contrastive(records: Iterable[RunRecord]) -> list[RunRecord]:
    """The same runs, pre-trained on pairs."""
    return [replace(one, pretraining=replace(one.pretraining, objective="contrastive")) for one in records]


def participation(clean: float, adversarial: float, /, matched: tuple[float, float] = (20.0, 20.0)) -> Any:
    """Purity of filters after clean and adversarial pre-training, and of Gaussian ones with their second moments."""
    return ParticipationByArm(
        initial=Participation(mean=20.0, matched=20.0, rotated=30.0),
        clean=Participation(mean=clean, matched=matched[0], rotated=30.0),
        adversarial=Participation(mean=adversarial, matched=matched[1], rotated=30.0),
    )


def sparse_record(seed: int = 0, /, **changes: Any) -> SparseCodingRecord:
    """A dictionary in which every clause of R2 holds, with purified filters."""
    record = SparseCodingRecord(
        dataset="CIFAR-10, JPEG q75",
        provenance={},
        profile="quick",
        dictionary="complete dictionary",
        method="MiniBatchDictionaryLearning of scikit-learn 1.5.0; orthogonal matching pursuit",
        patch=6,
        dimension=100,
        atoms=100,
        patches=10_000,
        false_alarm=1e-3,
        sparsity=Sparsity(
            active=5.0,
            explained_variance=0.7 + 0.001 * seed,
            explained_variance_gaussian=0.4,
            coefficients=8.0 + 0.01 * seed,
            coefficients_gaussian=12.0,
            residual=0.2,
            kurtosis=6.0,
            kurtosis_random=2.0,
        ),
        symmetry=Symmetry(mean=0.06 + 0.001 * seed, largest=0.1, balanced=0.04, unbalanced_atoms=0.02),
        amplitude=Amplitude(
            variation=0.6 + 0.001 * seed,
            variation_gaussian=0.4,
            noise_variation=0.2,
            quantiles={"0.05": 0.7, "0.5": 1.0, "0.95": 1.3},
        ),
        dependence=Dependence(
            dispersion=3.0 + 0.01 * seed,
            dispersion_gaussian=0.4,
            dependent_pairs=0.02 + 0.001 * seed,
            dependent_pairs_gaussian=0.0,
        ),
        incoherence=Incoherence(rms=0.05 + 0.001 * seed, largest=0.3, imposed=False),
        encoder="gated",
        architecture={"activation": "gate", "hidden": 256, "patch": 6},
        objective="supervised",
        participation=participation(8.0 + 0.01 * seed, 3.0),
        seed=seed,
        cost={"seconds": 60.0},
        environment=ENVIRONMENT,
    )
    return replace(record, **changes)
