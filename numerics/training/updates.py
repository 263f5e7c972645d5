"""Updates of the parameters of a run: the optimiser, its state, and the sphere."""

from __future__ import annotations

from typing import Protocol

from numerics.optimisers import Parameters, scheduled_rate
from numerics.training.plan import TrainingPlan
from numerics.training.sphere import onto_sphere, tangential


class Updates(Protocol):
    """The updates of one run, one after the other."""

    def apply(self, parameters: Parameters, gradients: Parameters, step: int) -> Parameters:
        """Return the parameters after update number `step`; both arguments may be overwritten."""


class PortableUpdates:
    """Updates in any array namespace.

    Parameters
    ----------
    plan : TrainingPlan
        Optimiser, learning rate and sphere.
    parameters : dict
        The arrays that are updated, which determine the shapes and dtypes of the optimiser's state.
    """

    def __init__(self, plan: TrainingPlan, parameters: Parameters) -> None:
        self._plan = plan
        self._state = plan.optimiser.initial_state(parameters)

    def apply(self, parameters: Parameters, gradients: Parameters, step: int) -> Parameters:
        """Return the parameters after update number `step`, in new arrays."""
        plan = self._plan
        rate = scheduled_rate(plan.learning_rate, plan.schedule, step, plan.steps)
        if plan.unit_norm:
            gradients = gradients | {"W": tangential(gradients["W"], parameters["W"])}
        moved, self._state = plan.optimiser.update(parameters, gradients, self._state, rate, step)
        return moved | {"W": onto_sphere(moved["W"])} if plan.unit_norm else moved
