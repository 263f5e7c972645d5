"""`purecheck cifar10 inheritance`: pre-train, put a clean head on top, attack it, and write one record for each run."""

import errno
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from itertools import groupby
from pathlib import Path
from typing import Any, cast

import click
from rich.box import SIMPLE_HEAD
from rich.table import Table

from gpu_experiments.attacks.independent import why_no_suite
from gpu_experiments.cli.options import MOST_SEEDS, F, opened, which_data
from gpu_experiments.data import Dataset
from gpu_experiments.protocol.execute import execute
from gpu_experiments.protocol.memory_estimate import memory_needed
from gpu_experiments.protocol.profiles import ENCODERS, PROFILES, runs
from gpu_experiments.protocol.recording import write_run
from gpu_experiments.protocol.run import HeadPlan, ProtocolRun
from gpu_experiments.protocol.summary import LEVEL, SeedMean, rows
from gpu_experiments.protocol.task import make_task
from gpu_experiments.resnet.available import why_no_resnet
from gpu_experiments.stored import BrokenFileError
from numerics.backend import Backend, select_backend
from numerics.memory import free_bytes
from purecheck.cli.memory import memory_option
from purecheck.cli.numbers import Number, Whole
from purecheck.cli.options import where_to_run
from purecheck.cli.output import console
from purecheck.cli.paths import make_folder
from purecheck.cli.problems import as_usage_error
from purecheck.cli.progress import shown
from purecheck.records.run import RunRecord
from purecheck.runtime.environment import now
from purecheck.runtime.memory import shown as in_words

GIBIBYTE = 2**30
TABLE_WIDTH = 100


def _repeatable(name: str, choices: Sequence[str], default: str, description: str) -> Callable[[F], F]:
    return click.option(
        name,
        type=click.Choice(choices),
        multiple=True,
        default=[default],
        show_default=True,
        help=f"{description} Repeatable.",
    )


@click.command("inheritance")
@which_data
@click.option("--profile", type=click.Choice(list(PROFILES)), default="quick", show_default=True, help="Effort spent.")
@click.option("--encoder", type=click.Choice(list(ENCODERS)), default="gated", show_default=True, help="The model.")
@_repeatable("--objective", ["supervised", "contrastive"], "supervised", "Objective of pre-training.")
@_repeatable("--attack", ["fgm", "pgd"], "pgd", "Attack in adversarial pre-training, which is compared with clean.")
@_repeatable("--head", ["clean", "adversarial", "finetune", "pretrained"], "clean", "Head on the encoder.")
@_repeatable("--labels", ["same", "disjoint", "coarse"], "same", "Labels of the head, relative to pre-training.")
@click.option("--seeds", type=Whole(1, MOST_SEEDS), default=3, show_default=True, help="Number of runs of every arm.")
@click.option(
    "--ridge",
    type=Number(positive=True),
    default=HeadPlan.ridge,
    show_default=True,
    help="Penalty of the clean head on scaled features, the same in every arm.",
)
@click.option("--suite/--no-suite", default=None, help="AutoPGD and Square of the Adversarial Robustness Toolbox.")
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("results"),
    show_default=True,
    help="Folder of the records.",
)
@click.option(
    "--work",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder of finished stages, from which a stopped run continues. Default: .work in the folder of the records.",
)
@memory_option
@where_to_run
def command(
    data: Path,
    dataset_name: str | None,
    profile: str,
    encoder: str,
    objective: tuple[Any, ...],
    attack: tuple[Any, ...],
    head: tuple[Any, ...],
    labels: tuple[Any, ...],
    seeds: int,
    ridge: float,
    suite: bool | None,
    out: Path,
    work: Path | None,
    seed: int,
    backend: str,
    memory: int | None,
) -> int:
    """Measure whether a clean head on adversarially pre-trained features inherits their robustness.

    Every run pre-trains an encoder with and without attacks, puts a head on it, attacks the result with the whole
    attack suite, and writes one record. If the command is stopped, calling it again continues where it stopped.

    Example: purecheck cifar10 inheritance --data cifar --out records
    """
    place = _place(encoder, backend)
    settings = ENCODERS[encoder][profile]
    planned = runs(
        settings,
        objectives=objective,
        attacks=("none", *attack),
        heads=head,
        labels=labels,
        seeds=range(seed, seed + seeds),
        ridge=ridge,
        independent=_with_suite(suite, settings.independent),
    )
    dataset = opened(data, dataset_name)
    _require_fit(planned, dataset, memory)
    make_folder(out, "--out")
    with as_one_line_errors():
        records = _measure(planned, dataset, place, out, work or out / ".work")
    _print(records)
    click.echo(f"{len(records)} records in {out}")
    return 0


def _place(encoder: str, backend: str) -> Backend:
    """The backend for computations: PyTorch on the device of the named backend for a ResNet, else that backend."""
    with as_usage_error():
        if encoder != "resnet18":
            return select_backend(backend)
        if reason := why_no_resnet():
            raise ValueError(f"--encoder was resnet18, but {reason}; expected it, or --encoder gated")
        return cast(Backend, import_module("gpu_experiments.resnet.backend").torch_backend(backend))


