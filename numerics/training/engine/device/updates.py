"""Updates of parameters on a device, in place."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from numerics.backend import Array
from numerics.optimisers import SGD, Adam, Parameters, scheduled_rate
from numerics.training.engine.device.contract import Device, column_blocks, column_threads
from numerics.training.plan import TrainingPlan

_THREADS = 256  # eight warps: enough to hide the latency of memory, and a block fits on every device
_MOST_BLOCKS = 4096  # of larger arrays, a thread updates several numbers
_DESCENT, _MOMENTUM, _ADAM = 0, 1, 2


class DeviceUpdates:
    """`numerics.training.updates.PortableUpdates`, in one pass over each array.

    Parameters
    ----------
    device : Device
        The device that holds the parameters.
    plan : TrainingPlan
        Optimiser, learning rate and sphere.
    parameters : dict
        The arrays that are updated: contiguous, with at least one axis, the first of which is that of the replicas.
    """

    def __init__(self, device: Device, plan: TrainingPlan, parameters: Parameters) -> None:
        self._device = device
        self._unit_norm = plan.unit_norm
        self._rates = device.asarray(_rates(plan).astype(device.dtype))
        self._start = device.asarray(np.zeros(1, np.uint32))
        method, first, second = _method(plan.optimiser)
        self._rule = np.int32(method), *(device.dtype.type(x) for x in (first, 1 - first, second, 1 - second))
        self._state = {
            # Both moments; a method that has none of them does not touch what stands in for it.
            name: [self._zeros(x.shape if method >= k else (1,)) for k in (_MOMENTUM, _ADAM)]
            for name, x in parameters.items()
        }

    def apply(self, parameters: Parameters, gradients: Parameters, step: int) -> Parameters:
        """Return the same arrays after update number `step`."""
        self.queue(parameters, {k: self._device.contiguous(x) for k, x in gradients.items()}, self._start, step)
        return parameters

    def queue(self, parameters: Parameters, gradients: Parameters, step: Array, offset: int) -> None:
        """Queue the update by contiguous gradients, whose number is `offset` plus that in the array `step`."""
        for name, x in parameters.items():
            when = self._rates, step, np.uint32(offset)
            arrays = gradients[name], *self._state[name], x
            if name == "W" and self._unit_norm:
                replicas, d, nodes = x.shape
                blocks, threads = column_blocks(replicas, nodes), column_threads(d)
                sizes = np.int32(d), np.int32(nodes)
                self._device.launch("update_on_sphere", blocks, threads, *sizes, *self._rule, *when, *arrays)
            else:
                blocks = min(_MOST_BLOCKS, -(-x.size // _THREADS))
                self._device.launch("update", blocks, _THREADS, np.int64(x.size), *self._rule, *when, *arrays)

    def _zeros(self, shape: tuple[int, ...]) -> Array:
        return self._device.asarray(np.zeros(shape, self._device.dtype))


def _method(optimiser: SGD | Adam) -> tuple[int, float, float]:
    """Return the number of the method in the kernels, and the decay rates of its moments."""
    if not isinstance(optimiser, SGD):
        return _ADAM, optimiser.first, optimiser.second
    return (_MOMENTUM if optimiser.momentum else _DESCENT), optimiser.momentum, 0.0


def _rates(plan: TrainingPlan) -> NDArray[np.float64]:
    """Return for each update its learning rate and 0, or Adam's corrected stride and guard: ``(steps, 2)``."""
    rates = [scheduled_rate(plan.learning_rate, plan.schedule, step, plan.steps) for step in range(plan.steps)]
    optimiser = plan.optimiser
    if isinstance(optimiser, SGD):
        return np.asarray([(rate, 0.0) for rate in rates])
    shrinks = [math.sqrt(1 - optimiser.second ** (step + 1)) for step in range(plan.steps)]
    return np.asarray(
        [
            (rate * shrink / (1 - optimiser.first ** (step + 1)), optimiser.guard * shrink)
            for step, (rate, shrink) in enumerate(zip(rates, shrinks, strict=True))
        ]
    )
