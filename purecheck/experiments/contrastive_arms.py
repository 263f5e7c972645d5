"""The arms of the contrastive experiments: which pairs are attacked, how strongly, at which gate."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

from numerics.contrastive.attacks import Targets
from numerics.contrastive.training import ContrastivePlan, ContrastiveRecord, Gated, train_contrastive
from numerics.features import ConstantAmplitude, FeatureLaw
from purecheck.context import Context

D, HIDDEN, OUTPUTS, P = 16, 32, 16, 0.125
LAW = FeatureLaw.unit_energy(D, P)
SIGMA = 0.02
PROBE = 0.2
"""Size of the attack whose effect is recorded along training, in multiples of `r`."""


def amplitude(law: FeatureLaw) -> float:
    """The amplitude `r` of an active feature."""
    assert isinstance(law.amplitude, ConstantAmplitude)  # noqa: S101 - every law of these experiments has one
    return law.amplitude.r


R = amplitude(LAW)


@dataclass(frozen=True)
class PairArm:
    """A contrastive pre-training run with unit weights.

    Attributes
    ----------
    gate : float
        Gate ratio `b/(||w_h|| r)` of every node.
    attacked : {"none", "similar", "dissimilar", "both"}
        The pairs that FGM in l2 perturbs, on one side.
    size : float
        Size of the attack in multiples of `r`, 0 without one.
    """

    gate: float
    attacked: Targets = "none"
    size: float = 0.0

    def __str__(self) -> str:
        attack = f"{self.attacked} attacked at {self.size} r" if self.size else "clean"
        return f"gate ratio {self.gate}, {attack}"


GATES = (0.1, 0.2)
SIZES = (0.3, 0.5)
STRONG = 0.8
MODES: tuple[Targets, ...] = ("similar", "dissimilar", "both")


def clean(gate: float) -> PairArm:
    """The arm without an attack at this gate ratio."""
    return PairArm(gate)


def mode_arms() -> Iterator[PairArm]:
    """Every attacked arm of the comparison of attack modes (claim C6)."""
    for gate, size, mode in product(GATES, SIZES, MODES):
        yield PairArm(gate, mode, size)


def every_arm() -> Iterator[PairArm]:
    """Every arm that some claim or figure asks for."""
    yield from map(clean, GATES)
    yield from mode_arms()
    yield PairArm(GATES[0], "both", STRONG)


def plan(arm: PairArm, context: Context) -> ContrastivePlan:
    """The plan of an arm, with the steps of the profile."""
    return ContrastivePlan(
        law=LAW,
        encoder=Gated(HIDDEN, OUTPUTS, arm.gate * R),
        sigma=SIGMA,
        unit_norm=True,
        attack="fgm" if arm.size else "none",
        eps=arm.size * R,
        attacked_pairs="both" if arm.attacked == "none" else arm.attacked,
        probe_eps=PROBE * R,
        steps=round(1000 * context.profile.steps),
        batch=64,
        learning_rate=0.03,
        record_every=50,
    )


def trained(arm: PairArm, context: Context) -> ContrastiveRecord:
    """The trained replicas of an arm, one a seed of the profile; the same data in every arm."""
    return context.once(f"contrastive/{arm}", lambda: _train(arm, context))


def _train(arm: PairArm, context: Context) -> ContrastiveRecord:
    streams, seeds = context.streams.child("contrastive"), context.profile.seeds
    return train_contrastive(plan(arm, context), streams, seeds, context.backend, memory_bytes=context.room())
