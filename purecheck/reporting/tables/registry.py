"""What a table of the report is."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from purecheck.reporting.tables.cells import Cell, cell_to_json
from purecheck.runtime.context import Context


@dataclass(frozen=True)
class Table:
    """Numbers side by side, with the sentence that they come to.

    Attributes
    ----------
    title
        What it shows; mathematics between dollar signs, as in all its texts.
    columns
        Their headings.
    rows
        A cell for each column.
    note
        Definitions that a reader needs, that of the intervals above all.
    verdict
        What the rows come to, computed from the same numbers; None where there is nothing to decide.
    headings
        How many cells at the start of a row name it.

    Raises
    ------
    ValueError
        If a row has another length than `columns`.
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
        """Everything in it, ready for JSON."""
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
        Names it within the report, different from all others.
    claim
        Id of the claim beside which it is shown.
    tabulate
        Makes it from the context of a run, which keeps what the checks computed. None where nothing was recorded that
        it could show.
    """

    name: str
    claim: str
    tabulate: Callable[[Context], Table | None]
