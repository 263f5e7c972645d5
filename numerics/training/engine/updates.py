"""Compiled updates of NumPy arrays, in place."""

from __future__ import annotations

import math

import numpy as np

from numerics.compiled.types import Floats
from numerics.compiled.workers import Workers
from numerics.optimisers import SGD, Parameters, scheduled_rate
from numerics.training.engine import update_kernels as kernels
from numerics.training.plan import TrainingPlan

_NUMBERS_FOR_A_THREAD = 2**16
"""An update of fewer numbers takes less time than to wake a thread."""


class CompiledUpdates:
    """`numerics.training.updates.PortableUpdates`, in one pass over each array.

    Parameters
    ----------
    plan : TrainingPlan
        Optimiser, learning rate and sphere.
    parameters : dict
        The arrays that are updated: contiguous, with at least one axis, the first of which is that of the replicas.
    """

    def __init__(self, plan: TrainingPlan, parameters: Parameters) -> None:
        self._plan = plan
        self._state = {
            name: {key: np.zeros_like(x) for key, x in entry.items()}
            for name, entry in plan.optimiser.initial_state(parameters).items()
        }
        largest = max(parameters.values(), key=np.size)
        self._replicas = len(largest)
        self._workers = Workers(min(self._replicas, 1 + largest.size // _NUMBERS_FOR_A_THREAD))
        self._columns = np.empty_like(parameters["W"][:, 0]) if plan.unit_norm else None

    def apply(self, parameters: Parameters, gradients: Parameters, step: int) -> Parameters:
        """Return the same arrays after update number `step`."""

        def run(_: int, first: int, last: int) -> None:
            if self._columns is not None:
                kernels.make_tangential(first, last, parameters["W"], gradients["W"], self._columns)
            for name, x in parameters.items():
                self._move(first, last, name, _rows(x), _rows(gradients[name]), step)
            if self._columns is not None:
                kernels.put_on_sphere(first, last, parameters["W"], self._columns)

        self._workers.share_out(self._replicas, run)
        return parameters

    def _move(self, first: int, last: int, name: str, x: Floats, gradient: Floats, step: int) -> None:
        plan, number = self._plan, x.dtype.type
        rate = scheduled_rate(plan.learning_rate, plan.schedule, step, plan.steps)
        state = {key: _rows(entry[name]) for key, entry in self._state.items()}
        optimiser = plan.optimiser
        if not isinstance(optimiser, SGD):
            shrink = math.sqrt(1 - optimiser.second ** (step + 1))
            stride = number(rate * shrink / (1 - optimiser.first ** (step + 1)))
            decays = number(optimiser.first), number(optimiser.second)
            rests = number(1 - optimiser.first), number(1 - optimiser.second)
            guard = number(optimiser.guard * shrink)
            moments = state["first"], state["second"]
            kernels.descend_by_moments(first, last, stride, guard, decays, rests, gradient, *moments, x)
        elif optimiser.momentum:
            momentum = number(optimiser.momentum)
            kernels.descend_with_momentum(first, last, number(rate), momentum, gradient, state["velocity"], x)
        else:
            kernels.descend(first, last, number(rate), gradient, x)


def _rows(x: Floats) -> Floats:
    """Return `x` with one row for each replica."""
    return x.reshape(len(x), -1)
