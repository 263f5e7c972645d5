"""`purecheck bench`: speed beside the limit of the machine and beside other libraries."""

from pathlib import Path

import click

from numerics.streams import Streams
from purecheck.bench.agreement import DisagreementError
from purecheck.bench.device import hold_cores, load_before, precision
from purecheck.bench.json_report import bench_to_dict
from purecheck.bench.memory_use import NotMeasuredError
from purecheck.bench.peers import assemble
from purecheck.bench.settings import Settings
from purecheck.bench.suite import Bench, full_plan, quick_plan, run_bench
from purecheck.bench.table import exponents_table, footnotes, goals_table, memory_table, times_table
from purecheck.cli.json_output import STANDARD_OUTPUT, json_option, write_json
from purecheck.cli.options import selected_backend, where_to_run
from purecheck.cli.output import console
from purecheck.cli.progress import shown
from purecheck.runtime.environment import describe, now

_WIDTH = 160
"""Width of the table in characters if all libraries take part."""


@click.command("bench")
@click.option("--quick", is_flag=True, help="Small sizes, no torch.compile, no report; takes less than 40 seconds.")
@json_option
@where_to_run
def command(quick: bool, json_file: Path | None, seed: int, backend: str) -> int:
    """Measure the speed of training, attacks, heads, sampling and the quick report beside other libraries.

    All libraries run on the same number of cores and take turns. Each result is first checked against a bound on
    rounding errors. The floor is the time of the matrix products that the computation cannot avoid. The other libraries
    are PyTorch and JAX, if they are installed.

    Example: purecheck bench --quick --json bench.json
    """
    load, cores = load_before(), hold_cores()
    selected, started = selected_backend(backend), now()
    streams = Streams(seed).child("bench")
    settings = Settings(selected, streams, assemble(cores, quick=quick), cores, precision(selected), load)
    try:
        with shown() as progress:
            bench = run_bench(quick_plan() if quick else full_plan(settings), settings, progress)
    except (DisagreementError, NotMeasuredError) as problem:
        click.echo(f"purecheck: {problem}", err=True)
        return 1
    if json_file is not None:
        write_json(json_file, bench_to_dict(bench, describe(selected, seed, "quick" if quick else "full", started)))
    if json_file != STANDARD_OUTPUT:
        _print(bench)
    return 0


def _print(bench: Bench) -> None:
    tables = console(least_width=_WIDTH)
    tables.print(times_table(bench))
    tables.print(exponents_table(bench.exponents))
    if bench.peaks:
        tables.print(memory_table(bench.peaks))
    tables.print(goals_table(bench.goals))
    for line in footnotes(bench):
        click.echo(line)
