"""Strict JSON: bounded in size, no duplicate fields, finite numbers, printable text."""

import json
import math
from pathlib import Path
from typing import Any

LIMIT = 8 * 2**20
"""Largest file in bytes: the Python objects of a JSON file take up to thirty times as much."""

_DIGITS = 19  # of the largest integer of 64 bits with a sign


def read_json(path: Path) -> Any:
    """The content of the JSON file at `path`.

    Raises
    ------
    ValueError
        If it is refused by `read_text` or by `parse_json`.
    OSError
        If it cannot be read.
    """
    return parse_json(read_text(path))


def read_text(path: Path) -> str:
    """The text of the JSON file at `path`, before it is parsed.

    Raises
    ------
    ValueError
        If it is larger than `LIMIT`, not a regular file or not UTF-8.
    OSError
        If it cannot be read.
    """
    if not path.is_file():
        raise ValueError("no regular file; expected one")
    with path.open("rb") as file:
        content = file.read(LIMIT + 1)
    if len(content) > LIMIT:
        raise ValueError(f"more than {LIMIT // 2**20} MiB; expected a record")
    return content.decode("utf-8")


def parse_json(text: str) -> Any:
    """The value of the JSON `text`.

    Raises
    ------
    ValueError
        If it is not JSON, is nested too deeply, names a field twice, or holds a number that is not finite or has more
        than 19 digits before the point, or text with characters that cannot be printed.

    Examples
    --------
    >>> parse_json('{"seed": 0}')
    {'seed': 0}
    >>> parse_json('{"share": NaN}')
    Traceback (most recent call last):
        ...
    ValueError: a number is NaN; expected finite numbers
    """
    try:
        return _with_text(
            json.loads(
                text, object_pairs_hook=_each_once, parse_constant=_finite, parse_float=_finite, parse_int=_whole
            )
        )
    except RecursionError as problem:
        raise ValueError("nested too deeply; expected a record") from problem


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        seen: set[str] = set()
        name = next(name for name, _ in pairs if name in seen or seen.add(name))  # type: ignore[func-returns-value]
        raise ValueError(f"the field {name[:80]!r} stands twice; expected each once")
    return found


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"a number is {text[:40]}; expected finite numbers")
    return number


def _whole(text: str) -> int:
    if len(text.lstrip("-")) > _DIGITS:
        raise ValueError(f"a number is {text[:40]}...; expected at most {_DIGITS} digits")
    return int(text)


def _with_text(value: Any) -> Any:
    """`value` itself, after checking that a terminal can show all text in it; recursion is as deep as the parser's."""
    if isinstance(value, str):
        if not value.isprintable():
            raise ValueError(f"text is {value[:80]!r}; expected characters that can be printed")
    elif isinstance(value, list):
        for one in value:
            _with_text(one)
    elif isinstance(value, dict):
        for name, one in value.items():
            _with_text(name)
            _with_text(one)
    return value
