"""The result of a contrastive training run: the encoders and their history."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from array_api_compat import array_namespace
from numpy.typing import NDArray

from numerics.backend import Array, Backend
from numerics.contrastive.attacks import fgm
from numerics.contrastive.encoder import ContrastiveNetwork, Encoder, LinearEncoder
from numerics.contrastive.loss import pair_loss
from numerics.contrastive.pairs import Pairs
from numerics.contrastive.training.plan import ContrastivePlan
from numerics.optimisers import Parameters
from numerics.purity import live_mean
from numerics.training.history import FeatureReader, History, Rows, joined, node_purity
from numerics.training.step import StepGradients


@dataclass(frozen=True, eq=False)
class ContrastiveHistory(History):
    """Measurements along contrastive training, with the effect of the probing attack (claim E5).

    Attributes
    ----------
    increase_similar, increase_dissimilar : array
        Mean increase of the loss of a similar and of a dissimilar pair of the training batch under the plan's
        probe, shape ``(records, replicas)``; NaN where the batch has no such pairs.

    The others are those of `History`; a node of a linear encoder is a row of ``T``.
    """

    increase_similar: NDArray[np.float64]
    increase_dissimilar: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class ContrastiveRecord:
    """The encoders of a run, with their history.

    Attributes
    ----------
    plan : ContrastivePlan
        The plan of the run.
    encoder : ContrastiveNetwork or LinearEncoder
        Trained encoders, replicas on the first axis.
    U_initial, U_final : array
        Feature weights of the nodes before and after, one column for each node: ``M^T W`` ``(replicas, d, H)``, or
        ``M^T T^T`` ``(replicas, d, q)``.
    history : ContrastiveHistory
        Measurements along training.
    """

    plan: ContrastivePlan
    encoder: ContrastiveNetwork | LinearEncoder
    U_initial: Array
    U_final: Array
    history: ContrastiveHistory


class ContrastiveRecorder:
    """Measures a stack of encoders while they are trained, and returns their record in the end."""

    def __init__(self, plan: ContrastivePlan, backend: Backend, parameters: Parameters) -> None:
        self._plan = plan
        self._read = FeatureReader(plan, backend)
        self._initial = parameters
        self._rows = Rows(ContrastiveHistory)

    def add(self, step: int, parameters: Parameters, batch: tuple[Array, ...], outcome: StepGradients) -> None:
        """Measure before update number `step`."""
        encoder = self._plan.encoder.encoder(parameters)
        purity = node_purity(self._read(encoder.columns), self._plan.encoder.output_norms(parameters))
        pairs = Pairs(*batch)
        rise = self._rise(encoder, pairs)
        similar, dissimilar = live_mean(rise, pairs.y > 0), live_mean(rise, pairs.y < 0)
        self._rows.add(step, *purity, outcome.clean_loss, outcome.attacked_loss, similar, dissimilar)

    def finish(self, parameters: Parameters) -> ContrastiveRecord:
        """Return the record with `parameters` as the trained ones."""
        before, after = (self._plan.encoder.encoder(one) for one in (self._initial, parameters))
        return ContrastiveRecord(
            self._plan, after, self._read(before.columns), self._read(after.columns), self._rows.history()
        )

    def _rise(self, encoder: Encoder, pairs: Pairs) -> Array:
        delta = fgm(encoder, pairs, self._plan.probe)
        return pair_loss(encoder, delta.applied_to(pairs)) - pair_loss(encoder, pairs)


def join_records(records: list[ContrastiveRecord]) -> ContrastiveRecord:
    """Return one record of the encoders of all `records` of the same plan, in their order."""
    first = records[0]
    if len(records) == 1:
        return first
    concat = array_namespace(first.U_final).concat
    names = ("W", "C", "b") if isinstance(first.encoder, ContrastiveNetwork) else ("T",)
    joint = {name: concat([getattr(one.encoder, name) for one in records]) for name in names}
    encoder = replace(first.encoder, **joint)
    before, after = (concat([getattr(one, name) for one in records]) for name in ("U_initial", "U_final"))
    return ContrastiveRecord(first.plan, encoder, before, after, joined([one.history for one in records]))
