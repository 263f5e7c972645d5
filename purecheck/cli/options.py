"""Options that several commands share, validated before anything runs."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeVar

import click

from numerics.backend import Backend, BackendUnavailable, select_backend
from numerics.streams import Streams
from purecheck.cli.numbers import SEED
from purecheck.cli.paths import InputFolder
from purecheck.cli.problems import as_usage_error
from purecheck.formal.result import NOT_RUN, FormalResult
from purecheck.records.reading import Stored, load_records
from purecheck.records.shipped import shipped_records
from purecheck.runtime.context import PROFILES, Context

F = TypeVar("F", bound=Any)


def where_to_run(command: F) -> F:
    """Adds `--backend` and `--seed` to a command."""
    for option in (
        click.option("--seed", type=SEED, default=0, show_default=True, help="Root of all random streams."),
        click.option(
            "--backend",
            type=click.Choice(["auto", "numpy", "cupy"]),
            default="auto",
            show_default=True,
            help="Array library; auto uses a GPU if there is one.",
        ),
    ):
        command = option(command)
    return command


def how_to_run(command: F) -> F:
    """Adds `--profile`, `--backend` and `--seed` to a command."""
    profile = click.option(
        "--profile",
        type=click.Choice(list(PROFILES)),
        default="quick",
        show_default=True,
        help="Effort: number of examples, seeds and training steps.",
    )
    with_profile: F = profile(where_to_run(command))
    return with_profile


records_option = click.option(
    "--records",
    type=InputFolder(),
    metavar="DIR",
    help="Folder of recorded runs on real data, on which claims R1 to R3p are measured. "
    "Default: the records that come with purecheck.",
)


def recorded(folder: Path | None) -> tuple[Stored, ...]:
    """The records in `folder`, or those that come with purecheck; a usage error if a file there is broken."""
    place = shipped_records() if folder is None else folder
    if not place.is_dir():
        return ()
    try:
        with as_usage_error():
            return tuple(load_records(place))
    except OSError as problem:
        raise click.UsageError(f"--records was {str(place)!r}; expected files to read: {problem}") from problem


def make_context(
    profile: str,
    backend: str,
    seed: int,
    records: Sequence[Stored],
    memory: int | None,
    formal: FormalResult | str = NOT_RUN,
) -> Context:
    """The context of a run; a usage error if the backend cannot run here."""
    return Context(selected_backend(backend), Streams(seed), PROFILES[profile], records, memory, formal)


def selected_backend(name: str) -> Backend:
    """The backend of that name; a usage error if it cannot run here."""
    try:
        return select_backend(name)
    except BackendUnavailable as problem:
        raise click.UsageError(f"--backend was {name!r}; expected auto or numpy: {problem}") from problem
