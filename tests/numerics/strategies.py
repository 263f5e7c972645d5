"""Hypothesis strategies for networks and what they observe.

Entries are multiples of 1/1024 of modulus at most 2: sums and products of a few of them are exact in
float64, so that a step of a power of two is taken without rounding.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from hypothesis import assume
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from numerics.backend import Backend
from numerics.network import GatedNetwork

GRID = 1024

FloatArray = npt.NDArray[np.float64]


def grid_arrays(shape: tuple[int, ...], low: int = -2 * GRID, high: int = 2 * GRID) -> st.SearchStrategy[FloatArray]:
    """Float64 arrays of multiples of 1/1024."""
    return hnp.arrays(np.int64, shape, elements=st.integers(low, high), fill=st.nothing()).map(lambda k: k / GRID)


@dataclass(frozen=True)
class Case:
    """Host arrays of a network, observations, and targets."""

    W: FloatArray
    a: FloatArray
    b: FloatArray
    Z: FloatArray
    y: FloatArray

    def network(self, backend: Backend, dtype: str = "float64") -> GatedNetwork:
        """The network on `backend`."""
        return GatedNetwork(*(backend.asarray(x, dtype) for x in (self.W, self.a, self.b)))

    @property
    def margin(self) -> float:
        """The least distance of a preactivation from its gate."""
        return float(np.min(np.abs(np.abs(self.Z @ self.W) - self.b[..., None, :])))


@st.composite
def cases(draw: st.DrawFn, min_margin: float = 0.0) -> Case:
    """Networks with 0 to 2 leading axes of replicas, d, H and n from 1 to 4; no gate within `min_margin`."""
    lead = draw(hnp.array_shapes(min_dims=0, max_dims=2, max_side=3))
    d, nodes, n = (draw(st.integers(1, 4)) for _ in range(3))
    case = Case(
        W=draw(grid_arrays((*lead, d, nodes))),
        a=draw(grid_arrays((*lead, nodes))),
        b=draw(grid_arrays((*lead, nodes), low=0)),
        Z=draw(grid_arrays((*lead, n, d))),
        y=draw(grid_arrays((*lead, n))),
    )
    assume(case.margin >= min_margin)
    return case
