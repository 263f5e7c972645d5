"""`purecheck evaluate`: a quantity of the theory at a point, or on a grid of points."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.shell_completion import CompletionItem

from purecheck.cli.json_output import STANDARD_OUTPUT, write_json, write_text
from purecheck.cli.paths import OutputFile
from purecheck.cli.problems import as_usage_error
from purecheck.cli.stated import quantities
from purecheck.cli.time_limit import time_limit
from purecheck.io.files import write_whole

if TYPE_CHECKING:
    from purecheck.closed_forms import Value

_SECONDS = 6.0
"""Limit on processor time for one value, in case arguments are more extreme than any that was tried."""
_LONG = 80
"""Longest fraction that is printed, in characters."""


class _WithQuantities(click.Command):
    """A command whose help lists the quantities."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Writes each quantity with its arguments and what it is."""
        with formatter.section("Quantities"):
            formatter.write_dl([(one["usage"], one["description"]) for one in quantities()])


def _completed(_ctx: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The quantities that continue `incomplete`."""
    return [
        CompletionItem(one["name"], help=one["words"]) for one in quantities() if one["name"].startswith(incomplete)
    ]


@click.command("evaluate", cls=_WithQuantities)
@click.argument("quantity", shell_complete=_completed)
@click.argument("arguments", nargs=-1, metavar="NAME=VALUE ...")
@click.option("--json", "wants_json", is_flag=True, help="Print one JSON object; with ranges, a list of objects.")
@click.option("--csv", "csv_file", type=OutputFile(dash=True), metavar="FILE", help="Write a line a point to FILE.")
@click.option("--plot", "plot_file", type=OutputFile(), metavar="FILE", help="Draw the values as an SVG image.")
def command(
    quantity: str, arguments: tuple[str, ...], wants_json: bool, csv_file: Path | None, plot_file: Path | None
) -> int:
    """Evaluate QUANTITY at a point, exactly if the value is rational.

    Numbers are taken exactly as they are written: 7/100, 0.07, 1e-3. A range p=0.01..0.5:50 is 50 numbers with equal
    steps, m=1..8 is every integer; several ranges are combined.

    Example: purecheck evaluate firing_probability m=1..8 p=7/100
    """
    from purecheck.cli.grid import as_csv, as_plot, as_table, expanded, varied
    from purecheck.closed_forms import QUANTITIES, evaluate, find_form, parse_arguments, shown

    ranges = varied(arguments)
    with as_usage_error():
        form = find_form(QUANTITIES, quantity)
        points = [parse_arguments(form, one) for one in expanded(form, arguments)]
    values = []
    for point in points:
        with time_limit(_SECONDS):
            values.append(evaluate(form, point))
    if plot_file is not None:
        with as_usage_error():
            write_whole(plot_file, as_plot(values, ranges, f"{form.words}; claim {form.claim}"))
    if csv_file is not None:
        write_text(csv_file, as_csv(values))
    if wants_json:
        write_json(STANDARD_OUTPUT, [asdict(value) for value in values] if ranges else asdict(values[0]))
    elif ranges and csv_file != STANDARD_OUTPUT:
        click.echo(as_table(values, ranges))
    elif not ranges:
        (point,), (value,) = points, values
        click.echo(f"{form.name}({shown(form, point)}) = {value.value!r} ({_exactness(value)})")
        click.echo(f"{form.words}; claim {form.claim}")
    return 0


def _exactness(value: Value) -> str:
    within = f"within {value.error_bound:.2g}, certified"
    if value.exact is None:
        return within
    return f"exactly {value.exact}" if len(value.exact) <= _LONG else f"{within}; --json prints the exact fraction"
