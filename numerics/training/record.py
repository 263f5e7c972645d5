"""The result of a supervised training run: the networks and their history."""

from __future__ import annotations

from dataclasses import dataclass

from array_api_compat import array_namespace

from numerics.backend import Array, Backend
from numerics.network import GatedNetwork
from numerics.optimisers import Parameters
from numerics.training.history import FeatureReader, History, Rows, joined, node_purity
from numerics.training.plan import SupervisedPlan
from numerics.training.step import StepGradients


@dataclass(frozen=True, eq=False)
class SupervisedRecord:
    """The networks of a run, with their history.

    Attributes
    ----------
    plan : SupervisedPlan
        The plan of the run.
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
    """Measures a stack of replicas while they are trained, and returns their record in the end."""

    def __init__(self, plan: SupervisedPlan, backend: Backend, parameters: Parameters) -> None:
        self._plan = plan
        self._read = FeatureReader(plan, backend)
        self._U_initial = self._read(parameters["W"])
        self._rows = Rows(History)

    def add(self, step: int, parameters: Parameters, batch: tuple[Array, ...], outcome: StepGradients) -> None:
        """Measure before update number `step`."""
        purity = node_purity(self._read(parameters["W"]), parameters["a"])
        self._rows.add(step, *purity, outcome.clean_loss, outcome.attacked_loss)

    def finish(self, parameters: Parameters) -> SupervisedRecord:
        """Return the record with `parameters` as the trained ones."""
        net = GatedNetwork(parameters["W"], parameters["a"], float(self._plan.b), self._plan.activation)
        U_final = self._read(parameters["W"])
        return SupervisedRecord(self._plan, net, self._U_initial, U_final, self._rows.history())


def join_records(records: list[SupervisedRecord]) -> SupervisedRecord:
    """Return one record of the replicas of all `records` of the same plan, in their order."""
    first = records[0]
    if len(records) == 1:
        return first
    xp = array_namespace(first.net.W)
    W, a, b = (xp.concat([getattr(r.net, part) for r in records]) for part in ("W", "a", "b"))
    net = GatedNetwork(W, a, b, first.plan.activation)
    before, after = (xp.concat([getattr(r, name) for r in records]) for name in ("U_initial", "U_final"))
    return SupervisedRecord(first.plan, net, before, after, joined([r.history for r in records]))
