"""`purecheck cifar10 sparse-coding`: whether patches are sparse codes, and how pure filters are in them."""

import math
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeAlias

import click
from rich.table import Table

from gpu_experiments.cli.inheritance import as_one_line_errors
from gpu_experiments.cli.options import MOST_SEEDS, opened, which_data
from gpu_experiments.data import Dataset
from gpu_experiments.sparse_coding.dictionaries import why_no_dictionaries
from gpu_experiments.sparse_coding.networks import networks
from gpu_experiments.sparse_coding.plan import NETWORKS, PROFILES, SparseCodingPlan
from gpu_experiments.sparse_coding.recording import facts, record_of, write_study
from gpu_experiments.sparse_coding.space import UnsuitableError
from gpu_experiments.sparse_coding.study import Study, studies
from numerics.backend import Backend, select_backend
from numerics.streams import Streams
from purecheck.checks.recorded import CHECKS, Group, dictionaries
from purecheck.cli.json_output import STANDARD_OUTPUT, json_option, write_json
from purecheck.cli.numbers import SEED, Whole
from purecheck.cli.output import console
from purecheck.cli.progress import shown
from purecheck.records.estimates import FALSE_ALARM
from purecheck.records.reading import Stored
from purecheck.records.sparse_coding import SparseCodingRecord
from purecheck.reporting.tables.cells import Estimate
from purecheck.reporting.tables.r2_sparse_coding import COLUMNS, lines_of
from purecheck.runtime.context import PROFILES as EFFORT
from purecheck.runtime.context import Context
from purecheck.runtime.environment import now

Found: TypeAlias = tuple[Study, SparseCodingRecord]

SCHEMA = "purecheck-sparse-coding-facts/1"

CLAIM = "R2"
"""The claim that sparse-coding records decide."""


@click.command("sparse-coding")
@which_data
@click.option("--profile", type=click.Choice(list(PROFILES)), default="quick", show_default=True, help="Effort spent.")
@click.option(
    "--networks",
    "pretraining",
    type=click.Choice(list(NETWORKS)),
    default="small",
    show_default=True,
    help="Pre-training of the networks: as by `inheritance` with that profile, or `small`.",
)
@click.option(
    "--seeds", type=Whole(1, MOST_SEEDS), default=3, show_default=True, help="Seeds of dictionaries and networks."
)
@click.option("--seed", type=SEED, default=0, show_default=True, help="The first seed.")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), metavar="DIR", help="Folder of the records.")
@click.option(
    "--work",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Folder of pre-trained networks, which `inheritance` can share. Default: none are kept.",
)
@json_option
def command(
    data: Path,
    dataset_name: str | None,
    profile: str,
    pretraining: str,
    seeds: int,
    seed: int,
    out: Path | None,
    work: Path | None,
    json_file: Path | None,
) -> int:
    """Measure whether the patches of images are sparse codes, as the theory assumes.

    For every seed, three dictionaries are fitted to whitened patches. The command reports the sparsity, signs, sizes,
    dependence and coherence of the codes of other patches, compared with Gaussian patches, and the participation ratio
    of filters before and after clean and adversarial pre-training. With --out, a record is written for each dictionary
    and seed. The outcome printed for claim R2 is that of `purecheck check R2` on these records, for one dictionary at a
    time.

    Example: purecheck cifar10 sparse-coding --data cifar --out records
    """
    if (reason := why_no_dictionaries()) is not None:
        raise click.UsageError(f"{reason}; expected it: pip install 'purecheck[images]'")
    plan, dataset = PROFILES[profile], opened(data, dataset_name)
    with as_one_line_errors(), _as_unsuitable_error(), ExitStack() as stack:
        folder = work or Path(stack.enter_context(TemporaryDirectory()))
        progress = stack.enter_context(shown())
        found: list[Found] = []
        for number in range(seed, seed + seeds):

            def report(what: str, number: int = number) -> None:
                progress(number - seed, seeds, f"seed {number}: {what}")

            settings = (plan, profile, pretraining)
            found += _one_seed(settings, dataset, number, select_backend("numpy"), folder, out, report)
    if json_file is not None:
        studies_facts = [facts(study, record.seed) for study, record in found]
        write_json(
            json_file, {"schema": SCHEMA, "dataset": dataset.name, "plan": asdict(plan), "studies": studies_facts}
        )
    if json_file != STANDARD_OUTPUT:
        _print([record for _, record in found])
    return 0


@contextmanager
def _as_unsuitable_error() -> Iterator[None]:
    """Report in one line that the images are not suitable."""
    try:
        yield
    except UnsuitableError as problem:
        raise click.UsageError(str(problem)) from problem


def _one_seed(
    settings: tuple[SparseCodingPlan, str, str],
    dataset: Dataset,
    seed: int,
    backend: Backend,
    work: Path,
    out: Path | None,
    report: Callable[[str], None],
) -> list[Found]:
    """Return the studies of a seed with their records, which are written if `out` is a folder."""
    (plan, profile, pretraining), started = settings, now()
    trained = networks(NETWORKS[pretraining], dataset, seed, backend, work, report)
    found = []
    for study in studies(plan, dataset, trained, seed, report):
        record = record_of(study, plan, profile, dataset, trained, backend, started)
        if out is not None:
            write_study(record, study, trained, out)
        found.append((study, record))
    return found


def _print(records: list[SparseCodingRecord]) -> None:
    """Print for each dictionary the outcome of claim R2 on its records alone, and every statistic."""
    tables = console()
    for group in dictionaries([Stored(record, Path()) for record in records]):
        title = f"{group[0].dictionary}, {group[0].atoms} atoms, {group[0].dataset}"
        tables.print(_verdicts(group, title), _statistics(group))
    click.echo(
        f"clauses of claim {CLAIM}; mean over {len({record.seed for record in records})} seeds "
        f"[Student interval at {1 - FALSE_ALARM:.0%}]; stated error: {records[0].sparsity.residual:.0%} of the energy"
    )


def _verdicts(group: Group, title: str) -> Table:
    table = Table("clause", "outcome", title=title, title_justify="left")
    stored = [Stored(record, Path()) for record in group]
    context = Context(select_backend("numpy"), Streams(0), EFFORT["quick"], stored)
    for check in (one for one in CHECKS if one.claim == CLAIM):
        table.add_row(*check.clauses, str(check.run(context).outcome))
    return table


def _statistics(group: Group) -> Table:
    table = Table(*COLUMNS)
    for name, value, reference, words in lines_of(group):
        table.add_row(name, _cell(value), "" if reference is None else _cell(reference), words)
    return table


def _cell(value: Estimate) -> str:
    interval = f" [{value.low:.3f}, {value.high:.3f}]" if math.isfinite(value.high) else ""
    return f"{value.value:.3f}{interval}"
