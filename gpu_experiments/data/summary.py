"""A summary of a data set: files with the verdicts on their checksums, counts of classes, means of pixels."""

from dataclasses import asdict
from typing import Any

import numpy as np

from gpu_experiments.data.images import Dataset, Images

SCHEMA = "purecheck-data/1"


def facts(dataset: Dataset) -> dict[str, Any]:
    """The contents and the origin of `dataset`, ready for JSON."""
    return {
        "schema": SCHEMA,
        "dataset": dataset.name,
        **asdict(dataset.provenance),
        "fingerprint": dataset.fingerprint(),
        "classes": list(dataset.classes),
        "train": _part(dataset.train, dataset.classes),
        "test": _part(dataset.test, dataset.classes),
    }


def channel_means(images: Images) -> list[float]:
    """Mean of red, green and blue over all pixels, in [0, 1]; the sums are exact."""
    sums = images.pixels.sum(axis=(0, 2, 3), dtype=np.uint64)
    means: list[float] = (sums / (255 * images.pixels[:, 0].size)).tolist()
    return means


def _part(images: Images, classes: tuple[str, ...]) -> dict[str, Any]:
    counts = np.bincount(images.labels, minlength=len(classes)).tolist()
    return {
        "images": len(images),
        "images_per_class": dict(zip(classes, counts, strict=True)),
        "channel_means": channel_means(images),
    }
