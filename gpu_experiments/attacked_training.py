"""The attack inside a training step on images: whether there is one, its size, and the lengths of its steps."""

from __future__ import annotations

from dataclasses import dataclass

from gpu_experiments.attacks.ball import ImageBall
from numerics.norms import Norm
from numerics.projected_ascent import pgd_lengths
from numerics.training.plan import AttackName, expect, expect_choice, expect_count, expect_size


@dataclass(frozen=True, kw_only=True)
class AttackedTraining:
    """The attack of a plan to train on images, for every network; it starts at a random point.

    Attributes
    ----------
    attack : {"none", "fgm", "pgd"}
        Attack inside the training step.
    eps : float
        Its size in units of pixel values in [0, 1]; positive exactly if there is an attack.
    norm : {"linf", "l2"}
        Its norm.
    attack_steps : int
        Gradient steps of PGD.

    Raises
    ------
    ValueError
        If a field is outside the range above.
    """

    attack: AttackName = "none"
    eps: float = 0.0
    norm: Norm = "linf"
    attack_steps: int = 3

    def __post_init__(self) -> None:
        expect_choice("attack", self.attack, ("none", "fgm", "pgd"))
        expect_choice("norm", self.norm, ("linf", "l2"))
        expect_count("attack_steps", self.attack_steps)
        expect_size("eps", self.eps)
        expect("eps", self.eps, (self.eps > 0) == (self.attack != "none"), "positive exactly when there is an attack")

    @property
    def ball(self) -> ImageBall:
        """The perturbed images from which the attack chooses."""
        return ImageBall(self.eps, self.norm)

    @property
    def strides(self) -> tuple[float, ...]:
        """Lengths of the attack's steps: none in clean training, ``1.25 eps`` in FGM, those of `pgd_lengths` in PGD.

        From a random start one step must go further than the radius to reach every corner: Wong, Rice and Kolter,
        "Fast is better than free" (2020).
        """
        if self.attack == "none":
            return ()
        return (1.25 * self.eps,) if self.attack == "fgm" else pgd_lengths(self.eps, self.attack_steps)
