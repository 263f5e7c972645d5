"""Training data drawn on a device by counters instead of streams, so that every update can be drawn at any time."""

from __future__ import annotations

import numpy as np

from numerics.backend import Array
from numerics.features import ConstantAmplitude, UniformAmplitude
from numerics.streams import Streams
from numerics.training.engine.device.contract import Device, row_threads
from numerics.training.plan import SupervisedPlan


class DeviceSampler:
    """The data of a supervised run by counter-based random numbers (Philox 4x32-10).

    Replica ``k`` draws with a key from its own streams, so that its data depend neither on the other replicas nor on
    the device; they differ from the data that the host draws from the same streams. Supports and signs have
    probabilities exact to 2^-32. Amplitudes and normal numbers are made of 32 bits, so that no normal number exceeds
    6.77; in an exact sample one would with probability 2e-11.

    Parameters
    ----------
    device : Device
        The device that uses the data.
    plan : SupervisedPlan
        Laws of features, noise and labels.
    streams : list of Streams
        One for each replica.

    Raises
    ------
    ValueError
        If the amplitude law of the plan is neither constant nor uniform.
    """

    def __init__(self, device: Device, plan: SupervisedPlan, streams: list[Streams]) -> None:
        self._device = device
        self._shape = len(streams), plan.batch, plan.law.d
        self._sizes = np.int32(plan.batch), np.int32(plan.law.d)
        number = device.dtype.type
        low, width = _amplitudes(plan.law.amplitude)
        self._law = np.uint64(round(plan.law.p * 2**32)), number(low), number(width)
        self._sigma, self._tau = number(plan.sigma), number(plan.tau)
        keys = [own.generator("device").integers(2**64, dtype=np.uint64) for own in streams]
        self._keys = device.asarray(np.asarray(keys))
        self._theta = device.asarray(plan.target.astype(device.dtype))
        self._M = None if plan.M is None else device.asarray(plan.M.astype(device.dtype)[None])
        self._X = None if plan.M is None else device.empty(self._shape)

    def queue(self, step: Array, offset: int, Z: Array, y: Array) -> None:
        """Queue the sampling of ``Z`` and ``y`` of the update with number ``step[0] + offset``."""
        device, (replicas, n, d) = self._device, self._shape
        blocks, threads = replicas * n, row_threads(-(-d // 4))
        when = self._keys, step, np.uint32(offset)
        at_once, X = (self._sigma, Z) if self._X is None else (device.dtype.type(0), self._X)
        law = *self._sizes, *self._law, at_once, self._tau, self._theta
        device.launch("draw", blocks, threads, *law, *when, X, y)
        if self._M is None:
            return
        flat = 1, replicas * n, d
        device.multiply(X.reshape(flat), self._M, Z.reshape(flat), right_transposed=True)
        if self._sigma:
            device.launch("add_noise", blocks, threads, *self._sizes, self._sigma, *when, Z)


def _amplitudes(law: object) -> tuple[float, float]:
    """Return the least amplitude and the width of its interval."""
    if isinstance(law, ConstantAmplitude):
        return law.r, 0.0
    if isinstance(law, UniformAmplitude):
        return law.r_min, law.r_max - law.r_min
    raise ValueError(f"amplitude is {law}; expected a constant or uniform one, which a device can draw")
