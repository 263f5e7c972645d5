"""Options that several commands share, validated before anything runs."""

from typing import Any, TypeVar

import click

from numerics.backend import BackendUnavailable, select_backend
from numerics.streams import Streams
from purecheck.cli.problems import told_as_usage
from purecheck.context import PROFILES, Context, Profile
from purecheck.ledger import Ledger, ledger
from purecheck.runner import selection

F = TypeVar("F", bound=Any)


def where_to_run(command: F) -> F:
    """Adds `--backend` and `--seed` to a command."""
    for option in (
        click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Root seed."),
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


def make_context(profile: Profile, backend: str, seed: int) -> Context:
    """The context of a run; a problem of usage if the backend cannot run here."""
    try:
        selected = select_backend(backend)
    except BackendUnavailable as problem:
        raise click.UsageError(f"--backend was {backend!r}; expected auto or numpy: {problem}") from problem
    return Context(selected, Streams(seed), profile)


def choose(ctx: click.Context, ids: tuple[str, ...]) -> tuple[Ledger, tuple[str, ...]]:
    """The ledger and the ids asked for, all where none is; a problem of usage if one is not in the ledger."""
    chosen = ctx.find_object(Ledger) or ledger()
    with told_as_usage():
        return chosen, selection(chosen, ids)
