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
            "--dataset-name", metavar="NAME", help="How to call the data; what their MD5 tells when left out."
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
    """The data set that the options name; a problem of usage if there is none, or it is broken."""
    with told_as_usage(), shown() as progress:
        return open_dataset(data, dataset_name, progress)
