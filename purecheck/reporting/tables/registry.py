"""The types of a table of the report, and of a table of a claim."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from purecheck.reporting.tables.cells import Cell, cell_to_json
from purecheck.runtime.context import Context


@dataclass(frozen=True)
class Table:
    """A table with its note and the sentence that it supports.

    Attributes
    ----------
    title
        A description; mathematics is between dollar signs, as in all its texts.
    columns
        The headings.
    rows
        The rows, with a cell for each column.
    note
        The definitions that a reader needs, above all that of the intervals.
    verdict
        The conclusion, computed from the same numbers; None if there is nothing to decide.
    headings
        Number of cells at the start of a row that identify it.

    Raises
    ------
    ValueError
        If the number of cells in a row differs from the number of columns.
    """

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: str
    verdict: str | None = None
    headings: int = 1

    def __post_init__(self) -> None:
        for row in self.rows:
            if len(row) != len(self.columns):
                raise ValueError(f"a row had {len(row)} cells; expected {len(self.columns)}, one for each column")

    def to_dict(self) -> dict[str, Any]:
        """The contents of the table, ready for JSON."""
        return {
            "title": self.title,
            "columns": list(self.columns),
            "rows": [[cell_to_json(cell) for cell in row] for row in self.rows],
            "note": self.note,
            "verdict": self.verdict,
        }


@dataclass(frozen=True)
class ClaimTable:
    """A table that belongs to a claim.

    Attributes
    ----------
    name
        Its name in the report, different from all others.
    claim
        Id of the claim beside which it is shown.
    tabulate
        Makes it from the context of a run, which keeps the results of the checks; None if no record for it exists.
    """

    name: str
    claim: str
    tabulate: Callable[[Context], Table | None]
