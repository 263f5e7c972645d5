"""`purecheck simulate`: train replicas, measure purity and the attack ladder, keep the weights."""

import click

from purecheck.cli.simulate import contrastive, supervised


@click.group("simulate", no_args_is_help=False)
def command() -> None:
    """Trains replicas of the gated network, or of one with another activation, and measures them."""


command.add_command(contrastive.command)
command.add_command(supervised.command)
