"""The compiled step of the gated network, on NumPy arrays."""

from __future__ import annotations

import math

import numpy as np

from numerics.backend import Array
from numerics.compiled.workers import Workers
from numerics.optimisers import Parameters
from numerics.training.engine import kernels, update_kernels
from numerics.training.engine.contract import StepShape
from numerics.training.engine.workspace import new_space, rule_of
from numerics.training.step import StepGradients, TrainingAttack

TILE_ROWS = 1024
"""Observations computed together: products no longer gain from more, and memory does not grow with the batch."""

_MOST_LANES = 8
"""Shares of a batch that threads can take; each has a sum of gradients of its own."""


class GatedStep:
    """One training step of the gate, with a workspace for the given shape.

    Tiles and the order of sums follow from the shape of one replica alone, so that a replica's gradients depend
    neither on the other replicas nor on the number of threads.

    Parameters
    ----------
    shape : StepShape
        Sizes of one batch.
    b : float
        Threshold of the nodes.
    attack : TrainingAttack or None
        None trains on the clean loss.
    """

    def __init__(self, shape: StepShape, b: float, attack: TrainingAttack | None) -> None:
        dtype = np.dtype(shape.dtype)
        self._shape = shape
        self._tiles = math.ceil(shape.batch / TILE_ROWS)
        self._lanes = min(self._tiles, _MOST_LANES)
        self._rule = rule_of(b, attack, shape.d, dtype)
        tasks = shape.replicas * self._lanes
        self._workers = Workers(tasks)
        self._spaces = [new_space(shape, dtype, self._tiles) for _ in range(self._workers.count)]
        self._parts = np.empty((tasks, shape.d, shape.hidden), dtype)
        self._losses = np.empty((tasks, 2))
        one_lane = self._lanes == 1
        self._dW = self._parts if one_lane else np.empty((shape.replicas, shape.d, shape.hidden), dtype)
        self._da = np.empty((shape.replicas, shape.hidden), dtype)

    def gradients(self, parameters: Parameters, Z: Array, y: Array) -> StepGradients:
        """Return gradients of the mean attacked loss, in arrays of this step, and both losses."""
        W, a, Z, y = (np.ascontiguousarray(x) for x in (parameters["W"], parameters["a"], Z, y))
        lanes = self._lanes

        def run(worker: int, first: int, last: int) -> None:
            space = self._spaces[worker]
            kernels.run_lanes(first, last, self._tiles, lanes, self._rule, Z, y, W, a, space, self._parts, self._losses)
            if lanes == 1:
                update_kernels.finish(first, last, 1, 1, W, a, self._parts, self._dW, self._da)

        def merge(_worker: int, first: int, last: int) -> None:
            update_kernels.finish(first, last, lanes, lanes, W, a, self._parts, self._dW, self._da)

        self._workers.share_out(len(self._parts), run)
        if lanes > 1:
            self._workers.share_out(len(self._parts), merge)
        losses = self._losses.reshape(-1, lanes, 2).sum(axis=1) / self._shape.batch
        clean, attacked = losses.T.astype(self._parts.dtype)
        return StepGradients({"W": self._dW, "a": self._da}, clean, attacked)
