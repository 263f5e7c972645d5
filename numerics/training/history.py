"""Measurements along training: how they are taken from many replicas at once, stored and joined."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from numerics.backend import Array, Backend, to_numpy
from numerics.purity import largest_share, live_mean, live_nodes, participation_ratio
from numerics.training.plan import TrainingPlan


@dataclass(frozen=True, eq=False)
class History:
    """Measurements along training; one row for each entry of ``step``, one column for each replica.

    Attributes
    ----------
    step : array
        Updates made before the measurement, shape ``(records,)``; the first is 0.
    participation, largest_share : array
        Purity of the feature weights averaged over nodes (1 is pure), shape ``(records, replicas)``.
    clean_loss, attacked_loss : array
        Mean losses on the training batch of that step, under no attack and under the training attack, shape
        ``(records, replicas)``.
    """

    step: NDArray[np.int64]
    participation: NDArray[np.float64]
    largest_share: NDArray[np.float64]
    clean_loss: NDArray[np.float64]
    attacked_loss: NDArray[np.float64]


AnyHistory = TypeVar("AnyHistory", bound=History)


class Rows(Generic[AnyHistory]):
    """Collects the rows of a history of one kind during training."""

    def __init__(self, kind: type[AnyHistory]) -> None:
        self._kind = kind
        self._rows: list[tuple[int, tuple[Array, ...]]] = []

    def add(self, step: int, *measured: Array) -> None:
        """Store the values `measured`, arrays ``(replicas,)``, after `step` updates."""
        self._rows.append((step, measured))

    def history(self) -> AnyHistory:
        """Return the rows as host arrays."""
        columns = zip(*(measured for _, measured in self._rows), strict=True)
        host = [np.stack([to_numpy(x).astype(np.float64) for x in column]) for column in columns]
        return self._kind(np.asarray([step for step, _ in self._rows]), *host)


def joined(histories: Sequence[AnyHistory]) -> AnyHistory:
    """Return one history of the replicas of all `histories` of the same plan, in their order."""
    first = histories[0]
    names = [field.name for field in fields(first) if field.name != "step"]
    measured = {name: np.concatenate([getattr(one, name) for one in histories], axis=1) for name in names}
    return type(first)(first.step, **measured)


class FeatureReader:
    """Reads weights in feature coordinates, ``U = M^T W``."""

    def __init__(self, plan: TrainingPlan, backend: Backend) -> None:
        self._readings = None if plan.M is None else backend.asarray(plan.M.T, plan.dtype)

    def __call__(self, W: Array) -> Array:
        """Return ``M^T W``, shape ``(..., d, H)``."""
        return W if self._readings is None else self._readings @ W


def node_purity(U: Array, head: Array) -> tuple[Array, Array]:
    """Return participation ratio and largest share, means over the live nodes, shape ``(...)``.

    Parameters
    ----------
    U : array, shape (..., d, H)
        Feature weights.
    head : array, shape (..., H)
        The head, or its modulus; a node is dead if its entry is 0.
    """
    live = live_nodes(U, head)
    return live_mean(participation_ratio(U), live), live_mean(largest_share(U), live)
