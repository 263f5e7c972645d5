"""The description of a training run: the data, the network, the attack and the optimiser."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from numerics.activations import THRESHOLDED, ActivationName, expect_activation
from numerics.features import FeatureLaw
from numerics.norms import Norm
from numerics.optimisers import SGD, Adam, Schedule
from numerics.training.step import TrainingAttack

AttackName = Literal["none", "fgm", "pgd"]
Dtype = Literal["float32", "float64"]

_CHOICES = {
    "attack": ("none", "fgm", "pgd"),
    "norm": ("l1", "l2", "linf"),
    "schedule": ("constant", "cosine", "linear"),
    "dtype": ("float32", "float64"),
}


@dataclass(frozen=True, eq=False, kw_only=True)
class TrainingPlan:
    """The part of a training run that does not depend on its network and loss.

    Parameters
    ----------
    law : FeatureLaw
        Law of the features ``X``, shape ``(d,)``.
    M : array, optional
        Orthogonal dictionary ``(d, d)``; the identity by default.
    sigma : float
        Standard deviation of the observation noise.
    attack : {"none", "fgm", "pgd"}
        Attack inside the training step.
    norm : {"l1", "l2", "linf"}
        Norm of the attack.
    eps : float
        Size of the attack; positive exactly when there is one.
    attack_steps : int
        Gradient steps of PGD.
    steps, batch : int
        Number of updates, and of fresh samples in each.
    optimiser : SGD or Adam
        Update rule.
    learning_rate : float
        Rate of the first update.
    schedule : {"constant", "cosine", "linear"}
        The way in which the rate falls.
    unit_norm : bool
        Keep every column of ``W`` at norm 1: gradients are projected on the tangent space of the sphere, and
        columns on the sphere after each update.
    dtype : {"float32", "float64"}
        Precision of data, parameters and gradients.
    record_every : int
        Number of updates between two entries of the history.

    Raises
    ------
    ValueError
        If a field is outside the range above.
    """

    law: FeatureLaw
    M: NDArray[np.floating] | None = None
    sigma: float = 0.0
    attack: AttackName = "none"
    norm: Norm = "l2"
    eps: float = 0.0
    attack_steps: int = 5
    steps: int = 2000
    batch: int = 128
    optimiser: SGD | Adam = field(default_factory=Adam)
    learning_rate: float = 0.01
    schedule: Schedule = "cosine"
    unit_norm: bool = False
    dtype: Dtype = "float32"
    record_every: int = 100

    def __post_init__(self) -> None:
        for name, choices in _CHOICES.items():
            expect_choice(name, getattr(self, name), choices)
        for name in ("steps", "batch", "attack_steps", "record_every"):
            expect_count(name, getattr(self, name))
        for name in ("sigma", "eps"):
            expect_size(name, getattr(self, name))
        expect_positive("learning_rate", self.learning_rate)
        expect("eps", self.eps, (self.eps > 0) == (self.attack != "none"), "positive exactly when there is an attack")
        d = self.law.d
        if self.M is not None and self.M.shape != (d, d):
            raise ValueError(f"M has shape {self.M.shape}; expected ({d}, {d})")

    @property
    def training_attack(self) -> TrainingAttack | None:
        """Return the attack of a training step, None for clean training."""
        if self.attack == "none":
            return None
        return TrainingAttack(self.norm, self.eps, 1 if self.attack == "fgm" else self.attack_steps)


@dataclass(frozen=True, eq=False, kw_only=True)
class SupervisedPlan(TrainingPlan):
    """A supervised pre-training run of the gated network on ``Y = theta^T X + eta``.

    Parameters
    ----------
    hidden : int
        Number of nodes ``H``.
    b : float
        Gate threshold of every node, at least 0; above 0 for the other activations that have a threshold, and 0 for
        those that have none.
    activation : str
        Name of the activation of every node, in `numerics.activations`.
    theta : array, optional
        Target ``(d,)``; all ones by default (signs do not matter, since the law of ``X`` is symmetric).
    tau : float
        Standard deviation of the label noise.
    scale : float
        Initial ``W ~ N(0, scale^2 / d)``, so that columns start with norm about ``scale``; ignored if
        ``unit_norm`` is set, since columns then start at norm 1 and keep it.
    head_scale : float
        Initial ``a ~ N(0, head_scale^2 / H)``.

    The other fields are those of `TrainingPlan`.

    Raises
    ------
    ValueError
        If a field is outside the range above.
    """

    hidden: int
    b: float
    activation: ActivationName = "gate"
    theta: NDArray[np.floating] | None = None
    tau: float = 0.0
    scale: float = 1.0
    head_scale: float = 1.0

    def __post_init__(self) -> None:
        super().__post_init__()
        expect_count("hidden", self.hidden)
        for name in ("b", "tau"):
            expect_size(name, getattr(self, name))
        for name in ("scale", "head_scale"):
            expect_positive(name, getattr(self, name))
        expect_threshold(expect_activation(self.activation), self.b)
        d = self.law.d
        if self.theta is not None and self.theta.shape != (d,):
            raise ValueError(f"theta has shape {self.theta.shape}; expected ({d},)")

    @property
    def target(self) -> NDArray[np.floating]:
        """Return ``theta``, all ones by default."""
        return np.ones(self.law.d) if self.theta is None else self.theta


def expect_threshold(activation: ActivationName, b: float) -> None:
    """Raise a ValueError unless `activation` can have the threshold `b`.

    An activation without a threshold has 0, a gate any threshold of at least 0, and any other one above 0.
    """
    if activation not in THRESHOLDED:
        expect("b", b, b == 0, f"0, since {activation} has no threshold")
    elif activation != "gate":
        expect("b", b, b > 0, f"a threshold above 0 for {activation}")


def expect_choice(name: str, value: str, choices: Collection[str]) -> None:
    """Raise a ValueError unless `value` is one of the `choices`."""
    if value not in choices:
        raise ValueError(f"{name} is {value!r}; expected one of {', '.join(choices)}")


def expect_count(name: str, value: int) -> None:
    """Raise a ValueError unless `value` is at least 1."""
    expect(name, value, value >= 1, "a whole number of at least 1")


def expect_size(name: str, value: float) -> None:
    """Raise a ValueError unless `value` is at least 0."""
    expect(name, value, value >= 0, "a number of at least 0")


def expect_positive(name: str, value: float) -> None:
    """Raise a ValueError unless `value` is above 0."""
    expect(name, value, value > 0, "a positive number")


def expect(name: str, value: object, holds: bool, expected: str) -> None:
    """Raise a ValueError that states what was `expected` of the argument `name`, unless the condition `holds`."""
    if not holds:
        raise ValueError(f"{name} is {value}; expected {expected}")
