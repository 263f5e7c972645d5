"""The plan of a pre-training run: encoder, attack, augmentation and optimiser."""

from __future__ import annotations

from dataclasses import dataclass, field

from gpu_experiments.attacked_training import AttackedTraining
from gpu_experiments.models.patches import PatchGrid
from numerics.activations import ActivationName, expect_activation
from numerics.contrastive.training.plan import ATTACKED_PAIRS, AttackedPairs
from numerics.optimisers import SGD, Adam, Schedule
from numerics.training.plan import (
    Dtype,
    expect_choice,
    expect_count,
    expect_positive,
    expect_size,
)


@dataclass(frozen=True, kw_only=True)
class EncoderPlan:
    """The gated layer on patches before training.

    Attributes
    ----------
    hidden : int
        Number of filters ``H``.
    activation : str
        The name in `numerics.activations`.
    threshold : float
        Threshold of every node, in standard deviations of its pre-activation before training; above 0.
    whitening : float
        Variance that whitening adds to every direction of patches, as a share of their mean variance; above 0.
    grid : PatchGrid
        Positions of the patches.
    pool : int
        Cells along one side of an image.

    Raises
    ------
    ValueError
        If a field is outside the range above.
    """

    hidden: int = 256
    activation: ActivationName = "gate"
    threshold: float = 1.0
    whitening: float = 1.0
    grid: PatchGrid = field(default_factory=PatchGrid)
    pool: int = 3

    def __post_init__(self) -> None:
        expect_activation(self.activation)
        expect_count("hidden", self.hidden)
        expect_positive("threshold", self.threshold)
        expect_positive("whitening", self.whitening)


@dataclass(frozen=True, kw_only=True)
class PretrainingPlan(AttackedTraining):
    """What every pre-training run has, whatever its objective.

    Attributes
    ----------
    encoder : EncoderPlan
    epochs, batch : int
        Passes over the images, and images (or pairs) in an update.
    optimiser : SGD or Adam
        Update rule.
    learning_rate : float
        Rate of the first update.
    schedule : {"constant", "cosine", "linear"}
        How the rate falls.
    flip : bool
        Whether images are mirrored at random.
    shift : int
        Largest random shift of images in pixels, along either axis.
    head_scale : float
        Standard deviation of initial outputs per unit of the features' root mean square.
    dtype : {"float32", "float64"}
        Precision of images, parameters and gradients.

    The other fields are those of `AttackedTraining`.

    Raises
    ------
    ValueError
        If a field is outside the range above.
    """

    encoder: EncoderPlan = field(default_factory=EncoderPlan)
    epochs: int = 8
    batch: int = 250
    optimiser: SGD | Adam = field(default_factory=Adam)
    learning_rate: float = 0.005
    schedule: Schedule = "cosine"
    flip: bool = True
    shift: int = 2
    head_scale: float = 0.1
    dtype: Dtype = "float32"

    def __post_init__(self) -> None:
        super().__post_init__()
        expect_choice("schedule", self.schedule, ("constant", "cosine", "linear"))
        expect_choice("dtype", self.dtype, ("float32", "float64"))
        for name in ("epochs", "batch"):
            expect_count(name, getattr(self, name))
        expect_size("shift", self.shift)
        for name in ("learning_rate", "head_scale"):
            expect_positive(name, getattr(self, name))


@dataclass(frozen=True, kw_only=True)
class SupervisedPretraining(PretrainingPlan):
    """Pre-training on labels: softmax cross-entropy of the encoder under a linear head."""


@dataclass(frozen=True, kw_only=True)
class ContrastivePretraining(PretrainingPlan):
    """Pre-training on pairs: two views of an image are similar, views of two images are not (paper, section 5).

    Attributes
    ----------
    embedding : int
        Outputs ``q`` of ``g(x) = features C + c0``.
    attacked_pairs : {"similar", "dissimilar", "both"}
        The pairs of which the attack perturbs the first view.

    The other fields are those of `PretrainingPlan`.

    Raises
    ------
    ValueError
        If a field is outside the range above.
    """

    embedding: int = 64
    attacked_pairs: AttackedPairs = "both"

    def __post_init__(self) -> None:
        super().__post_init__()
        expect_count("embedding", self.embedding)
        expect_choice("attacked_pairs", self.attacked_pairs, ATTACKED_PAIRS)
