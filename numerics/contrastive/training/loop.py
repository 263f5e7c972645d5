"""Contrastive training of many encoders in one batched computation."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from numerics.backend import Backend
from numerics.contrastive.pairs import Pairs, PairSource
from numerics.contrastive.training.plan import ContrastivePlan
from numerics.contrastive.training.record import ContrastiveRecord, ContrastiveRecorder, join_records
from numerics.contrastive.training.step import contrastive_step
from numerics.memory import share_of_free
from numerics.memory_estimates import contrastive_memory
from numerics.optimisers import Parameters
from numerics.streams import Streams
from numerics.training.batches import in_blocks
from numerics.training.descent import Batch, Progress, Tracker, descend, in_chunks
from numerics.training.engine import choose_updates
from numerics.training.step import StepGradients


def train_contrastive(
    plan: ContrastivePlan,
    streams: Streams,
    replicas: int,
    backend: Backend,
    *,
    progress: Progress | None = None,
    memory_bytes: int | None = None,
) -> ContrastiveRecord:
    """Return `replicas` encoders trained by `plan`, with their history.

    Parameters
    ----------
    plan : ContrastivePlan
        The pairs, the encoder, the attack and the optimiser.
    streams, replicas, backend, progress, memory_bytes
        As in `numerics.training.train_supervised`.

    Raises
    ------
    ValueError
        If `replicas` is below 1.
    """

    def train_together(chunk: list[Streams], tracker: Tracker) -> ContrastiveRecord:
        return _train_together(plan, chunk, backend, tracker)

    budget = share_of_free(backend) if memory_bytes is None else memory_bytes
    size = contrastive_memory(plan).max_batch(replicas, budget)
    return join_records(in_chunks(train_together, plan, streams, replicas, size, progress))


def initial_parameters(plan: ContrastivePlan, streams: list[Streams], backend: Backend) -> Parameters:
    """Return the parameters that the encoders of these `streams` start with."""
    host = plan.encoder.initial(plan.law.d, streams, unit_norm=plan.unit_norm)
    return {name: backend.asarray(x.astype(plan.dtype)) for name, x in host.items()}


def batches(plan: ContrastivePlan, streams: list[Streams], backend: Backend) -> Iterator[Batch]:
    """Yield ``plan.steps`` triples ``Z, Z'`` ``(replicas, batch, d)`` and ``y`` ``(replicas, batch)``."""
    return in_blocks([_PairBatches(plan, own) for own in streams], plan, backend)


class _PairBatches:
    """The training pairs of one replica."""

    def __init__(self, plan: ContrastivePlan, streams: Streams) -> None:
        self._batch = plan.batch
        self._source = PairSource(plan.pair_law, streams, plan.dtype)

    def draw(self, steps: int) -> tuple[NDArray[np.floating], ...]:
        """Return the pairs of the next `steps` updates."""
        return self._source.draw(steps, self._batch)


def _train_together(
    plan: ContrastivePlan, streams: list[Streams], backend: Backend, tracker: Tracker
) -> ContrastiveRecord:
    attack, steps = plan.pair_attack, plan.gradient_steps

    def gradients(parameters: Parameters, batch: Batch) -> StepGradients:
        return contrastive_step(plan.encoder.encoder(parameters), Pairs(*batch), attack, steps)

    parameters = initial_parameters(plan, streams, backend)
    recorder = ContrastiveRecorder(plan, backend, parameters)
    updates = choose_updates(backend, plan, parameters)
    trained = descend(plan, parameters, batches(plan, streams, backend), gradients, updates, recorder, tracker)
    return recorder.finish(trained)
