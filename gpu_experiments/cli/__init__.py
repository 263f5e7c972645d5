"""`purecheck cifar10`: the protocol on real images, one file a command."""

import click

from purecheck.cli.lazy import LazyGroup, Places, own

COMMANDS = ("prepare", "inheritance")
"""Command `x` is `command` in `gpu_experiments.cli.x`."""


def _places() -> Places:
    return own("gpu_experiments.cli", COMMANDS)


@click.group("cifar10", cls=LazyGroup, find=_places, no_args_is_help=False)
def command() -> None:
    """Measures inherited robustness on CIFAR-10: pre-training, a new clean head, a ladder of attacks."""
