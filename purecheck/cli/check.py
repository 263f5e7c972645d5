"""`purecheck check`: runs the checks of some claims and of all claims that they depend on."""

from pathlib import Path

import click

from purecheck.cli.json_output import STANDARD_OUTPUT, json_option, write_json
from purecheck.cli.memory import memory_option
from purecheck.cli.options import how_to_run, records_option
from purecheck.cli.progress import shown
from purecheck.cli.stated import complete_claims, expect_claims


@click.command("check")
@click.argument("claim", nargs=-1, shell_complete=complete_claims)
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
    """Check the claims CLAIM (default: all) and everything that they depend on.

    Each line of evidence is printed when its check is done, and the standing of the claims at the end. An interrupted
    run leaves the lines that were printed.

    A line shows the claim, the outcome, its level, the number of cases decided, and whether the check rejected its
    control: a false variant of the statement.

    Claims about real data are measured on recorded runs; a claim without a record is "not run". This does not count as
    a pass. If you named such a claim explicitly, the exit status is 1.

    Example: purecheck check P5 C3 --seed 1
    """
    expect_claims(ctx, claim)
    from purecheck.cli.claim_selection import choose, divided, formal_result, make_context, records_for, status
    from purecheck.cli.printing import print_evidence, print_nothing, print_run
    from purecheck.reporting.json_report import report_to_dict
    from purecheck.runs.runner import run_checks

    ledger, requested = choose(ctx, claim)
    recorded = records_for(ledger, requested, records)
    context = make_context(profile, backend, seed, recorded, memory, formal_result())
    division = divided(ledger, requested, context)
    with shown() as progress:
        arrived = print_nothing if json_file == STANDARD_OUTPUT else print_evidence
        run = run_checks(ledger, requested, context, progress, division, arrived)
    if json_file != STANDARD_OUTPUT:
        print_run(run)
    if json_file is not None:
        write_json(json_file, report_to_dict(run))
    return status(run, by_name=bool(claim))
