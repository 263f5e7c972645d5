"""Plans of pre-training that take a fraction of a second, and images to train on."""

from typing import Any

import numpy as np

from gpu_experiments.data.images import Images
from gpu_experiments.models.patches import PatchGrid
from gpu_experiments.pretraining.plan import ContrastivePretraining, EncoderPlan, SupervisedPretraining
from numerics.optimisers import SGD

ENCODER = EncoderPlan(hidden=4, grid=PatchGrid(patch=8, stride=8))
SMALL: dict[str, Any] = {"encoder": ENCODER, "epochs": 3, "batch": 8, "learning_rate": 0.01}
UNDER_ATTACK: dict[str, Any] = {"attack": "fgm", "eps": 8 / 255}
PLANS = {
    "supervised, clean": SupervisedPretraining(**SMALL),
    "supervised, pgd l2, momentum": SupervisedPretraining(
        **SMALL, attack="pgd", norm="l2", eps=0.5, attack_steps=2, optimiser=SGD(0.9), flip=False, shift=0
    ),
    "supervised, fgm": SupervisedPretraining(**SMALL, **UNDER_ATTACK),
    "contrastive, clean": ContrastivePretraining(**SMALL, embedding=3),
    "contrastive, fgm on dissimilar pairs": ContrastivePretraining(
        **SMALL, **UNDER_ATTACK, embedding=3, attacked_pairs="dissimilar"
    ),
}


def images(n: int = 20, seed: int = 0) -> Images:
    """Images of smooth random colours, whose label says which colour is strongest."""
    rng = np.random.default_rng(seed)
    coarse = rng.integers(0, 256, (n, 3, 4, 4))
    pixels = coarse.repeat(8, axis=2).repeat(8, axis=3).astype(np.uint8)
    return Images(pixels, np.argmax(coarse.sum(axis=(2, 3)), axis=1).astype(np.int64))
