"""The training loop that every kind of run shares: chunks of replicas, measurements, updates."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol, TypeVar

from array_api_compat import array_namespace

from numerics.backend import Array
from numerics.divergence import DivergedError
from numerics.optimisers import Parameters
from numerics.streams import Streams
from numerics.training.plan import TrainingPlan
from numerics.training.step import StepGradients
from numerics.training.updates import Updates

Progress = Callable[[int, int], None]
Batch = tuple[Array, ...]
Record = TypeVar("Record")


@dataclass
class Tracker:
    """Counts updates over all chunks of replicas and reports them to the caller."""

    progress: Progress | None
    total: int
    done: int = 0

    def advance(self, updates: int) -> None:
        """Count `updates` more."""
        self.done += updates
        if self.progress is not None:
            self.progress(self.done, self.total)


class Measures(Protocol):
    """An object that takes measurements along a descent."""

    def add(self, step: int, parameters: Parameters, batch: Batch, outcome: StepGradients) -> None:
        """Measure before update number `step`."""


def in_chunks(
    train_together: Callable[[list[Streams], Tracker], Record],
    plan: TrainingPlan,
    streams: Streams,
    replicas: int,
    size: int,
    progress: Progress | None,
    first: int = 0,
) -> list[Record]:
    """Return the records of `replicas` networks from number `first` on, trained at most `size` at a time, at least one.

    Raises
    ------
    ValueError
        If `replicas` is below 1.
    """
    if replicas < 1:
        raise ValueError(f"replicas is {replicas}; expected at least 1")
    own = [streams.child(str(first + k)) for k in range(replicas)]
    stride = max(1, size)
    chunks = [own[start : start + stride] for start in range(0, replicas, stride)]
    tracker = Tracker(progress, plan.steps * len(chunks))
    return [train_together(chunk, tracker) for chunk in chunks]


def descend(
    plan: TrainingPlan,
    parameters: Parameters,
    batches: Iterable[Batch],
    gradients: Callable[[Parameters, Batch], StepGradients],
    updates: Updates,
    measures: Measures,
    tracker: Tracker,
) -> Parameters:
    """Return the parameters after one update for each batch, measured every ``plan.record_every`` updates.

    Raises
    ------
    DivergedError
        If the final parameters are not finite.
    """
    # Updates may be made in place, and the caller's arrays are what training started from.
    parameters = {name: array_namespace(x).asarray(x, copy=True) for name, x in parameters.items()}
    for step, batch in enumerate(batches):
        outcome = gradients(parameters, batch)
        if step % plan.record_every == 0:
            measures.add(step, parameters, batch, outcome)
            tracker.advance(min(plan.record_every, plan.steps - step))
        parameters = updates.apply(parameters, outcome.gradients, step)
    _expect_finite(parameters)
    return parameters


def _expect_finite(parameters: Parameters) -> None:
    for name, x in parameters.items():
        xp = array_namespace(x)
        if not bool(xp.all(xp.isfinite(x))):
            raise DivergedError(
                f"training diverged: {name} has entries that are not finite; expected a smaller learning rate or attack"
            )
