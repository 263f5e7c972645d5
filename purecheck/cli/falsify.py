"""`purecheck falsify`: the search for a counterexample."""

from __future__ import annotations

import shlex
import time
from typing import TYPE_CHECKING, Any

import click

from purecheck.cli.json_output import STANDARD_OUTPUT, write_json
from purecheck.cli.problems import as_usage_error
from purecheck.cli.stated import complete_clauses

if TYPE_CHECKING:
    from purecheck.runs.falsification import Counterexample, Search

_SECONDS = 12.0  # a user still waits for as long, and every clause of the largest claims has more than `_LEAST`
_LEAST = 0.2
"""Seconds that each clause has at least, enough for its corners."""


@click.command("falsify")
@click.argument("what", metavar="CLAIM[/CLAUSE]", shell_complete=complete_clauses)
@click.option("--without", metavar="ASSUMPTION", help="Drop an assumption, or a bound such as 'b <= r'.")
@click.option("--range", "ranges", multiple=True, metavar="NAME=LO..HI", help="Another range of a parameter.")
@click.option("--seed", default=0, show_default=True, help="Root seed of the instances.")
@click.option(
    "--seconds",
    type=click.FloatRange(min=0.1, max=3600),
    default=_SECONDS,
    show_default=True,
    help="Processor time of the search, about; shrinking takes at most half of that more.",
)
@click.option("--json", "wants_json", is_flag=True, help="Print one JSON object.")
@click.pass_context
def command(
    ctx: click.Context,
    what: str,
    without: str | None,
    ranges: tuple[str, ...],
    seed: int,
    seconds: float,
    wants_json: bool,
) -> int:
    """Search for a counterexample to CLAIM or CLAIM/CLAUSE, and print the smallest one that is found.

    Exit status without --without and --range: 0 if none is found, 1 if one is. With one of them a counterexample is
    expected, because it shows that the assumption is needed: 0 if one is found, 1 if none is.

    Example: purecheck falsify P5 --range p=0..1
    """
    from numerics.streams import Streams
    from purecheck.cli.claim_selection import choose
    from purecheck.runs.falsification import parse_range, parse_target, search, variants_of

    ledger, _ = choose(ctx, ())
    with as_usage_error():
        over = dict(parse_range(text) for text in ranges)
        chosen = variants_of(parse_target(ledger, what), without, over)
    is_changed = without is not None or bool(over)
    found: list[Search] = []
    until = time.process_time() + seconds
    for number, (check, clause) in enumerate(chosen):
        left = until - time.process_time()
        found.append(search(check, clause, Streams(seed), max(left / (len(chosen) - number), _LEAST)))
    refuted = [one for one in found if one.found is not None]
    if wants_json:
        write_json(STANDARD_OUTPUT, {"searches": [_as_dict(one, without, over, seed) for one in found]})
    else:
        for one in refuted or found:
            _print(one, without, over, seed)
    return int(bool(refuted) != is_changed)


def _print(one: Search, without: str | None, over: dict[str, Any], seed: int) -> None:
    name = f"{one.claim}/{one.clause.name}"
    if one.found is None:
        click.echo(f"{name}: no counterexample. {_effort(one)}")
        return
    click.echo(f"{name}: counterexample at {one.found.where}")
    click.echo(f"  {one.found.relation}")
    click.echo(f"  reproduce it with: {_command(one, without, over, seed)}")


def _effort(one: Search) -> str:
    open_ = f"; {one.undecided} were not decided" if one.undecided else ""
    return f"The formula holds on {one.instances} instances, {one.points} points of the ranges among them{open_}."


def _command(one: Search, without: str | None, over: dict[str, Any], seed: int) -> str:
    words = ["purecheck", "falsify", f"{one.claim}/{one.clause.name}"]
    words += ["--without", without] if without is not None else []
    ends = {name: f"{low}..{high}" for name, (low, high) in over.items()}
    if one.found is not None and all(value.is_Rational for value in one.found.values.values()):
        ends |= {symbol.name: f"{value}..{value}" for symbol, value in one.found.values.items()}
    words += [word for name, range_ in ends.items() for word in ("--range", f"{name}={range_}")]
    return shlex.join([*words, "--seed", str(seed)])


def _as_dict(one: Search, without: str | None, over: dict[str, Any], seed: int) -> dict[str, Any]:
    found = one.found
    return {
        "claim": one.claim,
        "clause": one.clause.name,
        "without": without,
        "ranges": {name: [str(end) for end in ends] for name, ends in over.items()},
        "instances": one.instances,
        "points": one.points,
        "undecided": one.undecided,
        "counterexample": None if found is None else _found(found),
        "command": _command(one, without, over, seed),
    }


def _found(found: Counterexample) -> dict[str, Any]:
    values = {symbol.name: str(value) for symbol, value in found.values.items()}
    return {"where": found.where, "relation": found.relation, "parameters": values}
