"""The loop of a run on a device: blocks of updates, including their data, are recorded once and replayed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from numerics.backend import Array
from numerics.optimisers import Parameters
from numerics.training.engine.device.contract import Device
from numerics.training.engine.device.sampling import DeviceSampler
from numerics.training.engine.device.step import DeviceStep
from numerics.training.engine.device.updates import DeviceUpdates

RECORDED_UPDATES = 10
"""Number of updates in one graph, so many that its launch takes little of the time."""


@dataclass(frozen=True)
class Work:
    """The parts of an update: the sampling of its data, the step, and the optimiser."""

    sampler: DeviceSampler
    step: DeviceStep
    updates: DeviceUpdates


@dataclass
class DeviceLoop:
    """Updates of `parameters`, one after the other, with nothing copied to or from the host.

    Attributes
    ----------
    device, work
        The device, and the parts of an update.
    parameters : dict
        Contiguous arrays, updated in place.
    batch : pair of array
        ``Z`` ``(replicas, n, d)`` and ``y`` ``(replicas, n)``, overwritten by every update.
    """

    device: Device
    work: Work
    parameters: Parameters
    batch: tuple[Array, Array]
    _number: Array = field(init=False)
    _replay: Callable[[], None] | None = field(init=False, default=None)
    _has_run: bool = field(init=False, default=False)

    def __post_init__(self) -> None:
        self._number = self.device.asarray(np.zeros(1, np.uint32))

    def draw(self) -> tuple[Array, Array]:
        """Return the data of the next update, in the arrays of the loop."""
        self.work.sampler.queue(self._number, 0, *self.batch)
        return self.batch

    def advance(self, updates: int) -> None:
        """Queue a number of `updates`: whole blocks first, and the remaining ones one by one."""
        blocks, rest = divmod(updates, RECORDED_UPDATES)
        for _ in range(blocks):
            self._advance_a_block()
        if rest:
            self._queue(rest)

    def _advance_a_block(self) -> None:
        if not self._has_run:
            # CUDA loads a kernel when it is first launched, which cannot be recorded.
            self._has_run = True
            return self._queue(RECORDED_UPDATES)
        if self._replay is None:
            self._replay = self.device.record(lambda: self._queue(RECORDED_UPDATES))
        return self._replay()

    def _queue(self, updates: int) -> None:
        for offset in range(updates):
            self.work.sampler.queue(self._number, offset, *self.batch)
            gradients = self.work.step.queue(self.parameters, *self.batch)
            self.work.updates.queue(self.parameters, gradients, self._number, offset)
        self.device.launch("advance", 1, 32, np.uint32(updates), self._number)
