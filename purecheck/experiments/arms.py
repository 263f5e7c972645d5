"""The arms of the supervised experiments: the names in the theory, turned into plans and trained."""

from dataclasses import replace
from typing import cast

from numerics.features import ConstantAmplitude, FeatureLaw, rotation
from numerics.norms import Norm
from numerics.training import SupervisedPlan, SupervisedRecord, train_supervised
from purecheck.runtime.context import Context
from theory.statistics import Ball
from theory.training.arms import SUPERVISED, SupervisedArm

D, HIDDEN, P = SUPERVISED.features, SUPERVISED.nodes, SUPERVISED.p
LAW = FeatureLaw.unit_energy(D, P)
SIGMA = float(SUPERVISED.noise)
BATCH = 64
"""Observations or pairs of an update in the smaller settings. Features are active at least one time in twenty there, so
that each is absent from at most 4 % of the updates."""


def amplitude(law: FeatureLaw) -> float:
    """The amplitude `r` of an active feature; attack sizes and thresholds are stated as multiples of it."""
    assert isinstance(law.amplitude, ConstantAmplitude)  # noqa: S101 - every law of the experiments has one
    return law.amplitude.r


R = amplitude(LAW)


def plan(arm: SupervisedArm, context: Context) -> SupervisedPlan:
    """The plan of an arm, with the steps of the profile."""
    common = SupervisedPlan(
        law=LAW,
        hidden=HIDDEN,
        b=float(arm.gate) * R,
        unit_norm=arm.unit,
        sigma=SIGMA,
        steps=round(SUPERVISED.updates * context.profile.steps),
        record_every=50,
        M=rotation(D, context.streams.generator("training/dictionary")) if arm.dense else None,
    )
    if arm.attack is None:
        return common
    kind, multiple = in_numbers(arm.attack)
    return replace(common, attack="fgm", norm=kind, eps=multiple * R)


def in_numbers(ball: Ball) -> tuple[Norm, float]:
    """The norm of a ball, and its size as a multiple of the amplitude."""
    return cast(Norm, ball.norm.name), float(ball.size)


def trained(arm: SupervisedArm, context: Context) -> SupervisedRecord:
    """The trained replicas of an arm, one for each seed of the profile; the data are the same in every arm."""
    return context.once(f"trained/{arm}", lambda: _train(arm, context))


def _train(arm: SupervisedArm, context: Context) -> SupervisedRecord:
    streams, seeds = context.streams.child("training"), context.profile.seeds
    return train_supervised(plan(arm, context), streams, seeds, context.backend, memory_bytes=context.memory_budget())
