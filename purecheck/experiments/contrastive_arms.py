"""The arms of the contrastive experiments: the names in the theory, turned into plans and trained."""

from collections.abc import Iterator
from typing import cast

from numerics.contrastive.training import ContrastivePlan, ContrastiveRecord, Gated, train_contrastive
from numerics.contrastive.training.plan import AttackedPairs
from numerics.features import FeatureLaw
from purecheck.experiments.arms import BATCH, amplitude
from purecheck.runtime.context import Context
from theory.contrastive_training import (
    ALL_PAIRS,
    CONTRASTIVE,
    DISSIMILAR,
    GATES,
    PROBE,
    SIMILAR,
    SIZES,
    STRONG,
    PairArm,
)

D, HIDDEN, OUTPUTS, P = CONTRASTIVE.features, CONTRASTIVE.nodes, CONTRASTIVE.outputs, CONTRASTIVE.p
LAW = FeatureLaw.unit_energy(D, P)
SIGMA = float(CONTRASTIVE.noise)


R = amplitude(LAW)


def every_arm() -> Iterator[PairArm]:
    """Every arm that a claim or a figure uses."""
    for gate in GATES:
        yield PairArm(gate)
        for size in SIZES:
            for pairs in (SIMILAR, DISSIMILAR, ALL_PAIRS):
                yield PairArm(gate, pairs, size)
    yield PairArm(GATES[0], ALL_PAIRS, STRONG)


def plan(arm: PairArm, context: Context) -> ContrastivePlan:
    """The plan of an arm, with the steps of the profile."""
    targets = cast(AttackedPairs, arm.attacked.name) if arm.attacked else "both"
    return ContrastivePlan(
        law=LAW,
        encoder=Gated(HIDDEN, OUTPUTS, float(arm.gate) * R),
        sigma=SIGMA,
        unit_norm=True,
        attack="fgm" if arm.size else "none",
        eps=float(arm.size.multiple) * R if arm.size else 0.0,
        attacked_pairs=targets,
        probe_eps=float(PROBE.multiple) * R,
        steps=round(CONTRASTIVE.updates * context.profile.steps),
        batch=BATCH,
        learning_rate=0.03,
        record_every=50,
    )


def trained(arm: PairArm, context: Context) -> ContrastiveRecord:
    """The trained replicas of an arm, one for each seed of the profile; the data are the same in every arm."""
    return context.once(f"contrastive/{arm}", lambda: _train(arm, context))


def _train(arm: PairArm, context: Context) -> ContrastiveRecord:
    streams, seeds = context.streams.child("contrastive"), context.profile.seeds
    return train_contrastive(plan(arm, context), streams, seeds, context.backend, memory_bytes=context.memory_budget())
