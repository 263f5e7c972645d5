"""What commands print about claims and runs."""

from collections.abc import Mapping

import click

from purecheck.environment import Environment
from purecheck.evidence import Evidence, Outcome
from purecheck.runner import Result, Run

_COLOURS = {
    Outcome.UPHELD: "green",
    Outcome.REFUTED: "red",
    Outcome.UNDECIDED: "yellow",
    Outcome.VOID: "magenta",
    Outcome.NOT_RUN: "cyan",
}

_CONTROLS: Mapping[bool | None, str] = {
    True: "control rejected",
    False: "CONTROL NOT REJECTED",
    None: "control not examined",
}


def tell_run(run: Run) -> None:
    """Print every claim with its evidence, and what it was computed with."""
    for result in run.results.values():
        tell_result(result)
        for line in result.evidence:
            tell_evidence(line)
    click.echo()
    tell_environment(run.environment)
    tell_counts(run)


def tell_counts(run: Run) -> None:
    """Print how many claims came to each outcome."""
    counts = [sum(result.standing.outcome is outcome for result in run.results.values()) for outcome in Outcome]
    click.echo(", ".join(f"{count} {outcome}" for count, outcome in zip(counts, Outcome, strict=True)))


def tell_result(result: Result) -> None:
    """Print where a claim stands."""
    standing = result.standing
    level = standing.level or "no evidence"
    limit = f" (limited by {standing.limited_by})" if standing.limited_by else ""
    click.echo(f"{result.claim.id:<4} {coloured(standing.outcome)}  {level}{limit}  {result.claim.title}")


def tell_evidence(line: Evidence) -> None:
    """Print one line of evidence, and below it the counterexample or the reason."""
    control = _CONTROLS[line.control.rejected]
    figure = f", {line.figure}" if line.figure else ""
    click.echo(
        f"     {coloured(line.outcome)}  {line.level or '':<10} {line.check}: {line.cases} cases{figure}, "
        f"{control} ({line.control.mutation}), {line.seconds:.2f} s"
    )
    if line.counterexample:
        click.echo(f"       {line.counterexample}")


def tell_environment(environment: Environment) -> None:
    """Print what a reader needs to repeat the run."""
    click.echo(
        f"seed {environment.seed}, profile {environment.profile}, backend {environment.backend} "
        f"on {environment.device}, {environment.seconds:.1f} s"
    )


def coloured(outcome: Outcome) -> str:
    """The outcome, padded, in its colour on a terminal."""
    return click.style(f"{outcome:<9}", fg=_COLOURS[outcome])
