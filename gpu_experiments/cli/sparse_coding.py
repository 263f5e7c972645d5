"""`purecheck cifar10 sparse-coding`: whether patches are sparse codes, and how pure filters are in them."""

import math
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory

import click
from rich.console import Console
from rich.table import Table

from gpu_experiments.cli.inheritance import told_in_one_line
from gpu_experiments.cli.options import opened, which_data
from gpu_experiments.data import Dataset
from gpu_experiments.sparse_coding.dictionaries import why_no_dictionaries
from gpu_experiments.sparse_coding.intervals import Estimate
from gpu_experiments.sparse_coding.networks import ARMS, networks
from gpu_experiments.sparse_coding.plan import NETWORKS, PROFILES, SparseCodingPlan
from gpu_experiments.sparse_coding.recording import facts, record_of, write_study
from gpu_experiments.sparse_coding.space import UnsuitableError
from gpu_experiments.sparse_coding.study import Study, studies
from gpu_experiments.sparse_coding.summary import STATISTICS, beyond, gap, gap_beyond, outcomes, over, participation
from numerics.backend import Backend, select_backend
from purecheck.cli.json_output import STANDARD_OUTPUT, json_option, write_json
from purecheck.cli.progress import shown
from purecheck.environment import now
from purecheck.records.estimates import FALSE_ALARM

SCHEMA = "purecheck-sparse-coding-facts/1"


@click.command("sparse-coding")
@which_data
@click.option("--profile", type=click.Choice(list(PROFILES)), default="quick", show_default=True, help="Effort spent.")
@click.option(
    "--networks",
    "pretraining",
    type=click.Choice(list(NETWORKS)),
    default="small",
    show_default=True,
    help="How they are pre-trained; but for small as inheritance does under that profile.",
)
@click.option("--seeds", type=click.IntRange(min=1), default=3, show_default=True, help="Of dictionaries and networks.")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="The first of them.")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), metavar="DIR", help="Folder of the records.")
@click.option(
    "--work",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Folder of pre-trained networks, which inheritance can share; none are kept when left out.",
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
    """Measures whether the patches of images are sparse codes, as the theory takes them to be.

    Every seed fits three dictionaries to whitened patches, tells sparsity, signs, sizes, dependence and coherence of
    the codes of other patches beside Gaussian ones, and the participation ratio of filters before and after clean and
    adversarial pre-training. With --out each dictionary and seed gets a record.
    """
    if (reason := why_no_dictionaries()) is not None:
        raise click.UsageError(f"{reason}; expected it: pip install 'purecheck[images]'")
    plan, dataset = PROFILES[profile], opened(data, dataset_name)
    with told_in_one_line(), _told_unsuitable(), ExitStack() as stack:
        folder = work or Path(stack.enter_context(TemporaryDirectory()))
        progress = stack.enter_context(shown())
        found: dict[int, list[Study]] = {}
        for number in range(seed, seed + seeds):

            def telling(what: str, number: int = number) -> None:
                progress(number - seed, seeds, f"seed {number}: {what}")

            settings = (plan, profile, pretraining)
            found[number] = _one_seed(settings, dataset, number, select_backend("numpy"), folder, out, telling)
    if json_file is not None:
        studies_facts = [facts(one, number) for number, group in found.items() for one in group]
        write_json(
            json_file, {"schema": SCHEMA, "dataset": dataset.name, "plan": asdict(plan), "studies": studies_facts}
        )
    if json_file != STANDARD_OUTPUT:
        _tell(dataset, plan, list(zip(*found.values(), strict=True)))
    return 0


@contextmanager
def _told_unsuitable() -> Iterator[None]:
    """Tell images that leave too little to work with in one line."""
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
    telling: Callable[[str], None],
) -> list[Study]:
    """Return the studies of a seed, with records written where there is a place for them."""
    (plan, profile, pretraining), started = settings, now()
    trained = networks(NETWORKS[pretraining], dataset, seed, backend, work, telling)
    found = []
    for study in studies(plan, dataset, trained, seed, telling):
        if out is not None:
            record = record_of(study, plan, profile, dataset, trained, backend, started)
            write_study(record, study, trained, out)
        found.append(study)
    return found


def _tell(dataset: Dataset, plan: SparseCodingPlan, groups: list[tuple[Study, ...]]) -> None:
    """Print tables for each dictionary: statements, statistics, purity."""
    console = Console()
    for group in groups:
        title = f"{group[0].name}, {group[0].dictionary.shape[1]} atoms, {dataset.name}"
        console.print(_statements(group, title), _statistics(group), _purity(group))
    click.echo(
        f"statements err at a rate of {plan.false_alarm:g} each; mean over {len(groups[0])} seeds "
        f"[Student interval at {1 - FALSE_ALARM:.0%}]; stated error: {plan.residual:.0%} of the energy left"
    )


def _statements(group: tuple[Study, ...], title: str) -> Table:
    table = Table("statement", "outcome, seeds", title=title, title_justify="left")
    for name, first in group[0].statements.items():
        table.add_row(first.words, outcomes(group, name))
    return table


def _statistics(group: tuple[Study, ...]) -> Table:
    table = Table("statistic of codes", "patches", "reference", "which is")
    for name, reading, control, words in STATISTICS:
        table.add_row(name, _cell(over(group, reading)), "" if control is None else _cell(over(group, control)), words)
    return table


def _purity(group: tuple[Study, ...]) -> Table:
    table = Table("filters", "participation ratio", "turned at random", "Gaussian, same moments", "purer than these by")
    for arm in ("initial", *ARMS):
        means = (over(group, participation(arm, name)) for name in ("mean", "rotated", "matched"))
        table.add_row(arm, *map(_cell, means), _cell(over(group, beyond(arm))))
    table.add_section()
    for pair in (("initial", "clean"), ("initial", "adversarial"), ("clean", "adversarial")):
        ends = _cell(over(group, gap(*pair))), _cell(over(group, gap_beyond(*pair)))
        table.add_row(" to ".join(pair), ends[0], "", "", ends[1])
    return table


def _cell(value: Estimate) -> str:
    interval = f" [{value.low:.3f}, {value.high:.3f}]" if math.isfinite(value.high) else ""
    return f"{value.value:.3f}{interval}"
