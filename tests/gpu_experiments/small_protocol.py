"""The protocol made small enough for a test: few images that are easy to tell apart, few filters, few steps."""

from pathlib import Path

import numpy as np

from gpu_experiments.data import Images
from gpu_experiments.protocol.profiles import PROFILES, ProtocolSettings
from tests.gpu_experiments.manufactured import binary_files, write_folder

SMALL = ProtocolSettings(
    name="quick",
    train_images=80,
    head_images=90,
    test_images=40,
    hidden=4,
    epochs=2,
    attack_steps=1,
    strong_restarts=1,
    gate_steps=3,
    independent=False,
    suite_steps=2,
    queries=3,
)


def shrink() -> None:
    """Put the small settings in the place of the quick ones, for the rest of the process."""
    PROFILES["quick"] = SMALL


def easy_images(folder: Path) -> Path:
    """Binary batches of ten classes, each a pattern of its own under noise."""
    rng = np.random.default_rng(0)
    patterns = rng.uniform(60, 195, (10, 3, 32, 32))

    def batch(n: int) -> Images:
        labels = np.arange(n, dtype=np.int64) % 10
        noisy = patterns[labels] + rng.uniform(-30, 30, (n, 3, 32, 32))
        return Images(noisy.astype(np.uint8), labels)

    return write_folder(folder, binary_files([batch(n) for n in (20, 20, 20, 20, 20, 60)]))
