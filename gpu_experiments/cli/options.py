"""Options that several commands share."""

from pathlib import Path
from typing import Any, TypeVar

import click

from gpu_experiments.data import Dataset, open_dataset
from purecheck.cli.problems import as_usage_error
from purecheck.cli.progress import shown

F = TypeVar("F", bound=Any)

MOST_SEEDS = 1000
"""Largest number of seeds; each takes at least minutes."""


def which_data(command: F) -> F:
    """Add `--data` and `--dataset-name` to a command."""
    for option in (
        click.option(
            "--dataset-name", metavar="NAME", help="Name of the data. Default: a name derived from their MD5 sums."
        ),
        click.option(
            "--data",
            type=click.Path(path_type=Path),
            required=True,
            metavar="DIR",
            help="Folder of official batches or of images, folder that contains one, or .tar.gz of batches.",
        ),
    ):
        command = option(command)
    return command


def opened(data: Path, dataset_name: str | None) -> Dataset:
    """The data set that the options name; a usage error if there is none, or if it is broken."""
    with as_usage_error(), shown() as progress:
        return open_dataset(data, dataset_name, progress)
