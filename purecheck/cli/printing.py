"""Printing of claims and runs."""

from collections import Counter
from collections.abc import Mapping, Sequence

import click

from purecheck.cli.output import printable
from purecheck.reporting.comparison import Change
from purecheck.runs.runner import Result, Run
from purecheck.runtime.environment import Environment
from purecheck.verdicts.evidence import Evidence, Outcome
from purecheck.verdicts.standing import reading

_COLOURS: Mapping[str, str] = {
    Outcome.UPHELD: "green",
    Outcome.REFUTED: "red",
    Outcome.UNDECIDED: "yellow",
    Outcome.VOID: "magenta",
    Outcome.NOT_RUN: "cyan",
    Outcome.CONTRADICTION: "red",
    "answer: yes": "green",
    "answer: no": "green",
}

_CONTROLS: Mapping[bool | None, str] = {
    True: "control rejected",
    False: "CONTROL NOT REJECTED",
    None: "control not examined",
}


def print_run(run: Run) -> None:
    """Print where every claim stands, after its evidence was printed, and what it was computed with."""
    click.echo()
    for result in run.results.values():
        print_result(result)
        print_clauses(result)
    click.echo()
    print_environment(run.environment)
    print_counts(run)


def print_counts(run: Run) -> None:
    """Print the numbers of claims and of clauses with each outcome; a claim stands as its weakest clause does."""
    results = run.results.values()
    clauses = ((clause, result.clauses[clause.name]) for result in results for clause in result.claim.clauses)
    _print_count("claims", Counter(result.reading for result in results))
    _print_count("clauses", Counter(reading(clause, standing) for clause, standing in clauses))


def _print_count(what: str, counts: Counter[str]) -> None:
    always = (Outcome.UPHELD, Outcome.REFUTED, Outcome.UNDECIDED, Outcome.VOID, Outcome.NOT_RUN)
    click.echo(f"{what}: " + ", ".join(f"{counts[word]} {word}" for word in dict.fromkeys((*always, *counts))))


def print_changes(changes: Sequence[Change]) -> None:
    """Print what changed since another report, a line each."""
    click.echo(f"changed since: {len(changes) or 'nothing'}")
    for one in changes:
        click.echo(f"  {printable(str(one))}")


def print_result(result: Result) -> None:
    """Print the standing of a claim."""
    standing = result.standing
    level = standing.level or "no evidence"
    limit = f" (limited by {standing.limited_by})" if standing.limited_by else ""
    click.echo(f"{result.claim.id:<4} {coloured(result.reading)}  {level}{limit}  {result.claim.title}")


def print_clauses(result: Result) -> None:
    """Print the standing of each clause that is not a theorem, or is not upheld."""
    for clause in result.claim.clauses:
        standing = result.clauses[clause.name]
        if clause.kind == "theorem" and standing.outcome is Outcome.UPHELD:
            continue
        limit = f" ({standing.limited_by})" if standing.limited_by not in (None, clause.name) else ""
        words = reading(clause, standing)
        click.echo(f"     {coloured(words)}  {standing.level or '':<10} {clause.kind}: {clause.name}{limit}")
        if standing.outcome is Outcome.CONTRADICTION:
            click.echo("       one check proves it and another refutes it: one of the checks is wrong")


def print_nothing(_claim: str, _line: Evidence) -> None:
    """Print nothing, where standard output is for JSON."""


def print_evidence(claim: str, line: Evidence) -> None:
    """Print one line of evidence for a claim, followed by the counterexample or the reason."""
    control = _CONTROLS[line.control.rejected]
    figure = f", {line.figure}" if line.figure else ""
    click.echo(
        f"{claim:<4} {coloured(line.outcome)}  {line.level or '':<10} {line.check}: {line.cases} cases{figure}, "
        f"{control} ({line.control.mutation}), {line.seconds:.2f} s"
    )
    if line.counterexample:
        click.echo(f"       {line.counterexample}")


def print_environment(environment: Environment) -> None:
    """Print what a reader needs to repeat the run."""
    click.echo(
        f"seed {environment.seed}, profile {environment.profile}, backend {environment.backend} "
        f"on {environment.device}, {environment.seconds:.1f} s"
    )


def coloured(words: str) -> str:
    """An outcome or an answer, padded, in its colour on a terminal."""
    return click.style(f"{words:<9}", fg=_COLOURS[words])
