"""`purecheck report`: everything on one page."""

from pathlib import Path

import click

from purecheck.cli.asked import choose, divided, formal_result, records_for, status
from purecheck.cli.memory import memory_option
from purecheck.cli.options import how_to_run, make_context, records_option
from purecheck.cli.output import printable
from purecheck.cli.paths import make_folder
from purecheck.cli.progress import shown
from purecheck.cli.telling import tell_counts, tell_environment, tell_result
from purecheck.context import PROFILES
from purecheck.report.writing import write_report
from purecheck.runner import run_checks


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
    ledger, asked = choose(ctx, claim)
    recorded = records_for(ledger, asked, records)
    context = make_context(PROFILES[profile], backend, seed, recorded, memory, formal_result())
    division = divided(ledger, asked, context)
    make_folder(out, "--out")
    with shown() as progress:
        run = run_checks(ledger, asked, context, progress, division)
        written = write_report(run, context, out)
    for result in run.results.values():
        tell_result(result)
    tell_environment(run.environment)
    tell_counts(run)
    click.echo(f"report: {printable(str(written.resolve()))}")
    return status(run, by_name=bool(claim))
