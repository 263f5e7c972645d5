"""The compiled step of the gated network, on NumPy arrays."""

from __future__ import annotations

import math
from typing import Protocol

import numpy as np

from numerics.backend import Array
from numerics.compiled.types import Floats
from numerics.compiled.workers import Workers
from numerics.optimisers import Parameters
from numerics.training.engine import kernels, update_kernels
from numerics.training.engine.contract import StepShape
from numerics.training.engine.wide import WideProducts
from numerics.training.engine.workspace import Errors, Rule, new_space, rule_of
from numerics.training.step import StepGradients, TrainingAttack

TILE_ROWS = 1024
"""Observations computed together by one thread: products no longer gain from more."""

WIDE_WORK = 2**27
"""Multiplications in a product of one replica from which on threads share it: it takes about a millisecond."""


class Products(Protocol):
    """The interface of the products of all replicas."""

    def run(self, Z: Floats, y: Floats, W: Floats, a: Floats, gradients: tuple[Floats, Floats], losses: Errors) -> None:
        """Write the gradients in ``W`` and ``a``, and ``(replicas, 2)`` sums of clean and attacked squared errors."""
        ...


class GatedStep:
    """One training step of the gate, with a workspace for the given shape.

    The gradients of a replica do not depend on the other replicas. They do not depend on the number of threads either,
    except for the rounding of products so large that threads share them.

    Parameters
    ----------
    shape : StepShape
        Sizes of one batch.
    b : float
        Threshold of the nodes.
    attack : TrainingAttack or None
        The attack in training; None trains on the clean loss.
    """

    def __init__(self, shape: StepShape, b: float, attack: TrainingAttack | None) -> None:
        dtype = np.dtype(shape.dtype)
        rule = rule_of(b, attack, shape.d, dtype)
        is_wide = shape.batch * shape.d * shape.hidden >= WIDE_WORK
        self._shape = shape
        self._products: Products = (WideProducts if is_wide else TiledProducts)(shape, rule, dtype)
        self._dW = np.empty((shape.replicas, shape.d, shape.hidden), dtype)
        self._da = np.empty((shape.replicas, shape.hidden), dtype)
        self._losses = np.empty((shape.replicas, 2))

    def gradients(self, parameters: Parameters, Z: Array, y: Array) -> StepGradients:
        """Return gradients of the mean attacked loss, in arrays of this step, and both losses."""
        W, a, Z, y = (np.ascontiguousarray(x) for x in (parameters["W"], parameters["a"], Z, y))
        self._products.run(Z, y, W, a, (self._dW, self._da), self._losses)
        clean, attacked = (self._losses / self._shape.batch).T.astype(self._dW.dtype)
        return StepGradients({"W": self._dW, "a": self._da}, clean, attacked)


class TiledProducts:
    """Products in which each thread takes replicas of its own, tile by tile.

    Parameters
    ----------
    shape : StepShape
        Sizes of one batch.
    rule : Rule
        Threshold and attack of the step.
    dtype : dtype
        Dtype of the data.
    """

    def __init__(self, shape: StepShape, rule: Rule, dtype: np.dtype[np.floating]) -> None:
        self._rule, self._tiles = rule, math.ceil(shape.batch / TILE_ROWS)
        self._workers = Workers(shape.replicas)
        rows = math.ceil(shape.batch / self._tiles)
        self._spaces = [new_space(rows, shape.d, shape.hidden, dtype) for _ in range(self._workers.count)]

    def run(self, Z: Floats, y: Floats, W: Floats, a: Floats, gradients: tuple[Floats, Floats], losses: Errors) -> None:
        """Write the gradients and squared errors that `Products.run` describes."""
        dW, da = gradients

        def work(worker: int, first: int, last: int) -> None:
            space = self._spaces[worker]
            kernels.run_replicas(first, last, self._tiles, self._rule, Z, y, W, a, space, dW, losses)
            for r in range(first, last):
                update_kernels.finish(0, W.shape[2], W[r], a[r], dW[r], da[r])

        self._workers.share_out(len(W), work)
