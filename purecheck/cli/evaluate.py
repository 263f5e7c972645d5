"""`purecheck evaluate`: a quantity of the theory at a point."""

from dataclasses import asdict

import click

from purecheck.cli.json_output import STANDARD_OUTPUT, write_json
from purecheck.cli.problems import as_usage_error
from purecheck.cli.time_limit import time_limit
from purecheck.closed_forms import QUANTITIES, Value, evaluate, find_form, parse_arguments, shown

_SECONDS = 6.0
"""Limit on processor time for one value; the longest sums that are accepted take three seconds."""
_LONG = 80
"""Longest fraction that is printed, in characters."""


class _WithQuantities(click.Command):
    """A command whose help lists the quantities."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Writes each quantity with its arguments and what it is."""
        with formatter.section("Quantities"):
            formatter.write_dl(
                [
                    (
                        f"{form.name} {' '.join(form.arguments)}",
                        f"{form.words} ({form.claim}); " + ", ".join(f"{k}: {v}" for k, v in form.domain.items()),
                    )
                    for form in QUANTITIES.values()
                ]
            )


@click.command("evaluate", cls=_WithQuantities)
@click.argument("quantity")
@click.argument("arguments", nargs=-1, metavar="NAME=VALUE ...")
@click.option("--json", "wants_json", is_flag=True, help="Print one JSON object.")
def command(quantity: str, arguments: tuple[str, ...], wants_json: bool) -> int:
    """Evaluate QUANTITY at a point, exactly if the value is rational.

    Numbers are taken exactly as they are written: 7/100, 0.07, 1e-3.
    """
    with as_usage_error():
        form = find_form(QUANTITIES, quantity)
        point = parse_arguments(form, arguments)
    with time_limit(_SECONDS):
        value = evaluate(form, point)
    if wants_json:
        write_json(STANDARD_OUTPUT, asdict(value))
        return 0
    click.echo(f"{form.name}({shown(form, point)}) = {value.value!r} ({_exactness(value)})")
    click.echo(f"{form.words}; claim {form.claim}")
    return 0


def _exactness(value: Value) -> str:
    within = f"within {value.error_bound:.2g}, certified"
    if value.exact is None:
        return within
    return f"exactly {value.exact}" if len(value.exact) <= _LONG else f"{within}; --json prints the exact fraction"
