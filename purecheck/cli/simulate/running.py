"""One simulation from its options to its output, whichever kind it is."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

from rich.table import Table

from numerics.backend import Backend
from numerics.memory import MemoryEstimate
from numerics.streams import Streams
from numerics.training.plan import TrainingPlan
from purecheck.cli.json_output import STANDARD_OUTPUT, write_json
from purecheck.cli.options import make_context
from purecheck.cli.output import console
from purecheck.cli.problems import told_as_usage
from purecheck.cli.progress import shown
from purecheck.cli.simulate.options import tested_sizes
from purecheck.cli.simulate.tables import purity_table
from purecheck.context import Profile
from purecheck.environment import describe, now
from purecheck.memory import expect_room, room
from purecheck.simulate import SCHEMA, Spread


class Found(Protocol):
    """What a simulation found, over replicas."""

    @property
    def replicas(self) -> int:
        """How many there are."""
        ...

    @property
    def purity(self) -> Mapping[str, Spread]:
        """Of the nodes."""
        ...

    def facts(self) -> dict[str, Any]:
        """The same as plain data."""
        ...


P = TypeVar("P", bound=TrainingPlan)
R = TypeVar("R")
F = TypeVar("F", bound=Found)


@dataclass(frozen=True, kw_only=True)
class Kind(Generic[P, R, F]):
    """What tells one kind of simulation from the other.

    Attributes
    ----------
    objective
        What is minimised.
    plan
        The plan that streams and options spell.
    smallest
        A plan of the smallest size, to load all that training and measuring need.
    facts
        A plan as plain data.
    training, measuring
        Working sets of both stages; of the second for so many test draws a replica.
    train, summarise, save
        The stages, and what keeps the weights.
    ladder
        The table of what attacks find.
    """

    objective: str
    plan: Callable[..., P]
    smallest: P
    facts: Callable[[P], dict[str, Any]]
    training: Callable[[P], MemoryEstimate]
    measuring: Callable[[P, int], MemoryEstimate]
    train: Callable[..., R]
    summarise: Callable[..., F]
    save: Callable[[Path, R], None]
    ladder: Callable[[F], Table]


def simulate(
    kind: Kind[P, R, F],
    draws: int,
    *,
    replicas: int,
    test_eps: tuple[float, ...],
    out: Path | None,
    json_file: Path | None,
    seed: int,
    backend: str,
    memory: int | None,
    **settings: Any,
) -> int:
    """Train, measure on so many test `draws` a replica, keep and tell; the other `settings` spell the plan."""
    context, started = make_context(Profile("custom", 0, replicas, 1.0), backend, seed), now()
    streams = context.streams.child("simulate")
    with told_as_usage():
        plan = kind.plan(streams=streams, **settings)
        sizes = tested_sizes(test_eps, plan)
        training = kind.training(plan)
        left = room(memory, context.backend, lambda: _rehearse(kind, context.backend))
        expect_room(left, memory, replicas, training, kind.measuring(plan, draws))
    with shown() as progress:
        record = kind.train(
            plan,
            streams,
            replicas,
            context.backend,
            progress=lambda done, total: progress(done, total, "training"),
            memory_bytes=left,
        )
        after = left - replicas * training.kept
        found = kind.summarise(record, sizes, draws, streams.child("test"), context.backend, after)
    if out is not None:
        kind.save(out, record)
    if json_file is not None:
        about = {"schema": SCHEMA, "objective": kind.objective, "plan": kind.facts(plan)}
        write_json(json_file, {**about, **found.facts(), "environment": asdict(describe(context, started))})
    if json_file != STANDARD_OUTPUT:
        tables = console()
        tables.print(purity_table(found.purity, found.replicas, plan))
        tables.print(kind.ladder(found))
    return 0


def _rehearse(kind: Kind[P, R, F], backend: Backend) -> None:
    """Trains and measures one small network."""
    kind.summarise(kind.train(kind.smallest, Streams(0), 1, backend), [0.1], 2, Streams(0), backend)
