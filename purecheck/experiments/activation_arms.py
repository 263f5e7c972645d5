"""The arms of A3: one network for each activation and training attack, all on the same data."""

from typing import cast

from numerics.activations import THRESHOLDED, ActivationName
from numerics.features import FeatureLaw
from numerics.training import SupervisedPlan, SupervisedRecord, train_supervised
from purecheck.experiments.arms import BATCH, amplitude, in_numbers
from purecheck.runtime.context import Context
from theory.activations.a3_trained import CURVED, FULL, HALF, LINEAR, LONGER, SCREENING, SETUP, ActivationArm
from theory.activations.a3_trained import THRESHOLD as GATE_RATIO
from theory.statistics import Named, decimal

D, HIDDEN, P, SIGMA = SETUP.features, SETUP.nodes, SETUP.p, float(SETUP.noise)
LAW = FeatureLaw.unit_energy(D, P)
COMPARED = (*SCREENING, *LINEAR, *CURVED)
"""All activations that are compared."""
R = amplitude(LAW)
THRESHOLD = float(GATE_RATIO) * R

ARMS = (
    *(ActivationArm(activation, attack) for activation in COMPARED for attack in (None, FULL)),
    *(ActivationArm(activation, HALF) for activation in LINEAR),
)


def activation_name(activation: Named) -> ActivationName:
    """The name of an activation in `numerics`."""
    return cast(ActivationName, activation.name)


def stream_name(arm: ActivationArm) -> str:
    """The name of an arm's random streams."""
    training = f"FGM at {decimal(arm.attack.size)} r" if arm.attack else "clean"
    return f"{arm.activation.name}, {training}"


def plan(arm: ActivationArm, context: Context) -> SupervisedPlan:
    """The plan of an arm, with the steps of the profile."""
    kind, multiple = in_numbers(arm.attack) if arm.attack else ("l2", 0.0)
    steps = round(SETUP.updates * context.profile.steps) * (LONGER if arm.activation in CURVED else 1)
    return SupervisedPlan(
        law=LAW,
        hidden=HIDDEN,
        b=THRESHOLD if arm.activation.name in THRESHOLDED else 0.0,
        activation=activation_name(arm.activation),
        sigma=SIGMA,
        attack="fgm" if arm.attack else "none",
        norm=kind,
        eps=multiple * R,
        steps=steps,
        batch=BATCH,
        record_every=steps,
    )


def trained(arm: ActivationArm, context: Context) -> SupervisedRecord:
    """The trained replicas of an arm, one for each seed of the profile; the data are the same in every arm."""
    streams = context.streams.child("activations")
    seeds, budget = context.profile.seeds, context.memory_budget()
    return train_supervised(plan(arm, context), streams, seeds, context.backend, memory_bytes=budget)
