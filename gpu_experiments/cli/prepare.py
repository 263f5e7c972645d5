"""`purecheck cifar10 prepare`: which images there are, and whether they are the published ones."""

from pathlib import Path
from typing import Any

import click
from rich.table import Column, Table

from gpu_experiments.cli.options import opened, which_data
from gpu_experiments.data.images import Verdict
from gpu_experiments.data.published import PAGE
from gpu_experiments.data.summary import facts
from purecheck.cli.json_output import STANDARD_OUTPUT, json_option, write_json
from purecheck.cli.output import console, printable


@click.command("prepare")
@which_data
@json_option
def command(data: Path, dataset_name: str | None, json_file: Path | None) -> int:
    """Show which images DIR holds, and whether their MD5 is that of the published files.

    If there are none, show how to obtain them. Nothing is downloaded, unpacked to disk, or changed.

    Example: purecheck cifar10 prepare --data cifar
    """
    found = facts(opened(data, dataset_name))
    if json_file is not None:
        write_json(json_file, found)
    if json_file != STANDARD_OUTPUT:
        _print(found)
    return 0


def _print(found: dict[str, Any]) -> None:
    tables = console()
    click.echo(f"dataset: {found['dataset']}")
    click.echo(f"read from: {printable(found['path'])} ({found['kind']})")
    click.echo(f"MD5: {_sums(found['files'])}")
    if found["files"]:
        tables.print(_files(found["files"]))
    tables.print(_classes(found))
    tables.print(_means(found))


def _sums(files: tuple[dict[str, Any], ...]) -> str:
    """What the checksums say about the data as a whole, in one line."""
    verdicts = [one["verdict"] for one in files]
    if Verdict.DIFFERS in verdicts:
        differ = ", ".join(one["name"] for one in files if one["verdict"] == Verdict.DIFFERS)
        return f"{differ} differs from what is published at {PAGE}; the data can be used, but not by the name CIFAR-10"
    if not files or Verdict.UNKNOWN in verdicts:
        return "not checkable: sums are published for the archives and for python batches alone"
    return f"all as published at {PAGE}"


def _files(files: tuple[dict[str, Any], ...]) -> Table:
    table = Table(Column("file", no_wrap=True), Column("MD5", no_wrap=True), "verdict")
    for one in files:
        table.add_row(one["name"], one["md5"], str(one["verdict"]))
    return table


def _classes(found: dict[str, Any]) -> Table:
    table = Table("images", "train", "test")
    counts = [found[part]["images_per_class"] for part in ("train", "test")]
    for name in found["classes"]:
        table.add_row(name, *(str(one[name]) for one in counts))
    table.add_row("all", *(str(found[part]["images"]) for part in ("train", "test")))
    return table


def _means(found: dict[str, Any]) -> Table:
    table = Table("mean, in [0, 1]", "train", "test")
    for channel, name in enumerate(("red", "green", "blue")):
        table.add_row(name, *(f"{found[part]['channel_means'][channel]:.4f}" for part in ("train", "test")))
    return table
