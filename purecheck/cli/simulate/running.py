"""One simulation of either kind, from its options to its output."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

import click
from rich.table import Table

from numerics.backend import Backend
from numerics.memory import MemoryEstimate
from numerics.streams import Streams
from numerics.training.plan import TrainingPlan
from purecheck.cli.json_output import STANDARD_OUTPUT, write_json
from purecheck.cli.options import selected_backend
from purecheck.cli.output import console
from purecheck.cli.problems import as_usage_error
from purecheck.cli.progress import shown
from purecheck.cli.simulate.tables import purity_table
from purecheck.runtime.environment import describe, now
from purecheck.runtime.memory import remaining_memory, require_memory
from purecheck.simulation.sizes import tested_sizes
from purecheck.simulation.supervised import SCHEMA, Spread


class Found(Protocol):
    """What a simulation found, over replicas."""

    @property
    def replicas(self) -> int:
        """Number of replicas."""
        ...

    @property
    def purity(self) -> Mapping[str, Spread]:
        """Purity of the nodes, by name of the measure."""
        ...

    def to_dict(self) -> dict[str, Any]:
        """The same as JSON-compatible data."""
        ...


P = TypeVar("P", bound=TrainingPlan)
R = TypeVar("R")
F = TypeVar("F", bound=Found)


@dataclass(frozen=True, kw_only=True)
class Kind(Generic[P, R, F]):
    """What distinguishes one kind of simulation from the other.

    Attributes
    ----------
    objective
        What is minimised.
    plan
        Makes the plan from streams and options.
    smallest
        A plan of the smallest size, to load everything that training and measuring need.
    plan_to_dict
        Turns a plan into JSON-compatible data.
    training, measuring
        Working sets of both stages; that of the second depends on the number of test draws for each replica.
    train, summarise, save
        The stages, and the function that saves the weights.
    ladder
        Makes the table of risk or loss under attack.
    warnings
        What a reader of the tables should know before relying on them.
    """

    objective: str
    plan: Callable[..., P]
    smallest: P
    plan_to_dict: Callable[[P], dict[str, Any]]
    training: Callable[[P], MemoryEstimate]
    measuring: Callable[[P, int], MemoryEstimate]
    train: Callable[..., R]
    summarise: Callable[..., F]
    save: Callable[[Path, R], None]
    ladder: Callable[[F], Table]
    warnings: Callable[[F], Iterable[str]] = lambda _: ()


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
    """Train, measure on `draws` test samples for each replica, save and print; `settings` describe the plan."""
    selected, started = selected_backend(backend), now()
    streams = Streams(seed).child("simulate")
    with as_usage_error():
        plan = kind.plan(streams=streams, **settings)
        sizes = tested_sizes(test_eps, plan)
        training = kind.training(plan)
        left = remaining_memory(memory, selected, lambda: _warm_up(kind, selected))
        require_memory(left, memory, replicas, training, kind.measuring(plan, draws))
    with shown() as progress:
        record = kind.train(
            plan,
            streams,
            replicas,
            selected,
            progress=lambda done, total: progress(done, total, "training"),
            memory_bytes=left,
        )
        after = left - replicas * training.kept
        found = kind.summarise(record, sizes, draws, streams.child("test"), selected, after)
    if out is not None:
        kind.save(out, record)
    if json_file is not None:
        about = {"schema": SCHEMA, "objective": kind.objective, "plan": kind.plan_to_dict(plan)}
        write_json(
            json_file, {**about, **found.to_dict(), "environment": asdict(describe(selected, seed, "custom", started))}
        )
    if json_file != STANDARD_OUTPUT:
        tables = console()
        tables.print(purity_table(found.purity, found.replicas, plan))
        tables.print(kind.ladder(found))
    for warning in kind.warnings(found):
        click.echo(f"Warning: {warning}.", err=True)
    return 0


def _warm_up(kind: Kind[P, R, F], backend: Backend) -> None:
    """Train and measure one small network."""
    kind.summarise(kind.train(kind.smallest, Streams(0), 1, backend), [0.1], 2, Streams(0), backend)
