"""The description of a contrastive training run: the pairs, the encoder, the attack and the optimiser."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from numerics.contrastive.attacks import SIDES, PairAttack, Sides
from numerics.contrastive.pairs import PairLaw
from numerics.contrastive.training.architecture import Architecture, Linear
from numerics.training.plan import TrainingPlan, expect, expect_choice, expect_positive

AttackedPairs: TypeAlias = Literal["similar", "dissimilar", "both"]
ATTACKED_PAIRS: tuple[AttackedPairs, ...] = ("similar", "dissimilar", "both")


@dataclass(frozen=True, eq=False, kw_only=True)
class ContrastivePlan(TrainingPlan):
    """A contrastive pre-training run of a gated or linear encoder.

    Parameters
    ----------
    encoder : Gated or Linear
        The encoder that is trained.
    rho : float
        Probability of a similar pair, in [0, 1].
    attacked_pairs : {"similar", "dissimilar", "both"}
        The pairs that the attack perturbs.
    attacked_sides : {"one", "both"}
        Whether it perturbs ``z`` alone or ``z'`` as well.
    probe_eps : float
        Size of the FGM attack on one side of all pairs, in the norm ``norm``, whose effect on similar and on
        dissimilar pairs is recorded (claim E5); positive, and used in clean training too.

    The other fields are those of `TrainingPlan`; ``unit_norm`` is for the gated encoder.

    Raises
    ------
    ValueError
        If a field is outside the range above.
    """

    encoder: Architecture
    rho: float = 0.5
    attacked_pairs: AttackedPairs = "both"
    attacked_sides: Sides = "one"
    probe_eps: float = 0.1

    def __post_init__(self) -> None:
        super().__post_init__()
        expect("rho", self.rho, 0 <= self.rho <= 1, "a probability in [0, 1]")
        expect_choice("attacked_pairs", self.attacked_pairs, ATTACKED_PAIRS)
        expect_choice("attacked_sides", self.attacked_sides, SIDES)
        expect_positive("probe_eps", self.probe_eps)
        linear = isinstance(self.encoder, Linear)
        expect("unit_norm", self.unit_norm, not (self.unit_norm and linear), "False for a linear encoder")

    @property
    def pair_law(self) -> PairLaw:
        """Return the law of the training pairs."""
        return PairLaw(self.law, self.M, self.sigma, self.rho)

    @property
    def pair_attack(self) -> PairAttack:
        """Return the attack of a training step; in clean training it has no targets."""
        targets = "none" if self.attack == "none" else self.attacked_pairs
        return PairAttack(self.norm, self.eps, targets, self.attacked_sides)

    @property
    def gradient_steps(self) -> int:
        """Return the number of gradient steps of an attack, 0 in clean training."""
        return {"none": 0, "fgm": 1, "pgd": self.attack_steps}[self.attack]

    @property
    def probe(self) -> PairAttack:
        """Return the attack whose effect on similar and on dissimilar pairs is recorded."""
        return PairAttack(self.norm, self.probe_eps)
