"""`purecheck schema`: the JSON Schema of a file that the suite writes."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import click

from purecheck.bench import json_report as bench
from purecheck.cli.json_output import STANDARD_OUTPUT, write_json
from purecheck.records import schemas as records
from purecheck.reporting import json_report as reports

SCHEMAS: Mapping[str, Callable[[], dict[str, Any]]] = {
    **{name: partial(records.record_schema, name) for name in records.SCHEMAS},
    **{name: partial(reports.report_schema, name) for name in reports.SCHEMAS},
    bench.SCHEMA: bench.bench_schema,
}
"""The value of the field `schema` in a file to the function that returns its JSON Schema."""


@click.command("schema")
@click.argument("name", type=click.Choice(list(SCHEMAS)), metavar="NAME")
def command(name: str) -> int:
    """Print the JSON Schema of the files whose field "schema" is NAME.

    Example: purecheck schema purecheck-report/2
    """
    write_json(STANDARD_OUTPUT, SCHEMAS[name]())
    return 0
