"""`purecheck report`: everything on one page."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from purecheck.cli.memory import memory_option
from purecheck.cli.options import how_to_run, records_option
from purecheck.cli.output import printable
from purecheck.cli.paths import InputFile, make_folder
from purecheck.cli.progress import shown
from purecheck.cli.stated import complete_claims, expect_claims

if TYPE_CHECKING:
    from purecheck.reporting.comparison import Past


@click.command("report")
@click.argument("claim", nargs=-1, shell_complete=complete_claims)
@click.option(
    "--out",
    type=click.Path(file_okay=False, writable=True, path_type=Path),
    default=Path("report"),
    show_default=True,
    metavar="DIR",
    help="Folder for report.html, report.json and figures/.",
)
@click.option(
    "--against",
    type=InputFile(),
    metavar="OLD.json",
    help="A report.json of another run, version or machine: print, and show on the page, what changed since.",
)
@how_to_run
@memory_option
@records_option
@click.pass_context
def command(
    ctx: click.Context,
    claim: tuple[str, ...],
    out: Path,
    against: Path | None,
    profile: str,
    backend: str,
    seed: int,
    memory: int | None,
    records: Path | None,
) -> int:
    """Check the claims CLAIM (default: all) and write a report that opens in any browser.

    The report works offline.

    Claims about real data are measured on recorded runs; a claim without a record is "not run". This does not count as
    a pass. If you named such a claim explicitly, the exit status is 1.

    Example: purecheck report --out report --against last-week/report.json
    """
    expect_claims(ctx, claim)
    from purecheck.cli.claim_selection import choose, divided, formal_result, make_context, records_for, status
    from purecheck.cli.printing import print_changes, print_counts, print_environment, print_result
    from purecheck.reporting.comparison import changes
    from purecheck.reporting.writing import write_report
    from purecheck.runs.runner import run_checks

    past = None if against is None else _read(against)
    ledger, requested = choose(ctx, claim)
    recorded = records_for(ledger, requested, records)
    context = make_context(profile, backend, seed, recorded, memory, formal_result())
    division = divided(ledger, requested, context)
    make_folder(out, "--out")
    with shown() as progress:
        run = run_checks(ledger, requested, context, progress, division)
        written = write_report(run, context, out, past)
    for result in run.results.values():
        print_result(result)
    print_environment(run.environment)
    print_counts(run)
    if past is not None:
        print_changes(changes(past, run))
    click.echo(f"report: {printable(str(written.resolve()))}")
    return status(run, by_name=bool(claim))


def _read(path: Path) -> Past:
    from purecheck.reporting.comparison import read_past

    try:
        return read_past(path)
    except (OSError, ValueError) as problem:
        reason = " ".join(str(problem).split())
        raise click.UsageError(
            f"--against was {str(path)!r}; expected a report.json of this version: {reason}"
        ) from problem
