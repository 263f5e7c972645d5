"""Hypothesis strategies for layers that fit the target: pure ones, and mixtures of features."""

from collections.abc import Sequence

from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from hypothesis.strategies import SearchStrategy

from numerics.arrays import Floats
from numerics.mixtures import mixture_network
from numerics.network import GatedNetwork
from purecheck.strategies.numbers import reals


def targets(d: int) -> SearchStrategy[Floats]:
    """Targets `theta` of shape `(d,)` with entries from 0.1 to 2, so that every feature matters."""
    return hnp.arrays(float, d, elements=reals(0.1, 2))


@st.composite
def pure_layers(draw: st.DrawFn, *, most: int = 8, b: float = 0.5) -> GatedNetwork:
    """Networks with one node for each of 1 to `most` features, each with the head of its feature: `W` is the identity.

    Parameters
    ----------
    draw
        Given by Hypothesis.
    most
        Largest number of features, at least 1.
    b
        Threshold of every node, above 0. The network computes `theta^T x` if all amplitudes are above it.
    """
    return mixture_network(draw(targets(draw(st.integers(1, most)))), 1, b)


@st.composite
def mixed_layers(draw: st.DrawFn, *, orders: Sequence[int] = (2, 4), groups: int = 2, b: float = 0.5) -> GatedNetwork:
    """Networks of the mixture family (P4): each node mixes `m` features, and the network fits as well as a pure one.

    Parameters
    ----------
    draw
        Given by Hypothesis.
    orders
        The orders `m` to choose from: orders of Hadamard matrices, such as 2, 4, 8, 12.
    groups
        Largest number of groups of `m` features, at least 1; `W` has shape `(m groups, m groups)`.
    b
        Threshold of every node, above 0. The network computes `theta^T x` if the amplitude is constant and above it.

    Examples
    --------
    >>> from hypothesis import find
    >>> from purecheck.strategies import mixed_layers
    >>> net = find(mixed_layers(orders=[2]), lambda net: True)
    >>> net.W.tolist()
    [[1.0, 1.0], [1.0, -1.0]]
    """
    m = draw(st.sampled_from(list(orders)))
    theta = draw(targets(m * draw(st.integers(1, groups))))
    return mixture_network(theta, m, b)
