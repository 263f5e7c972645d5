"""Options that several commands share, validated before anything runs."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeVar

import click

from numerics.backend import BackendUnavailable, select_backend
from numerics.streams import Streams
from purecheck.cli.numbers import SEED
from purecheck.cli.paths import InputFolder
from purecheck.cli.problems import told_as_usage
from purecheck.context import PROFILES, Context, Profile
from purecheck.formal.result import NOT_RUN, FormalResult
from purecheck.records.reading import Stored, load_records

F = TypeVar("F", bound=Any)

_CHECKOUT = Path(__file__).parents[2]
"""Where the suite lies; an installed one has no folder `docs` there."""


def where_to_run(command: F) -> F:
    """Adds `--backend` and `--seed` to a command."""
    for option in (
        click.option("--seed", type=SEED, default=0, show_default=True, help="Root seed."),
        click.option(
            "--backend",
            type=click.Choice(["auto", "numpy", "cupy"]),
            default="auto",
            show_default=True,
            help="Where arrays live; auto takes a GPU where there is one.",
        ),
    ):
        command = option(command)
    return command


def how_to_run(command: F) -> F:
    """Adds `--profile`, `--backend` and `--seed` to a command."""
    profile = click.option(
        "--profile", type=click.Choice(list(PROFILES)), default="quick", show_default=True, help="Effort spent."
    )
    with_profile: F = profile(where_to_run(command))
    return with_profile


records_option = click.option(
    "--records",
    type=InputFolder(),
    metavar="DIR",
    help="Runs on real data that claims are measured on; docs/results of the checkout unless given.",
)


def recorded(folder: Path | None) -> tuple[Stored, ...]:
    """The records in `folder`, or those that come with the suite; a problem of usage if a file there is broken."""
    place = _CHECKOUT / "docs" / "results" if folder is None else folder
    if not place.is_dir():
        return ()
    try:
        with told_as_usage():
            return tuple(load_records(place))
    except OSError as problem:
        raise click.UsageError(f"--records was {str(place)!r}; expected files to read: {problem}") from problem


def make_context(
    profile: Profile,
    backend: str,
    seed: int,
    records: Sequence[Stored] = (),
    memory: int | None = None,
    formal: FormalResult | str = NOT_RUN,
) -> Context:
    """The context of a run; a problem of usage if the backend cannot run here."""
    try:
        selected = select_backend(backend)
    except BackendUnavailable as problem:
        raise click.UsageError(f"--backend was {backend!r}; expected auto or numpy: {problem}") from problem
    return Context(selected, Streams(seed), profile, records, memory, formal)
