"""What pre-training of a ResNet is: network, objective, attack, optimiser and guard, in one place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from gpu_experiments.ladder.ball import ImageBall
from numerics.contrastive.training.plan import ATTACKED_PAIRS, AttackedPairs
from numerics.norms import NormKind
from numerics.training.plan import (
    AttackName,
    expect,
    expect_choice,
    expect_count,
    expect_positive,
    expect_size,
)

Objective: TypeAlias = Literal["supervised", "contrastive"]
Schedule: TypeAlias = Literal["one_cycle", "cosine"]
Precision: TypeAlias = Literal["float32", "bfloat16", "float16"]


@dataclass(frozen=True, kw_only=True)
class ResNetPretraining:
    """A pre-training run of ResNet-18.

    Attributes
    ----------
    objective : {"supervised", "contrastive"}
        Softmax cross-entropy of labels, or the logistic loss of pairs (paper, section 5).
    width : int
        Channels of the first stage; features are eight times as many.
    attack : {"none", "fgm", "pgd"}
        Attack inside the training step, from a random start.
    eps : float
        Its size in units of pixel values in [0, 1]; positive exactly when there is one.
    kind : {"linf", "l2"}
        Its norm.
    attack_steps : int
        Gradient steps of PGD.
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
        Of products in training on a CUDA device; float32 on the host, and under the ladder.
    compiled : bool
        Whether training on a CUDA device runs compiled code; never on the host.
    held_out : int
        Images kept from training in every arm, on which the guard watches robustness.
    largest_fall : float
        Training ends, at the epoch before, where the share of held-out images that stay right under PGD is lower than
        its maximum so far by more than this: catastrophic overfitting, to which training on one step is prone.
    embedding : int
        Outputs of contrastive pre-training.
    attacked_pairs : {"similar", "dissimilar", "both"}
        The pairs of which the attack perturbs the first view.

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
    attack: AttackName = "none"
    eps: float = 0.0
    kind: NormKind = "linf"
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
    largest_fall: float = 0.2
    embedding: int = 64
    attacked_pairs: AttackedPairs = "both"

    def __post_init__(self) -> None:
        expect_choice("objective", self.objective, ("supervised", "contrastive"))
        expect_choice("attack", self.attack, ("none", "fgm", "pgd"))
        expect_choice("kind", self.kind, ("linf", "l2"))
        expect_choice("schedule", self.schedule, ("one_cycle", "cosine"))
        expect_choice("precision", self.precision, ("float32", "bfloat16", "float16"))
        expect_choice("attacked_pairs", self.attacked_pairs, ATTACKED_PAIRS)
        for name in ("width", "attack_steps", "epochs", "batch", "held_out", "embedding"):
            expect_count(name, getattr(self, name))
        for name in ("eps", "shift", "weight_decay", "momentum"):
            expect_size(name, getattr(self, name))
        for name in ("learning_rate", "largest_fall"):
            expect_positive(name, getattr(self, name))
        expect("eps", self.eps, (self.eps > 0) == (self.attack != "none"), "positive exactly when there is an attack")

    @property
    def ball(self) -> ImageBall:
        """The perturbed images that the attack chooses from."""
        return ImageBall(self.eps, self.kind)

    @property
    def strides(self) -> tuple[float, ...]:
        """Lengths of the attack's steps: none in clean training, ``1.25 eps`` of FGM, ``2.5 eps / steps`` of PGD.

        From a random start one step must go further than the radius to reach every corner: Wong, Rice and Kolter
        (2020). PGD: Madry et al. (2018).
        """
        if self.attack == "none":
            return ()
        return (1.25 * self.eps,) if self.attack == "fgm" else pgd_strides(self.eps, self.attack_steps)

    @property
    def features(self) -> int:
        """Number of features."""
        return 8 * self.width


def pgd_strides(eps: float, steps: int) -> tuple[float, ...]:
    """Return the lengths of the steps of PGD, ``2.5 eps / steps`` each."""
    return (2.5 * eps / steps,) * steps