def _with_suite(requested: bool | None, default: bool) -> bool:
    """Whether the independent suite runs: it must be installed if it was requested."""
    reason = why_no_suite()
    if requested and reason is not None:
        raise click.UsageError(f"--suite was given, but {reason}; expected it, or --no-suite")
    return reason is None and (default if requested is None else requested)


def _require_fit(planned: list[ProtocolRun], dataset: Dataset, memory: int | None) -> None:
    """Report labels that do not fit the data, or too little memory, before anything is computed.

    `memory` limits the whole command; if it is None, a run must fit into the memory that is free.
    """
    if not planned:
        raise click.UsageError("--head was pretrained; expected supervised pre-training and the same labels with it")
    with as_usage_error():
        for label in {run.labels for run in planned}:
            make_task(dataset, label, 0, train_images=1, head_images=1, test_images=1)
    needed = max(memory_needed(run, dataset) for run in planned)
    smaller = "" if planned[0].profile == "quick" else ", or --profile quick"
    whole = needed + int(dataset.train.pixels.nbytes + dataset.test.pixels.nbytes)
    if memory is not None and whole > memory:
        raise click.ClickException(
            f"memory was {in_words(memory)}; expected at least {in_words(whole)} for one run{smaller}"
        )
    available = free_bytes(select_backend("numpy"))
    if needed > available:
        raise click.ClickException(
            f"memory: a run needs about {needed / GIBIBYTE:.1f} GiB, and {available / GIBIBYTE:.1f} GiB are free; "
            f"expected that much{smaller}"
        )


@contextmanager
def as_one_line_errors() -> Iterator[None]:
    """Report a full disk, too little memory, and broken files in one line each."""
    try:
        yield
    except BrokenFileError as problem:
        raise click.ClickException(str(problem)) from problem
    except MemoryError as problem:
        raise click.ClickException(
            f"memory: not enough ({problem or 'an allocation failed'}); expected more memory: "
            "finished stages are kept, and the same command continues"
        ) from problem
    except OSError as problem:
        if problem.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise
        raise click.ClickException(
            "disk: no space left; no file is incomplete, finished stages are kept, and the same command continues"
        ) from problem


def _measure(planned: list[ProtocolRun], dataset: Dataset, backend: Backend, out: Path, work: Path) -> list[RunRecord]:
    records = []
    with shown() as progress:
        for done, run in enumerate(planned):
            started = now()

            def report(what: str, done: int = done, run: ProtocolRun = run) -> None:
                progress(done, len(planned), f"{run.words}: {what}")

            measured = execute(run, dataset, backend, work, report)
            records.append(write_run(measured, dataset, backend, started, out))
    return records


def _print(records: list[RunRecord]) -> None:
    """Print a table for each comparison of clean and attacked pre-training with the same objective, head and labels."""

    def setting(record: RunRecord) -> tuple[str, str, str]:
        return record.pretraining.objective, record.head, record.labels

    tables = console(least_width=TABLE_WIDTH)
    for (objective, head, labels), group in groupby(sorted(records, key=setting), setting):
        arms: dict[str, list[RunRecord]] = {}
        for record in group:
            arms.setdefault(record.pretraining.attack, []).append(record)
        clean = arms.pop("none")
        for attack, adversarial in arms.items():
            title = f"{objective} pre-training, {head} head, {labels} labels, {clean[0].dataset}, {clean[0].norm}"
            tables.print(_table(title, attack, clean, adversarial))
    images = f"{records[0].images} test images" if len({one.images for one in records}) == 1 else "test images"
    click.echo(f"% of {images} classified correctly: mean over seeds [Student interval at {LEVEL:.0%}]")
    for record in records:
        for flag in (name for name, good in record.sanity.items() if not good):
            click.echo(f"flag {flag}: {record.pretraining.attack} pre-training, {record.head} head, seed {record.seed}")


def _table(title: str, attack: str, clean: list[RunRecord], adversarial: list[RunRecord]) -> Table:
    table = Table(title=title, title_justify="left", box=SIMPLE_HEAD)
    for heading in ("eps", "attack", "clean", attack, "gap"):
        table.add_column(heading, no_wrap=True)
    before: float | None = None
    for row in rows(clean, adversarial):
        if row.eps != before:
            table.add_section()
            before = row.eps
        eps = "0" if row.eps is None else f"{255 * row.eps:.3g}/255"
        table.add_row(eps, row.attack.replace("_", "-"), *map(_cell, (row.clean, row.adversarial, row.gap)))
    return table


def _cell(value: SeedMean) -> str:
    interval = "" if value.low is None or value.high is None else f" [{100 * value.low:.1f}, {100 * value.high:.1f}]"
    return f"{100 * value.mean:.1f}{interval}"
