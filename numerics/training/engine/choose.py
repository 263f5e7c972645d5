"""Which implementation computes a training step."""

from __future__ import annotations

from numerics.activations import ActivationName
from numerics.backend import Backend
from numerics.training.engine.contract import StepShape, TrainingStep
from numerics.training.engine.portable import PortableStep
from numerics.training.step import TrainingAttack


def choose_step(
    backend: Backend,
    shape: StepShape,
    b: float,
    attack: TrainingAttack | None,
    activation: ActivationName = "gate",
) -> TrainingStep:
    """Return the fastest step for arrays of the `backend`, with its workspace.

    Parameters
    ----------
    backend : Backend
        Where the arrays are.
    shape : StepShape
        Sizes of one batch.
    b : float
        Threshold of the nodes.
    attack : TrainingAttack or None
        None trains on the clean loss.
    activation : str
        What every node applies to its preactivation.
    """
    return PortableStep(b, attack, activation)
