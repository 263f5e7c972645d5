"""The training step of the gated network on a device: four batched products, and one pass between any two."""

from __future__ import annotations

import numpy as np

from numerics.backend import Array
from numerics.optimisers import Parameters
from numerics.training.engine.contract import StepShape
from numerics.training.engine.device.contract import Device, column_blocks, column_threads, row_threads
from numerics.training.step import StepGradients, TrainingAttack

_NORM_CODES = {"l1": 0, "l2": 1, "linf": 2}


class DeviceStep:
    """One training step of the gate, with a workspace for the given shape.

    Parameters
    ----------
    device : Device
        The device that computes, at the dtype of the `shape`.
    shape : StepShape
        Sizes of one batch.
    b : float
        Threshold of the nodes.
    attack : TrainingAttack or None
        The attack in training; None trains on the clean loss.
    """

    def __init__(self, device: Device, shape: StepShape, b: float, attack: TrainingAttack | None) -> None:
        replicas, d, nodes, n = shape.replicas, shape.d, shape.hidden, shape.batch
        self._device = device
        self._shape = shape
        self._attack = attack
        self._b = device.dtype.type(b)
        self._V = device.empty((replicas, n, nodes))
        points = 0 if attack is None else n
        moved = 0 if attack is None or attack.steps == 1 else n
        # Input gradients, and in their place the points to which they lead.
        self._G = device.empty((replicas, points, d))
        self._delta = device.empty((replicas, moved, d))
        self._errors = device.empty((2, replicas, n))
        self._losses = device.empty((2, replicas))
        self._found = {"W": device.empty((replicas, d, nodes)), "a": device.empty((replicas, nodes))}

    def gradients(self, parameters: Parameters, Z: Array, y: Array) -> StepGradients:
        """Return gradients of the mean attacked loss, in arrays of this step, and both losses."""
        Z, y = self._device.contiguous(Z), self._device.contiguous(y)
        found = self.queue(parameters, Z, y)
        n, replicas = self._shape.batch, self._shape.replicas
        first = 0 if self._attack else 1
        errors, losses = self._errors[first:], self._losses[first:]
        blocks = replicas * (2 - first)
        self._device.launch("mean_squares", blocks, row_threads(n), np.int32(n), errors, losses)
        attacked = self._losses[1].copy()
        return StepGradients(found, self._losses[0].copy() if self._attack else attacked, attacked)

    def queue(self, parameters: Parameters, Z: Array, y: Array) -> Parameters:
        """Queue the step at contiguous arrays, without the losses; return the arrays that will hold its gradients."""
        device, shape = self._device, self._shape
        n, d, nodes = np.int32(shape.batch), np.int32(shape.d), np.int32(shape.hidden)
        W, a, V = parameters["W"], parameters["a"], self._V
        rows, scale = shape.replicas * shape.batch, device.dtype.type(2 / shape.batch)
        points = Z
        for attack_step in range(self._attack.steps if self._attack else 0):
            device.multiply(points, W, V)
            device.launch("weigh_gates", rows, row_threads(shape.hidden), n, nodes, self._b, a, V)
            device.multiply(V, W, self._G, right_transposed=True)
            self._attack_step(attack_step, Z, y)
            points = self._G
        device.multiply(points, W, V)
        read = n, nodes, self._b, scale, a, y, V, self._errors[1]
        device.launch("read_out", rows, row_threads(shape.hidden), *read)
        device.multiply(points, V, self._found["W"], left_transposed=True)
        blocks, threads = column_blocks(shape.replicas, shape.hidden), column_threads(shape.d)
        device.launch("finish_gradients", blocks, threads, d, nodes, W, a, self._found["W"], self._found["a"])
        return self._found

    def _attack_step(self, attack_step: int, Z: Array, y: Array) -> None:
        attack, shape, number = self._attack, self._shape, self._device.dtype.type
        assert attack is not None  # noqa: S101 - only called under attack
        single = attack.steps == 1
        sizes = np.int32(shape.d), np.int32(_NORM_CODES[attack.norm]), np.int32(attack_step == 0), np.int32(single)
        reach = number(attack.eps), number(attack.lengths[attack_step])
        blocks, threads = shape.replicas * shape.batch, row_threads(shape.d)
        self._device.launch("attack_step", blocks, threads, *sizes, *reach, Z, y, self._G, self._delta, self._errors[0])
