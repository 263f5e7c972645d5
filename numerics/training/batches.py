"""Fresh training data for many replicas, each from its own streams, drawn in blocks of many steps."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from numerics.backend import Array, Backend
from numerics.streams import Streams
from numerics.training.noise import fast_normal
from numerics.training.plan import SupervisedPlan

# Numbers drawn at once for a replica: large enough that a step costs next to no Python, small enough
# (2 MiB in double precision) to stay near the cache.
BLOCK_NUMBERS = 2**18


def batches(plan: SupervisedPlan, streams: list[Streams], backend: Backend) -> Iterator[tuple[Array, Array]]:
    """Yield ``plan.steps`` pairs ``Z`` ``(replicas, batch, d)`` and ``Y`` ``(replicas, batch)``.

    Parameters
    ----------
    plan : SupervisedPlan
        Laws of features, noise and labels.
    streams : list of Streams
        One for each replica. The length of a block depends on the plan alone, so a replica's data do not
        depend on how many others there are.
    backend : Backend
        Where the arrays go.
    """
    sources = [_ReplicaSource(plan, own) for own in streams]
    block = max(1, BLOCK_NUMBERS // (plan.batch * plan.law.d))
    for start in range(0, plan.steps, block):
        drawn = [source.draw(block) for source in sources]
        Z = backend.asarray(np.stack([z for z, _ in drawn], axis=1))
        Y = backend.asarray(np.stack([y for _, y in drawn], axis=1))
        for step in range(min(block, plan.steps - start)):
            yield Z[step, ...], Y[step, ...]


class _ReplicaSource:
    """The streams of one replica: features, observation noise and label noise advance separately."""

    def __init__(self, plan: SupervisedPlan, streams: Streams) -> None:
        self._plan = plan
        self._dtype = np.dtype(plan.dtype)
        self._theta = plan.target.astype(self._dtype)
        self._dictionary = None if plan.M is None else np.ascontiguousarray(plan.M.T, dtype=self._dtype)
        self._features = streams.generator("features")
        self._noise = streams.generator("noise")
        self._labels = streams.generator("labels")

    def draw(self, steps: int) -> tuple[NDArray[np.floating], NDArray[np.floating]]:
        """Return observations ``(steps, batch, d)`` and labels ``(steps, batch)``."""
        plan = self._plan
        X = plan.law.sample(self._features, (steps, plan.batch), self._dtype.type)
        Z = X.copy() if self._dictionary is None else X @ self._dictionary
        Y = X @ self._theta
        if plan.sigma:
            Z += fast_normal(self._noise, Z.shape, self._dtype) * self._dtype.type(plan.sigma)
        if plan.tau:
            Y += fast_normal(self._labels, Y.shape, self._dtype) * self._dtype.type(plan.tau)
        return Z, Y
