"""`purecheck claims`: the ledger."""

import click

from purecheck.cli.json_output import STANDARD_OUTPUT, write_json
from purecheck.cli.stated import stated


@click.command("claims")
@click.option("--json", "wants_json", is_flag=True, help="Print the ledger as JSON.")
@click.pass_context
def command(ctx: click.Context, wants_json: bool) -> int:
    """List every claim: what it states, where it comes from, what it depends on, and how it is checked."""
    claims = stated(ctx)
    if wants_json:
        write_json(STANDARD_OUTPUT, claims)
        return 0
    for claim in claims:
        rests = f", depends on {', '.join(claim['depends_on'])}" if claim["depends_on"] else ""
        click.echo(f"{claim['id']:<4} {claim['title']}")
        click.echo(f"     {claim['kind']}, {claim['source']}{rests}, {len(claim['checks'])} checks")
        for clause in claim["clauses"]:
            click.echo(f"     - {clause['words']}")
    return 0
