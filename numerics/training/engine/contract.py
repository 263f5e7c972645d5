"""The interface of a training step, for every implementation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from numerics.backend import Array
from numerics.optimisers import Parameters
from numerics.training.step import StepGradients


@dataclass(frozen=True)
class StepShape:
    """The sizes that a step allocates its workspace for.

    Parameters
    ----------
    replicas, d, hidden, batch : int
        Networks, features, nodes of a network, and observations of one step.
    dtype : {"float32", "float64"}
        Dtype of the data, the parameters and the gradients.
    """

    replicas: int
    d: int
    hidden: int
    batch: int
    dtype: str = "float32"


class TrainingStep(Protocol):
    """Computes the gradients of one batch after another, in arrays that a step may reuse."""

    def gradients(self, parameters: Parameters, Z: Array, y: Array) -> StepGradients:
        """Return the result of `numerics.training.step.squared_loss_step`.

        The gradients are valid until the next call; the losses remain valid.

        Parameters
        ----------
        parameters : dict
            ``W`` ``(replicas, d, H)`` and ``a`` ``(replicas, H)``.
        Z, y : array
            Observations ``(replicas, n, d)`` and targets ``(replicas, n)``.
        """
