"""`purecheck claims`: the ledger."""

from typing import Any

import click

from purecheck.cli.json_output import STANDARD_OUTPUT, write_json
from purecheck.cli.stated import complete_claims, expect_claims, stated


@click.command("claims")
@click.argument("claim", nargs=-1, shell_complete=complete_claims)
@click.option("--json", "form", flag_value="json", help="Print the ledger as JSON.")
@click.option("--latex", "form", flag_value="latex", help="Print the statements for a paper.")
@click.option("--bibtex", "form", flag_value="bibtex", help="Print BibTeX entries that cite this version.")
@click.pass_context
def command(ctx: click.Context, claim: tuple[str, ...], form: str | None) -> int:
    """List the claims CLAIM (default: all): statement, source, dependencies and checks.

    Example: purecheck claims P5 --latex
    """
    expect_claims(ctx, claim)
    every = stated(ctx)
    chosen = [one for one in every if one["id"] in claim or not claim]
    if form == "json":
        write_json(STANDARD_OUTPUT, chosen)
    elif form is not None:
        from purecheck.cli.citing import as_bibtex, as_latex, ledger_version

        click.echo({"latex": as_latex, "bibtex": as_bibtex}[form](chosen, ledger_version(every)), nl=False)
    else:
        for one in chosen:
            _print(one)
    return 0


def _print(claim: dict[str, Any]) -> None:
    rests = f", depends on {', '.join(claim['depends_on'])}" if claim["depends_on"] else ""
    click.echo(f"{claim['id']:<4} {claim['title']}")
    click.echo(f"     {claim['kind']}, {claim['source']}{rests}, {len(claim['checks'])} checks")
    for clause in claim["clauses"]:
        click.echo(f"     - {clause['words']}")
