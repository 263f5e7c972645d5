"""What a supervised training run leaves behind."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from array_api_compat import array_namespace
from numpy.typing import NDArray

from numerics.backend import Array, Backend, to_numpy
from numerics.network import GatedNetwork
from numerics.optimisers import Parameters
from numerics.purity import largest_share, live_mean, live_nodes, participation_ratio
from numerics.training.plan import SupervisedPlan
from numerics.training.step import StepGradients


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
        Mean squared errors on the training batch of that step, under no attack and under the training
        attack, shape ``(records, replicas)``.
    """

    step: NDArray[np.int64]
    participation: NDArray[np.float64]
    largest_share: NDArray[np.float64]
    clean_loss: NDArray[np.float64]
    attacked_loss: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class SupervisedRecord:
    """The networks of a run, with their history.

    Attributes
    ----------
    plan : SupervisedPlan
        What was run.
    net : GatedNetwork
        Trained networks: ``W`` ``(replicas, d, H)``, ``a`` ``(replicas, H)``, ``b`` ``(H,)``.
    U_initial, U_final : array
        Feature weights ``M^T W`` before and after, shape ``(replicas, d, H)``.
    history : History
        Measurements along training.
    """

    plan: SupervisedPlan
    net: GatedNetwork
    U_initial: Array
    U_final: Array
    history: History


class Recorder:
    """Takes measurements while a stack of replicas is trained and closes with their record."""

    def __init__(self, plan: SupervisedPlan, backend: Backend, parameters: Parameters) -> None:
        self._plan = plan
        self._readings = None if plan.M is None else backend.asarray(plan.M.T, plan.dtype)
        self._U_initial = self._feature_weights(parameters)
        self._rows: list[tuple[int, Array, Array, Array, Array]] = []

    def add(self, step: int, parameters: Parameters, outcome: StepGradients) -> None:
        """Measure before update number `step`."""
        U = self._feature_weights(parameters)
        live = live_nodes(U, parameters["a"])
        purity = live_mean(participation_ratio(U), live), live_mean(largest_share(U), live)
        self._rows.append((step, *purity, outcome.clean_loss, outcome.attacked_loss))

    def finish(self, parameters: Parameters) -> SupervisedRecord:
        """Return the record with `parameters` as the trained ones."""
        steps, *columns = zip(*self._rows, strict=True)
        measured = [np.stack([to_numpy(row).astype(np.float64) for row in column]) for column in columns]
        net = GatedNetwork(parameters["W"], parameters["a"], float(self._plan.b))
        history = History(np.asarray(steps), *measured)
        return SupervisedRecord(self._plan, net, self._U_initial, self._feature_weights(parameters), history)

    def _feature_weights(self, parameters: Parameters) -> Array:
        W = parameters["W"]
        return W if self._readings is None else self._readings @ W


def join_records(records: list[SupervisedRecord]) -> SupervisedRecord:
    """Return one record of the replicas of all `records` of the same plan, in their order."""
    first = records[0]
    if len(records) == 1:
        return first
    xp = array_namespace(first.net.W)
    net = GatedNetwork(*(xp.concat([getattr(r.net, part) for r in records]) for part in ("W", "a", "b")))
    before, after = (xp.concat([getattr(r, name) for r in records]) for name in ("U_initial", "U_final"))
    measured = {
        f.name: np.concatenate([getattr(r.history, f.name) for r in records], axis=1)
        for f in fields(History)
        if f.name != "step"
    }
    return SupervisedRecord(first.plan, net, before, after, History(first.history.step, **measured))
