"""`python -m purecheck.formal`: compile the Rocq development, compare it with the ledger, and write the result."""

import sys
from collections import Counter
from pathlib import Path

import click

from purecheck.formal.check import formal
from purecheck.formal.installed import RocqMissingError
from purecheck.formal.result import DEFAULT, FormalResult, write_result
from theory.formal.names import NotExportedError
from theory.ledger import CLAIMS


@click.command()
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=DEFAULT.parent,
    show_default=True,
    metavar="DIR",
    help="Folder for generated and compiled files, and for formal.json.",
)
@click.option("--links/--no-links", default=True, show_default=True, help="Also confirm links of exact algebra.")
def command(out: Path, links: bool) -> None:
    """Check the Rocq development against the ledger and write DIR/formal.json.

    Nothing is installed. Exit status 0: the kernel accepted every theorem. 1: something was refused. 2: Rocq or one of
    its libraries is missing; one line says what to install.
    """
    try:
        result = formal(CLAIMS, out, click.echo, with_links=links)
    except (RocqMissingError, NotExportedError, ValueError) as problem:
        click.echo(f"make formal: {problem}", err=True)
        sys.exit(2 if isinstance(problem, RocqMissingError) else 1)
    write_result(result, out / DEFAULT.name)
    print_result(result)
    sys.exit(0 if result.is_accepted else 1)


def print_result(result: FormalResult) -> None:
    """Print what was accepted, and everything that was not."""
    for theorem in result.theorems:
        word = "accepted" if theorem.accepted else "REFUSED"
        scope = "" if theorem.law == "full" else " (finite laws)"
        click.echo(f"{word}  {theorem.claim + '/' + theorem.clause:<44} {theorem.name}{scope}")
        for problem in theorem.problems:
            click.echo(f"          {problem}")
    for problem in result.problems:
        click.echo(f"REFUSED   {problem}")
    axioms = {axiom for theorem in result.theorems for axiom in theorem.axioms}
    counts = Counter(axiom.split(".")[0] for axiom in axioms)
    shown = ", ".join(f"{number} of {module}" for module, number in sorted(counts.items()))
    click.echo(f"axioms, all of them listed in theory/formal/axioms.txt unless said above: {shown or 'none'}")
    links = result.links
    click.echo(
        f"links of exact algebra: {links.total}, of which {links.rational} are rational in named atoms and "
        f"{links.confirmed} of those are confirmed ({links.share:.0%})"
    )
    for one in links.open:
        click.echo(f"  not closed: {one}")
    counted = {(one.claim, one.clause) for one in result.theorems if one.counts}
    partly = {(one.claim, one.clause) for one in result.theorems if one.accepted and one.of_clause} - counted
    click.echo(
        f"{sum(one.accepted for one in result.theorems)} of {len(result.theorems)} theorems accepted; "
        f"{len(counted)} clauses formal, {len(partly)} formal for finite laws; "
        f"Rocq {result.rocq}, compiled in {result.seconds['compilation']:.0f} s, all in {result.seconds['all']:.0f} s"
    )


if __name__ == "__main__":
    command()
