"""Finished blocks of a run, one file each, with which a stopped run continues."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gpu_experiments.paper_scale.training import Block
from purecheck.io.files import as_json, write_whole
from purecheck.io.strict_json import read_json


class BlockStore:
    """The blocks of one configuration in a folder; without a folder nothing is stored.

    Parameters
    ----------
    folder
        The folder of the files.
    configuration
        The sizes, seed and backend on which the blocks depend; every file contains them.
    """

    def __init__(self, folder: Path | None, configuration: Mapping[str, Any]) -> None:
        self._folder = folder
        self._configuration = dict(configuration)

    def read(self, block: Block) -> dict[str, Any] | None:
        """The facts of a finished block; None if it is not finished.

        Raises
        ------
        ValueError
            If the file is broken or belongs to another configuration: the message names it.
        """
        path = self._path(block)
        if path is None or not path.exists():
            return None
        try:
            found = read_json(path)
        except ValueError as problem:
            raise ValueError(f"{path}: {problem}; remove it, and the block is trained again") from problem
        if not isinstance(found, dict) or found.keys() != {"configuration", "block"}:
            raise ValueError(f"{path} is not a finished block of this command; expected another --out, or remove it")
        if found["configuration"] != self._configuration:
            raise ValueError(f"{path} belongs to a run with other sizes, seed or backend; expected another --out")
        facts: dict[str, Any] = found["block"]
        return facts

    def write(self, block: Block, facts: Mapping[str, Any]) -> None:
        """Store the facts of a finished block."""
        path = self._path(block)
        if path is not None:
            write_whole(path, as_json({"configuration": self._configuration, "block": facts}))

    def _path(self, block: Block) -> Path | None:
        return None if self._folder is None else self._folder / f"{block.name}.json"
