"""Options that several commands share."""

from pathlib import Path
from typing import Any, TypeVar

import click

from gpu_experiments.data import Dataset, open_dataset
from purecheck.cli.problems import told_as_usage
from purecheck.cli.progress import shown

F = TypeVar("F", bound=Any)

MOST_SEEDS = 1000
"""Each takes minutes at the least."""


def which_data(command: F) -> F:
    """Adds `--data` and `--dataset-name` to a command."""
    for option in (
        click.option(
            "--dataset-name",
            metavar="NAME",
            help="Name of the data in records. Default: the name that their MD5 identifies.",
        ),
        click.option(
            "--data",
            type=click.Path(path_type=Path),
            required=True,
            metavar="DIR",
            help="Folder of official batches or of images, one that holds either, or a .tar.gz of batches.",
        ),
    ):
        command = option(command)
    return command


def opened(data: Path, dataset_name: str | None) -> Dataset:
    """Return the data set that the options name; a missing or broken one is a usage error."""
    with told_as_usage(), shown() as progress:
        return open_dataset(data, dataset_name, progress)
