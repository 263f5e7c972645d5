"""`purecheck simulate`: trains replicas, measures their purity and robustness, and saves the weights."""

import click

from purecheck.cli.simulate import contrastive, supervised


@click.group("simulate", no_args_is_help=False)
def command() -> None:
    """Train replicas of a network with one hidden layer and measure their purity and robustness."""


command.add_command(contrastive.command)
command.add_command(supervised.command)
