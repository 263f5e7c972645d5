"""`purecheck claims`: the ledger."""

import click

from purecheck.cli.claim_selection import choose
from purecheck.cli.json_output import STANDARD_OUTPUT, write_json
from purecheck.reporting.json_report import claim_to_dict
from purecheck.verdicts.standing import claims_below


@click.command("claims")
@click.option("--json", "wants_json", is_flag=True, help="Print the ledger as JSON.")
@click.pass_context
def command(ctx: click.Context, wants_json: bool) -> int:
    """List every claim: what it states, where it comes from, what it depends on, and how it is checked."""
    ledger, ids = choose(ctx, ())
    claims = [ledger.claims[identifier] for identifier in ids]
    checks = {identifier: [check.name for check in ledger.checks[identifier]] for identifier in ids}
    if wants_json:
        write_json(STANDARD_OUTPUT, [{**claim_to_dict(claim), "checks": checks[claim.id]} for claim in claims])
        return 0
    for claim in claims:
        below = claims_below(claim)
        rests = f", depends on {', '.join(below)}" if below else ""
        click.echo(f"{claim.id:<4} {claim.title}")
        click.echo(f"     {claim.kind}, {claim.source}{rests}, {len(checks[claim.id])} checks")
        for clause in claim.clauses:
            click.echo(f"     - {clause.sentence}")
    return 0
