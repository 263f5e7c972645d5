"""Records with the numbers that a test chooses."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from purecheck.records.run import Attack, Classes, FilterPurity, Pretraining, RunRecord, TrainingAttack
from purecheck.records.sparse_coding import (
    Amplitude,
    Incoherence,
    Participation,
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
        run_record(seed, attack, robust, **changes)
        for seed, both in enumerate(zip(clean, adversarial, strict=True))
        for attack, robust in (("none", both[0]), ("fgm", both[1]))
    ]


def sparse_record(seed: int = 0, /, **changes: Mapping[str, Any] | Any) -> SparseCodingRecord:
    """A dictionary in which patches are sparse, symmetric and of one amplitude, with purified filters."""
    record = SparseCodingRecord(
        dataset="CIFAR-10, JPEG q75",
        provenance={},
        profile="quick",
        method="scikit-learn 1.5.0, MiniBatchDictionaryLearning; orthogonal matching pursuit",
        patch=6,
        dimension=100,
        atoms=100,
        patches=10_000,
        sparsity=Sparsity(5.0, 0.7 + 0.001 * seed, 0.4),
        symmetry=Symmetry(0.02 + 0.001 * seed, 0.1),
        amplitude=Amplitude(0.2 + 0.001 * seed, {"0.05": 0.7, "0.5": 1.0, "0.95": 1.3}),
        incoherence=Incoherence(0.05 + 0.001 * seed, 0.3),
        encoder="gated",
        architecture={"activation": "gate", "hidden": 256, "patch": 6},
        objective="supervised",
        participation=Participation(20.0, 8.0 + 0.01 * seed, 3.0),
        seed=seed,
        cost={"seconds": 60.0},
        environment=ENVIRONMENT,
    )
    return replace(record, **changes)
