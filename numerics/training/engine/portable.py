"""The step in the array API standard, for every namespace and activation; the compiled step is tested against it."""

from __future__ import annotations

from dataclasses import dataclass

from numerics.activations import ActivationName
from numerics.backend import Array
from numerics.optimisers import Parameters
from numerics.training.step import StepGradients, TrainingAttack, squared_loss_step


@dataclass(frozen=True)
class PortableStep:
    """`numerics.training.step.squared_loss_step` with fixed threshold, attack and activation."""

    b: float
    attack: TrainingAttack | None
    activation: ActivationName = "gate"

    def gradients(self, parameters: Parameters, Z: Array, y: Array) -> StepGradients:
        """Return gradients of the mean attacked loss, and both losses."""
        return squared_loss_step(parameters, self.b, Z, y, self.attack, self.activation)
