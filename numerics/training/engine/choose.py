"""The choice of the implementation that computes the steps and the updates of a training run."""

from __future__ import annotations

from numerics.activations import ActivationName
from numerics.backend import Backend
from numerics.optimisers import Parameters
from numerics.training.engine.contract import StepShape, TrainingStep
from numerics.training.engine.device import DeviceStep, DeviceUpdates, cupy_device
from numerics.training.engine.gated import GatedStep
from numerics.training.engine.portable import PortableStep
from numerics.training.engine.updates import CompiledUpdates
from numerics.training.plan import TrainingPlan
from numerics.training.step import TrainingAttack
from numerics.training.updates import PortableUpdates, Updates


def choose_step(
    backend: Backend,
    shape: StepShape,
    b: float,
    attack: TrainingAttack | None,
    activation: ActivationName = "gate",
) -> TrainingStep:
    """Return the fastest step for arrays of the `backend`, with its workspace: compiled if the nodes are gates.

    Parameters
    ----------
    backend : Backend
        The backend of the arrays.
    shape : StepShape
        Sizes of one batch.
    b : float
        Threshold of the nodes.
    attack : TrainingAttack or None
        The attack in training; None trains on the clean loss.
    activation : str
        Name of the activation of every node.
    """
    if activation == "gate" and compiles_for(backend):
        return GatedStep(shape, b, attack)
    if activation == "gate" and backend.name == "cupy":
        return DeviceStep(cupy_device(shape.dtype), shape, b, attack)
    return PortableStep(b, attack, activation)


def choose_updates(backend: Backend, plan: TrainingPlan, parameters: Parameters) -> Updates:
    """Return the fastest updates of the `parameters` by the optimiser of the `plan`."""
    if compiles_for(backend):
        return CompiledUpdates(plan, parameters)
    if backend.name == "cupy":
        return DeviceUpdates(cupy_device(plan.dtype), plan, parameters)
    return PortableUpdates(plan, parameters)


def compiles_for(backend: Backend) -> bool:
    """Return whether compiled loops can work on the arrays of the `backend`."""
    return backend.name == "numpy"
