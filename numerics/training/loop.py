"""Supervised training of many replicas in one batched computation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from numerics.backend import Backend
from numerics.optimisers import Parameters, State, scheduled_rate
from numerics.streams import Streams
from numerics.training.batches import BLOCK_NUMBERS, batches
from numerics.training.initial import initial_parameters
from numerics.training.plan import SupervisedPlan
from numerics.training.record import Recorder, SupervisedRecord, join_records
from numerics.training.sphere import onto_sphere, tangential
from numerics.training.step import squared_loss_step

Progress = Callable[[int, int], None]


def train_supervised(
    plan: SupervisedPlan,
    streams: Streams,
    replicas: int,
    backend: Backend,
    *,
    progress: Progress | None = None,
    memory_bytes: int = 2**30,
) -> SupervisedRecord:
    """Return `replicas` networks trained by `plan`, with their history.

    Parameters
    ----------
    plan : SupervisedPlan
        What to train.
    streams : Streams
        Replica ``k`` draws from ``streams.child(str(k))`` alone, so its run does not depend on `replicas`.
    replicas : int
        Number of networks, at least 1.
    backend : Backend
        Where to compute; random numbers are drawn on the host and are the same everywhere.
    progress : callable, optional
        Called with the updates done and the updates in all.
    memory_bytes : int
        Replicas run together as far as their working set is estimated to fit, at least one at a time.

    Raises
    ------
    ValueError
        If `replicas` is below 1.
    """
    if replicas < 1:
        raise ValueError(f"replicas is {replicas}; expected at least 1")
    own = [streams.child(str(k)) for k in range(replicas)]
    size = max(1, memory_bytes // _replica_bytes(plan))
    chunks = [own[start : start + size] for start in range(0, replicas, size)]
    tracker = _Tracker(progress, plan.steps * len(chunks))
    return join_records([_train_together(plan, chunk, backend, tracker) for chunk in chunks])


@dataclass
class _Tracker:
    """Counts updates over all chunks of replicas and tells the caller."""

    progress: Progress | None
    total: int
    done: int = 0

    def advance(self, updates: int) -> None:
        self.done += updates
        if self.progress is not None:
            self.progress(self.done, self.total)


def _replica_bytes(plan: SupervisedPlan) -> int:
    """Return an estimate of one replica's working set: passes, parameters with optimiser, a block of data."""
    d, H, n = plan.law.d, plan.hidden, plan.batch
    numbers = 6 * n * (H + d) + 12 * d * H + 4 * max(BLOCK_NUMBERS, n * d)
    return numbers * np.dtype(plan.dtype).itemsize


def _train_together(
    plan: SupervisedPlan, streams: list[Streams], backend: Backend, tracker: _Tracker
) -> SupervisedRecord:
    attack = plan.training_attack
    parameters = initial_parameters(plan, streams, backend)
    state = plan.optimiser.initial_state(parameters)
    recorder = Recorder(plan, backend, parameters)
    for step, (Z, Y) in enumerate(batches(plan, streams, backend)):
        outcome = squared_loss_step(parameters, plan.b, Z, Y, attack)
        if step % plan.record_every == 0:
            recorder.add(step, parameters, outcome)
            tracker.advance(min(plan.record_every, plan.steps - step))
        parameters, state = _updated(plan, parameters, outcome.gradients, state, step)
    return recorder.finish(parameters)


def _updated(
    plan: SupervisedPlan, parameters: Parameters, gradients: Parameters, state: State, step: int
) -> tuple[Parameters, State]:
    rate = scheduled_rate(plan.learning_rate, plan.schedule, step, plan.steps)
    if not plan.unit_norm:
        return plan.optimiser.update(parameters, gradients, state, rate, step)
    gradients = gradients | {"W": tangential(gradients["W"], parameters["W"])}
    parameters, state = plan.optimiser.update(parameters, gradients, state, rate, step)
    return parameters | {"W": onto_sphere(parameters["W"])}, state
