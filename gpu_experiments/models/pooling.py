"""Average pooling over a coarse grid of cells, as a matrix and as the cell of each position."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True)
class CellGrid:
    """A square grid of positions cut into ``pool x pool`` cells of nearly equal sides.

    Attributes
    ----------
    side : int
        Positions along one side.
    pool : int
        Cells along one side.

    Raises
    ------
    ValueError
        If there are not from 1 to `side` cells along a side.
    """

    side: int
    pool: int

    def __post_init__(self) -> None:
        if not 1 <= self.pool <= self.side:
            raise ValueError(f"pool is {self.pool}; expected from 1 to {self.side} cells along a side")

    @property
    def cells(self) -> int:
        """Number of cells."""
        return self.pool**2

    @cached_property
    def cell(self) -> npt.NDArray[np.int64]:
        """The cell that contains each position, shape (side^2,)."""
        edges = np.round(np.arange(1, self.pool) * self.side / self.pool)
        along = np.searchsorted(edges, np.arange(self.side), side="right")
        return (along[:, None] * self.pool + along).reshape(-1).astype(np.int64)

    @cached_property
    def weight(self) -> npt.NDArray[np.float64]:
        """One over the number of positions in each cell, shape (cells,)."""
        return 1 / np.bincount(self.cell, minlength=self.cells)

    @cached_property
    def matrix(self) -> npt.NDArray[np.float64]:
        """The matrix that averages over each cell, shape (cells, side^2)."""
        return np.where(self.cell == np.arange(self.cells)[:, None], self.weight[:, None], 0.0)
