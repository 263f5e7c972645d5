"""The arms of A3: one network for each activation and training attack, all on the same data."""

from dataclasses import dataclass

from numerics.activations import THRESHOLDED, ActivationName
from numerics.features import ConstantAmplitude, FeatureLaw
from numerics.training import SupervisedPlan, SupervisedRecord, train_supervised
from purecheck.context import Context

D, HIDDEN, P, SIGMA = 20, 60, 0.1, 0.02
LAW = FeatureLaw.unit_energy(D, P)
SCREENING: tuple[ActivationName, ...] = ("gate", "soft_threshold", "biased_relu")
"""Activations compared that are constant about zero."""
LINEAR: tuple[ActivationName, ...] = ("relu", "silu", "gelu")
"""Activations compared whose odd part is linear: what leaks at rest cannot be cancelled by other nodes (A1)."""
CURVED: tuple[ActivationName, ...] = ("tanh",)
"""Activations compared that leak, and bend: steep nodes can cancel what flat ones leak."""
COMPARED = (*SCREENING, *LINEAR, *CURVED)
FULL, HALF = 0.4, 0.2
"""Sizes of the training attack, as multiples of the amplitude; heads are attacked with the larger one."""

BATCH, UPDATES = 64, 800
LONGER = 3
"""Times as many updates for the activations that bend: steep nodes take long to grow."""


def amplitude() -> float:
    """Amplitude `r` of an active feature; attack sizes and thresholds are stated as multiples of it."""
    assert isinstance(LAW.amplitude, ConstantAmplitude)  # noqa: S101 - by construction of `unit_energy`
    return LAW.amplitude.r


R = amplitude()
THRESHOLD = 0.4 * R


@dataclass(frozen=True)
class Arm:
    """A pre-training run.

    Attributes
    ----------
    activation
        Its name.
    size
        FGM in l2 at this multiple of the amplitude; 0 is clean training.
    """

    activation: ActivationName
    size: float

    def __str__(self) -> str:
        return f"{self.activation}, {f'FGM at {self.size} r' if self.size else 'clean'}"


ARMS = (
    *(Arm(name, size) for name in COMPARED for size in (0.0, FULL)),
    *(Arm(name, HALF) for name in LINEAR),
)


def plan(arm: Arm, context: Context) -> SupervisedPlan:
    """The plan of an arm, with the steps of the profile."""
    steps = round(UPDATES * context.profile.steps) * (LONGER if arm.activation in CURVED else 1)
    return SupervisedPlan(
        law=LAW,
        hidden=HIDDEN,
        b=THRESHOLD if arm.activation in THRESHOLDED else 0.0,
        activation=arm.activation,
        sigma=SIGMA,
        attack="fgm" if arm.size else "none",
        eps=arm.size * R,
        steps=steps,
        batch=BATCH,
        record_every=steps,
    )


def trained(arm: Arm, context: Context) -> SupervisedRecord:
    """The trained replicas of an arm, one a seed of the profile; the same data in every arm."""
    streams = context.streams.child("activations")
    seeds, room = context.profile.seeds, context.room()
    return train_supervised(plan(arm, context), streams, seeds, context.backend, memory_bytes=room)
