"""The arms of the supervised experiments: what is trained, clean or attacked, at which gate and on which dictionary."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from numerics.features import ConstantAmplitude, FeatureLaw, rotation
from numerics.norms import NormKind
from numerics.training import SupervisedPlan, SupervisedRecord, train_supervised
from purecheck.context import Context

D, HIDDEN, P = 30, 80, 0.1
LAW = FeatureLaw.unit_energy(D, P)
SIGMA = 0.02


def amplitude() -> float:
    """Amplitude `r` of an active feature in every arm; attack sizes and thresholds are stated as multiples of it."""
    assert isinstance(LAW.amplitude, ConstantAmplitude)  # noqa: S101 - by construction of `unit_energy`
    return LAW.amplitude.r


R = amplitude()
FREE_GATE, SMALL_GATE, LARGE_GATE = 0.4 * R, 0.13 * R, 0.5 * R


@dataclass(frozen=True)
class Arm:
    """A supervised pre-training run.

    Attributes
    ----------
    words
        What it is, for a reader.
    settings
        Fields of `SupervisedPlan` in which it differs from the common plan.
    dense
        Whether observations are seen through a random rotation instead of the identity.
    """

    words: str
    settings: Mapping[str, Any]
    dense: bool = False

    @property
    def kind(self) -> NormKind:
        """Norm in which the arm is attacked, in training and after it; l2 for clean arms."""
        kind: NormKind = self.settings.get("kind", "l2")
        return kind


def _fgm(eps: float, kind: str = "l2") -> dict[str, Any]:
    return {"attack": "fgm", "kind": kind, "eps": eps * R}


_SMALL = {"unit_norm": True, "b": SMALL_GATE}
_LARGE = {"unit_norm": True, "b": LARGE_GATE}

ARMS: Mapping[str, Arm] = {
    "clean": Arm("free weights, b = 0.4 r, clean", {}),
    "fgm": Arm("free weights, b = 0.4 r, FGM in l2, eps = 0.4 r", _fgm(0.4)),
    "fgm strong": Arm("free weights, b = 0.4 r, FGM in l2, eps = 0.8 r", _fgm(0.8)),
    "clean, small gate": Arm("unit weights, gate ratio 0.13, clean", _SMALL),
    "fgm, small gate": Arm("unit weights, gate ratio 0.13, FGM in l2, eps = 0.3 r", _SMALL | _fgm(0.3)),
    "clean, large gate": Arm("unit weights, gate ratio 0.5, clean", _LARGE),
    "fgm, large gate": Arm("unit weights, gate ratio 0.5, FGM in l2, eps = 0.3 r", _LARGE | _fgm(0.3)),
    "fgm l_inf": Arm("free weights, FGM in l_inf, eps = 0.16 r", _fgm(0.16, "linf")),
    "fgm l_inf, dense": Arm("free weights, rotated dictionary, FGM in l_inf, eps = 0.16 r", _fgm(0.16, "linf"), True),
}


def plan(name: str, context: Context) -> SupervisedPlan:
    """The plan of the arm called `name`, with the steps of the profile."""
    arm = ARMS[name]
    common = SupervisedPlan(
        law=LAW, hidden=HIDDEN, b=FREE_GATE, sigma=SIGMA, steps=round(1500 * context.profile.steps), record_every=50
    )
    M = rotation(D, context.streams.generator("training/dictionary")) if arm.dense else None
    return replace(common, M=M, **arm.settings)


def trained(name: str, context: Context) -> SupervisedRecord:
    """The trained replicas of the arm called `name`, one a seed of the profile; the same data in every arm."""
    return context.once(f"trained/{name}", lambda: _train(name, context))


def _train(name: str, context: Context) -> SupervisedRecord:
    streams, seeds = context.streams.child("training"), context.profile.seeds
    return train_supervised(plan(name, context), streams, seeds, context.backend, memory_bytes=context.room())
