"""The JSON Schemas of records, as they ship with the package."""

import json
from functools import cache
from importlib.resources import files
from typing import Any

from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from jsonschema.exceptions import best_match  # type: ignore[import-untyped]
from jsonschema.validators import extend  # type: ignore[import-untyped]

from purecheck.records import run, sparse_coding

SCHEMAS = {run.SCHEMA: "run.schema.json", sparse_coding.SCHEMA: "sparse-coding.schema.json"}
"""Name of a schema to the file that holds it."""


def record_schema(name: str) -> dict[str, Any]:
    """The JSON Schema called `name`, one of `SCHEMAS`."""
    text = files("purecheck.records").joinpath(SCHEMAS[name]).read_text("utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded


def require_schema(facts: Any, name: str) -> None:
    """Nothing where `facts` follow the schema called `name`.

    Raises
    ------
    ValueError
        If they do not: which field, and why.
    """
    problem = best_match(_validator(name).iter_errors(facts))
    if problem is not None:
        where = problem.json_path.removeprefix("$").removeprefix(".")
        raise ValueError(f"{where or 'the record'}: {problem.message[:200]}; expected what {SCHEMAS[name]} says")


@cache
def _validator(name: str) -> Any:
    """A validator for which 1.0 is no integer: it would not be one in the record either."""
    strict = Draft202012Validator.TYPE_CHECKER.redefine("integer", lambda _, value: type(value) is int)
    return extend(Draft202012Validator, type_checker=strict)(record_schema(name))
