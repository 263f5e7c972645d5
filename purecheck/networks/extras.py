"""Packages of extras, imported where a file or a model needs them."""

from importlib import import_module
from pathlib import Path
from typing import Any


def required(module: str, extra: str, path: Path) -> Any:
    """The module that reads `path`.

    Raises
    ------
    ValueError
        If it is not installed; the message names the extra that brings it.
    """
    try:
        return import_module(module)
    except ImportError as problem:
        raise ValueError(
            f"{path.name} needs the package {module.split('.', maxsplit=1)[0]}, which is not installed; expected it: "
            f"pip install 'purecheck[{extra}]'"
        ) from problem
