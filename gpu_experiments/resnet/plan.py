"""The plan of pre-training a ResNet: network, objective, attack, optimiser and guard."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from gpu_experiments.attacked_training import AttackedTraining
from numerics.contrastive.training.plan import ATTACKED_PAIRS, AttackedPairs
from numerics.training.plan import (
    expect_choice,
    expect_count,
    expect_positive,
    expect_size,
)

Objective: TypeAlias = Literal["supervised", "contrastive"]
Schedule: TypeAlias = Literal["one_cycle", "cosine"]
Precision: TypeAlias = Literal["float32", "bfloat16", "float16"]


@dataclass(frozen=True, kw_only=True)
class ResNetPretraining(AttackedTraining):
    """A pre-training run of ResNet-18.

    Attributes
    ----------
    objective : {"supervised", "contrastive"}
        Softmax cross-entropy of labels, or the logistic loss of pairs (paper, section 5).
    width : int
        Channels of the first stage; features are eight times as many.
    epochs, batch : int
        Passes over the images, and images (or pairs) in an update.
    learning_rate : float
        The largest rate.
    momentum, weight_decay : float
        Of stochastic gradient descent.
    schedule : {"one_cycle", "cosine"}
        Linear up and down again, or a half cosine down.
    flip : bool
        Whether images are mirrored at random.
    shift : int
        Largest random shift of images in pixels, along either axis.
    precision : {"float32", "bfloat16", "float16"}
        Of products in training on a CUDA device; float32 on the host, and in every evaluation.
    compiled : bool
        Whether training on a CUDA device runs compiled code; never on the host.
    held_out : int
        Images kept from training in every arm, on which the guard watches robustness.
    largest_drop : float
        Training ends, at the epoch before, where the share of held-out images that stay right under PGD is lower than
        its maximum so far by more than this: catastrophic overfitting, to which training on one step is prone.
    embedding : int
        Outputs of contrastive pre-training.
    attacked_pairs : {"similar", "dissimilar", "both"}
        The pairs of which the attack perturbs the first view.

    The other fields are those of `AttackedTraining`.

    Raises
    ------
    ValueError
        If a field is outside the range above.

    References
    ----------
    E. Wong, L. Rice and Z. Kolter, "Fast is better than free: revisiting adversarial training", ICLR 2020: one step
    from a random start, the one-cycle rate, and the fall of 0.2 that their code stops at.
    """

    objective: Objective = "supervised"
    width: int = 64
    attack_steps: int = 10
    epochs: int = 30
    batch: int = 128
    learning_rate: float = 0.2
    momentum: float = 0.9
    weight_decay: float = 5e-4
    schedule: Schedule = "one_cycle"
    flip: bool = True
    shift: int = 4
    precision: Precision = "float32"
    compiled: bool = False
    held_out: int = 500
    largest_drop: float = 0.2
    embedding: int = 64
    attacked_pairs: AttackedPairs = "both"

    def __post_init__(self) -> None:
        super().__post_init__()
        expect_choice("objective", self.objective, ("supervised", "contrastive"))
        expect_choice("schedule", self.schedule, ("one_cycle", "cosine"))
        expect_choice("precision", self.precision, ("float32", "bfloat16", "float16"))
        expect_choice("attacked_pairs", self.attacked_pairs, ATTACKED_PAIRS)
        for name in ("width", "epochs", "batch", "held_out", "embedding"):
            expect_count(name, getattr(self, name))
        for name in ("shift", "weight_decay", "momentum"):
            expect_size(name, getattr(self, name))
        for name in ("learning_rate", "largest_drop"):
            expect_positive(name, getattr(self, name))

    @property
    def features(self) -> int:
        """Number of features."""
        return 8 * self.width
