"""`purecheck cifar10 purity`: the purity of the filters of recorded runs, which is added to their records."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import click

from gpu_experiments.cli.inheritance import as_one_line_errors
from gpu_experiments.cli.options import opened, which_data
from gpu_experiments.data import Dataset
from gpu_experiments.models.patches import PatchGrid
from gpu_experiments.sparse_coding.dictionaries import why_no_dictionaries
from gpu_experiments.sparse_coding.plan import PROFILES, SparseCodingPlan
from gpu_experiments.sparse_coding.recorded import RecordedRun, measure_in_components, runs_on_patches
from gpu_experiments.sparse_coding.space import UnsuitableError
from purecheck.cli.paths import InputFolder
from purecheck.cli.problems import as_usage_error
from purecheck.cli.progress import shown
from purecheck.records.reading import load_records
from purecheck.records.run import FilterPurity
from purecheck.records.writing import write_record


@click.command("purity")
@which_data
@click.option("--profile", type=click.Choice(list(PROFILES)), default="quick", show_default=True, help="Effort spent.")
@click.option(
    "--records",
    type=InputFolder(),
    default=Path("results"),
    show_default=True,
    metavar="DIR",
    help="Folder of the records.",
)
def command(data: Path, dataset_name: str | None, profile: str, records: Path) -> int:
    """Measure the purity of the filters of recorded gated networks, and add it to their records.

    Purity is the mean participation ratio of the recorded filters in the independent components of patches of the
    training images. The components are computed for every seed and are the same for all arms of a seed. Nothing is
    trained or attacked.

    Example: purecheck cifar10 purity --data cifar --records records
    """
    if (reason := why_no_dictionaries()) is not None:
        raise click.UsageError(f"{reason}; expected it: pip install 'purecheck[images]'")
    dataset = opened(data, dataset_name)
    with as_usage_error():
        found = runs_on_patches(load_records(records), dataset.fingerprint())
    if not found:
        raise click.UsageError(
            f"{records} holds no run of a gated network on these images; expected some, with filters"
        )
    with as_one_line_errors():
        try:
            measured = list(_measured(found, dataset, PROFILES[profile]))
        except UnsuitableError as problem:
            raise click.UsageError(str(problem)) from problem
        for run, purity in measured:
            path = write_record(replace(run.record, purity=purity), run.folder, {"filters": run.filters})
            click.echo(f"{path.name}: {purity.participation_ratio:.2f} features per filter")
    click.echo(f"{len(measured)} records in {records}, in {measured[0][1].dictionary}")
    return 0


def _measured(
    found: list[RecordedRun], dataset: Dataset, plan: SparseCodingPlan
) -> Iterator[tuple[RecordedRun, FilterPurity]]:
    """Yield the purity of every run; runs of a seed share the components of their patches."""
    groups: dict[tuple[int, PatchGrid], list[RecordedRun]] = {}
    for run in found:
        groups.setdefault((run.record.seed, run.grid), []).append(run)
    with shown() as progress:
        for done, ((seed, grid), group) in enumerate(groups.items()):
            progress(done, len(groups), f"seed {seed}: independent components")
            measure = measure_in_components(dataset.train, grid, plan, seed)
            yield from ((run, measure(run.filters)) for run in group)
