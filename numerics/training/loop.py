"""Supervised training of many replicas in one batched computation."""

from __future__ import annotations

from numerics.backend import Backend
from numerics.memory import share_of_free
from numerics.memory_estimates import supervised_memory
from numerics.optimisers import Parameters
from numerics.streams import Streams
from numerics.training.batches import batches
from numerics.training.descent import Batch, Progress, Tracker, descend, in_chunks
from numerics.training.engine import StepShape, choose_step, choose_updates
from numerics.training.initial import initial_parameters
from numerics.training.plan import SupervisedPlan
from numerics.training.record import Recorder, SupervisedRecord, join_records
from numerics.training.step import StepGradients


def train_supervised(
    plan: SupervisedPlan,
    streams: Streams,
    replicas: int,
    backend: Backend,
    *,
    progress: Progress | None = None,
    memory_bytes: int | None = None,
    first: int = 0,
) -> SupervisedRecord:
    """Return `replicas` networks trained by `plan`, with their history.

    Parameters
    ----------
    plan : SupervisedPlan
        The data, the network, the attack and the optimiser.
    streams : Streams
        Replica ``k`` draws from ``streams.child(str(first + k))`` alone, so its run does not depend on `replicas`.
    replicas : int
        Number of networks, at least 1.
    backend : Backend
        Where to compute; random numbers are drawn on the host and are the same on every backend.
    progress : callable, optional
        Called with the number of updates that are done and the number of all updates.
    memory_bytes : int, optional
        Upper limit on memory; by default half of the free memory. Replicas that do not fit run in batches of at least
        one.
    first : int
        Number of the first replica: a long run may train its replicas in several calls.

    Raises
    ------
    ValueError
        If `replicas` is below 1.
    """

    def train_together(chunk: list[Streams], tracker: Tracker) -> SupervisedRecord:
        return _train_together(plan, chunk, backend, tracker)

    budget = share_of_free(backend) if memory_bytes is None else memory_bytes
    size = supervised_memory(plan).max_batch(replicas, budget)
    return join_records(in_chunks(train_together, plan, streams, replicas, size, progress, first))


def _train_together(
    plan: SupervisedPlan, streams: list[Streams], backend: Backend, tracker: Tracker
) -> SupervisedRecord:
    shape = StepShape(len(streams), plan.law.d, plan.hidden, plan.batch, plan.dtype)
    one = choose_step(backend, shape, plan.b, plan.training_attack, plan.activation)

    def gradients(parameters: Parameters, batch: Batch) -> StepGradients:
        return one.gradients(parameters, *batch)

    parameters = initial_parameters(plan, streams, backend)
    updates = choose_updates(backend, plan, parameters)
    recorder = Recorder(plan, backend, parameters)
    trained = descend(plan, parameters, batches(plan, streams, backend), gradients, updates, recorder, tracker)
    return recorder.finish(trained)
