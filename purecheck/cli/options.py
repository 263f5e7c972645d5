"""Options that several commands share, validated before anything runs."""

from typing import Any, TypeVar

import click

from numerics.backend import Backend, BackendUnavailable, select_backend
from purecheck.cli.numbers import SEED
from purecheck.cli.paths import InputFolder
from purecheck.runtime.context import PROFILES

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


def selected_backend(name: str) -> Backend:
    """The backend of that name; a usage error if it cannot run here."""
    try:
        return select_backend(name)
    except BackendUnavailable as problem:
        raise click.UsageError(f"--backend was {name!r}; expected auto or numpy: {problem}") from problem
