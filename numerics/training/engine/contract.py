"""What a training step is asked for, whatever computes it."""

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
        Of the data, the parameters and the gradients.
    """

    replicas: int
    d: int
    hidden: int
    batch: int
    dtype: str = "float32"


class TrainingStep(Protocol):
    """The gradients of one batch after the other, in arrays that a step may reuse."""

    def gradients(self, parameters: Parameters, Z: Array, y: Array) -> StepGradients:
        """Return what `numerics.training.step.squared_loss_step` returns.

        The gradients are valid until the next call; the losses stay.

        Parameters
        ----------
        parameters : dict
            ``W`` ``(replicas, d, H)`` and ``a`` ``(replicas, H)``.
        Z, y : array
            Observations ``(replicas, n, d)`` and targets ``(replicas, n)``.
        """
