"""A Hypothesis strategy for networks and inputs at which a node is about to fire or to fall silent."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from hypothesis import assume
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from hypothesis.strategies import SearchStrategy

from numerics.arrays import Floats
from numerics.network import GatedNetwork

_GRID = 1024
"""Entries are multiples of 1/1024: sums of a few products of them are exact in float64."""


@dataclass(frozen=True)
class NearGate:
    """A network and an input at which the pre-activation of every node lies at its threshold or next to it.

    Attributes
    ----------
    net
        The network, with `W` of shape `(d, H)`.
    z
        The input, shape `(d,)`.
    steps
        For each node, shape `(H,)`, the number of floats from its pre-activation in modulus up to its threshold: 0 if
        they are equal, below 0 if the node fires with room to spare, above 0 if it is silent.
    """

    net: GatedNetwork
    z: Floats
    steps: npt.NDArray[np.int64]


@st.composite
def near_gates(draw: st.DrawFn, *, most: int = 4, ulps: int = 2) -> NearGate:
    """Networks of up to `most` inputs and nodes, each threshold within `ulps` floats of the node's pre-activation.

    Parameters
    ----------
    draw
        Given by Hypothesis.
    most
        Largest number of inputs and of nodes, at least 1.
    ulps
        Largest distance from a threshold, as a number of floats, at least 0.

    Examples
    --------
    >>> from hypothesis import find
    >>> from purecheck.strategies import near_gates
    >>> near = find(near_gates(), lambda near: near.steps[0] == 0)
    >>> float(abs(near.z @ near.net.W)[0]) == float(near.net.b[0])
    True
    """
    d, nodes = draw(st.integers(1, most)), draw(st.integers(1, most))
    W, z = draw(_on_the_grid((d, nodes))), draw(_on_the_grid((d,)))
    gates = np.abs(z @ W)
    assume(np.all(gates > 0))
    steps = draw(hnp.arrays(np.int64, nodes, elements=st.integers(-ulps, ulps)))
    b = (gates.view(np.int64) + steps).view(np.float64)  # floats above 0 are ordered as their bits are
    return NearGate(GatedNetwork(W, draw(_on_the_grid((nodes,))), b), z, steps)


def _on_the_grid(shape: tuple[int, ...]) -> SearchStrategy[Floats]:
    numbers = hnp.arrays(np.int64, shape, elements=st.integers(-2 * _GRID, 2 * _GRID), fill=st.nothing())
    return numbers.map(lambda k: k / _GRID)
