"""ResNets made small enough for a test, and images that are easy to tell apart."""

import numpy as np

from gpu_experiments.data import Images
from gpu_experiments.resnet.plan import ResNetPretraining

WIDTH, CLASSES = 2, 4


def plan(**changes) -> ResNetPretraining:
    """Two epochs of a network two channels wide."""
    small = {"width": WIDTH, "epochs": 2, "batch": 16, "held_out": 24, "learning_rate": 0.1, "embedding": 8}
    return ResNetPretraining(**{**small, **changes})


def attacked(**changes) -> ResNetPretraining:
    """The same under attack by one step."""
    return plan(**{"attack": "fgm", "eps": 8 / 255, **changes})


def patterns(n: int, seed: int = 0) -> Images:
    """Images of four classes in turn, each a pattern of its own under noise."""
    rng = np.random.default_rng(seed)
    means = np.random.default_rng(99).uniform(60, 195, (CLASSES, 3, 4, 4)).repeat(8, 2).repeat(8, 3)
    labels = np.arange(n, dtype=np.int64) % CLASSES
    return Images((means[labels] + rng.uniform(-30, 30, (n, 3, 32, 32))).astype(np.uint8), labels)
