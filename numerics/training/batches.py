"""Fresh training data for many replicas, each from its own streams, drawn in blocks of many steps."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from numerics.backend import Array, Backend
from numerics.compiled.workers import Workers
from numerics.memory_estimates import BLOCK_NUMBERS
from numerics.streams import Streams
from numerics.training.noise import fast_normal
from numerics.training.observer import Observer
from numerics.training.plan import SupervisedPlan, TrainingPlan


class ReplicaSource(Protocol):
    """The training data of one replica."""

    def draw(self, steps: int) -> tuple[NDArray[np.floating], ...]:
        """Return the arrays of the next `steps` updates, each of shape ``(steps, ...)``."""


def batches(plan: SupervisedPlan, streams: list[Streams], backend: Backend) -> Iterator[tuple[Array, ...]]:
    """Yield ``plan.steps`` pairs ``Z`` ``(replicas, batch, d)`` and ``Y`` ``(replicas, batch)``.

    Parameters
    ----------
    plan : SupervisedPlan
        Laws of features, noise and labels.
    streams : list of Streams
        One for each replica. The length of a block depends on the plan alone, so a replica's data do not
        depend on how many others there are.
    backend : Backend
        The backend of the arrays.
    """
    return in_blocks([_SupervisedSource(plan, own) for own in streams], plan, backend)


def in_blocks(sources: Sequence[ReplicaSource], plan: TrainingPlan, backend: Backend) -> Iterator[tuple[Array, ...]]:
    """Yield the arrays of each of ``plan.steps`` updates, stacked over the replicas, which are drawn in blocks."""
    block = max(1, BLOCK_NUMBERS // (plan.batch * plan.law.d))
    workers = Workers(len(sources))
    for start in range(0, plan.steps, block):
        drawn = workers.each(lambda source: source.draw(block), sources)
        stacked = [backend.asarray(np.stack(arrays, axis=1)) for arrays in zip(*drawn, strict=True)]
        for step in range(min(block, plan.steps - start)):
            yield tuple(array[step, ...] for array in stacked)


class _SupervisedSource:
    """The streams of one replica; features, observation noise and label noise advance separately."""

    def __init__(self, plan: SupervisedPlan, streams: Streams) -> None:
        self._plan = plan
        self._dtype = np.dtype(plan.dtype)
        self._theta = plan.target.astype(self._dtype)
        self._features = streams.generator("features")
        self._observe = Observer(plan.M, plan.sigma, plan.dtype, streams.generator("noise"))
        self._labels = streams.generator("labels")

    def draw(self, steps: int) -> tuple[NDArray[np.floating], ...]:
        """Return observations ``(steps, batch, d)`` and labels ``(steps, batch)``."""
        plan = self._plan
        X = plan.law.sample(self._features, (steps, plan.batch), self._dtype.type)
        Y = X @ self._theta
        if plan.tau:
            Y += fast_normal(self._labels, Y.shape, self._dtype) * self._dtype.type(plan.tau)
        return self._observe(X), Y
