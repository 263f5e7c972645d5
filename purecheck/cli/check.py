"""`purecheck check`: runs the checks of some claims and of all that they depend on."""

from pathlib import Path

import click

from purecheck.cli.asked import choose, divided, formal_result, records_for, status
from purecheck.cli.json_output import STANDARD_OUTPUT, json_option, write_json
from purecheck.cli.memory import memory_option
from purecheck.cli.options import how_to_run, make_context, records_option
from purecheck.cli.progress import shown
from purecheck.cli.telling import tell_run
from purecheck.context import PROFILES
from purecheck.report.facts import report_facts
from purecheck.runner import run_checks


@click.command("check")
@click.argument("claim", nargs=-1)
@how_to_run
@memory_option
@records_option
@json_option
@click.pass_context
def command(
    ctx: click.Context,
    claim: tuple[str, ...],
    profile: str,
    backend: str,
    seed: int,
    memory: int | None,
    records: Path | None,
    json_file: Path | None,
) -> int:
    """Checks the claims CLAIM (all where none is named) and everything that they depend on.

    Each line of evidence tells the outcome, its level, the cases decided, and whether the check rejected its control:
    a false variant of the statement.

    Claims about real data are measured on records, and nothing is run for them: where there is no record a claim is
    "not run". That is no pass: it is counted, and asked for by name it makes the exit status 1.
    """
    ledger, asked = choose(ctx, claim)
    recorded = records_for(ledger, asked, records)
    context = make_context(PROFILES[profile], backend, seed, recorded, memory, formal_result())
    division = divided(ledger, asked, context)
    with shown() as progress:
        run = run_checks(ledger, asked, context, progress, division)
    if json_file != STANDARD_OUTPUT:
        tell_run(run)
    if json_file is not None:
        write_json(json_file, report_facts(run))
    return status(run, by_name=bool(claim))
