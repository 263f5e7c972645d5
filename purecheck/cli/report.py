"""`purecheck report`: everything on one page."""

from pathlib import Path

import click

from purecheck.cli.claim_selection import choose, divided, records_for, status
from purecheck.cli.memory import memory_option
from purecheck.cli.options import how_to_run, make_context, records_option
from purecheck.cli.output import printable
from purecheck.cli.paths import make_folder
from purecheck.cli.printing import print_counts, print_environment, print_result
from purecheck.cli.progress import shown
from purecheck.reporting.writing import write_report
from purecheck.runs.runner import run_checks


@click.command("report")
@click.argument("claim", nargs=-1)
@click.option(
    "--out",
    type=click.Path(file_okay=False, writable=True, path_type=Path),
    default=Path("report"),
    show_default=True,
    metavar="DIR",
    help="Folder for report.html, report.json and figures/.",
)
@how_to_run
@memory_option
@records_option
@click.pass_context
def command(
    ctx: click.Context,
    claim: tuple[str, ...],
    out: Path,
    profile: str,
    backend: str,
    seed: int,
    memory: int | None,
    records: Path | None,
) -> int:
    """Checks the claims CLAIM (all where none is named) and writes a report that opens in any browser.

    It needs nothing from the network.

    Claims about real data are measured on records, and nothing is run for them: where there is no record a claim is
    "not run". That is no pass: it is counted, and asked for by name it makes the exit status 1.
    """
    ledger, requested = choose(ctx, claim)
    context = make_context(profile, backend, seed, records_for(ledger, requested, records), memory)
    division = divided(ledger, requested, context)
    make_folder(out, "--out")
    with shown() as progress:
        run = run_checks(ledger, requested, context, progress, division)
        written = write_report(run, context, out)
    for result in run.results.values():
        print_result(result)
    print_environment(run.environment)
    print_counts(run)
    click.echo(f"report: {printable(str(written.resolve()))}")
    return status(run, by_name=bool(claim))
