"""`purecheck cifar10`: the protocol on real images, one file for each command."""

import click

from purecheck.cli.lazy import LazyGroup, Places, own

COMMANDS = ("prepare", "inheritance", "purity", "sparse_coding")
"""Command `x-y` is `command` in `gpu_experiments.cli.x_y`."""


def _places() -> Places:
    return {name.replace("_", "-"): place for name, place in own("gpu_experiments.cli", COMMANDS).items()}


@click.group("cifar10", cls=LazyGroup, find=_places, no_args_is_help=False)
def command() -> None:
    """Measure inherited robustness on CIFAR-10: pre-training, a new clean head, and a suite of attacks."""
