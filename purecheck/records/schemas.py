"""The schemas of records: each is derived from the types of a dataclass, by which pydantic also reads and checks."""

import re
from functools import cache
from typing import Any

from pydantic import TypeAdapter, ValidationError

from purecheck.records import run, sparse_coding
from purecheck.records.run import RunRecord
from purecheck.records.sparse_coding import SparseCodingRecord

Record = RunRecord | SparseCodingRecord

SCHEMAS: dict[str, type[Record]] = {run.SCHEMA: RunRecord, sparse_coding.SCHEMA: SparseCodingRecord}
"""Name of a schema to the class that describes it."""

_WORDS = (
    (re.compile(r"^Input should be (?=greater|less)"), "a number "),
    (re.compile(r"^\w+ should (be|have|match) "), ""),
    (re.compile(r" after validation, not \d+$"), ""),
)
"""What turns "Input should be a valid integer", as pydantic says it, into what may follow "expected"."""

_LONGEST = 80  # characters of a field's path or value, so that a message stays one readable line


def record_schema(name: str) -> dict[str, Any]:
    """The JSON Schema called `name`, one of `SCHEMAS`."""
    derived = _adapter(name).json_schema()
    # in Python the schema of a record is a default; in a file it must be there, since a reader chooses by it
    required = ["schema", *derived["required"]]
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": name, **derived, "required": required}


def to_record(text: str, facts: Any, name: str) -> Record:
    """The record in the JSON `text`, which follows the schema called `name`.

    Parameters
    ----------
    text, facts
        The record as JSON, and what it parses to.
    name
        One of `SCHEMAS`.

    Raises
    ------
    ValueError
        If it does not follow the schema: which field, what it was and what was expected.
    """
    try:
        return _adapter(name).validate_json(text)
    except ValidationError as problem:
        raise ValueError(first_problem(problem, facts, name)) from problem


def first_problem(problem: ValidationError, facts: Any, name: str) -> str:
    """The first field that is wrong; a field of several types was none of them, which pydantic reports one by one."""
    errors = problem.errors(include_url=False)
    first, path = errors[0], _path(errors[0]["loc"], facts)
    match first["type"]:
        case "value_error":  # raised by a record, with the name of the field
            return str(first["ctx"]["error"])
        case "missing":
            missing = ".".join(filter(None, (path, str(first["loc"][-1]))))
            return f"{missing} is missing; expected all fields of {name}"
        case "unexpected_keyword_argument":
            return f"{path} is an unknown field; expected only the fields of {name}"
    expected = [_expected(one["msg"]) for one in errors if _path(one["loc"], facts) == path]
    return f"{path or 'the record'} is {repr(first['input'])[:_LONGEST]}; expected {' or '.join(expected)}"


@cache
def _adapter(name: str) -> TypeAdapter[Record]:
    return TypeAdapter(SCHEMAS[name])


def _expected(message: str) -> str:
    for pattern, words in _WORDS:
        message = pattern.sub(words, message)
    return message


def _path(steps: tuple[int | str, ...], facts: Any) -> str:
    """The path of a field, as far as `steps` lead into `facts`; beyond that pydantic names what it tried."""
    path = ""
    for step in steps:
        if isinstance(facts, dict) and step in facts:
            path += f".{step}"
        elif isinstance(facts, list) and isinstance(step, int):
            path += f"[{step}]"
        else:
            break
        facts = facts[step]
    return path.removeprefix(".")[:_LONGEST]
