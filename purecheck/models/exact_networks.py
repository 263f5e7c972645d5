"""Networks and inputs in exact arithmetic: orthogonal dictionaries, mixtures from blocks of signs, random cases."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import scipy.linalg
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from numerics.exact import ExactArray, fractions
from numerics.network import GatedNetwork, active, preactivations

CONFERENCE_6 = np.array(
    [
        [0, 1, 1, 1, 1, 1],
        [1, 0, 1, -1, -1, 1],
        [1, 1, 0, 1, -1, -1],
        [1, -1, 1, 0, 1, -1],
        [1, -1, -1, 1, 0, 1],
        [1, 1, -1, -1, 1, 0],
    ]
)
"""Weighing matrix W(6, 5): `C C^T = 5 I`."""


@dataclass(frozen=True)
class Case:
    """A network behind a dictionary, with one observation; all exact.

    Attributes
    ----------
    net
        `W` of shape (d, H).
    z
        Observation (1, d).
    M
        Orthogonal dictionary (d, d).
    """

    net: GatedNetwork
    z: ExactArray
    M: ExactArray

    @property
    def margin(self) -> Fraction:
        """Least distance of a pre-activation from a threshold above 0; 1 where there is none."""
        V = preactivations(self.net, self.z)[0]
        gaps = [abs(abs(v) - b) for v, b in zip(V, self.net.b, strict=True) if b > 0]
        return min(gaps, default=Fraction(1))


def mixture(U: np.ndarray, weight: int, theta: Sequence[Fraction], b: Fraction) -> GatedNetwork:
    """The mixture network of a matrix of signs and zeros with `U U^T = weight I`, one block for each group."""
    d = len(theta)
    blocks = fractions(np.kron(np.eye(d // len(U), dtype=int), U).tolist())
    return GatedNetwork(blocks, fractions(theta) @ blocks / weight, fractions([b] * d))


def hadamard_block(m: int) -> np.ndarray:
    """Sylvester's matrix of order `m`, a power of two, in integers."""
    return np.asarray(scipy.linalg.hadamard(m, dtype=int))


def fires(net: GatedNetwork, Z: ExactArray) -> np.ndarray:
    """Which nodes fire, as integers (n, H)."""
    return np.asarray(active(preactivations(net, Z), net.b), dtype=int)


def rational_rotation(d: int, t: Fraction) -> ExactArray:
    """An orthogonal matrix with rational entries: plane rotations by the angle of tangent `2t/(1-t^2)`."""
    M = fractions(np.eye(d, dtype=int).tolist())
    c, s = (1 - t * t) / (1 + t * t), 2 * t / (1 + t * t)
    for i in range(d - 1):
        plane = fractions(np.eye(d, dtype=int).tolist())
        plane[i, i], plane[i, i + 1], plane[i + 1, i], plane[i + 1, i + 1] = c, -s, s, c
        M = M @ plane
    return M


def sixths(low: int, high: int) -> SearchStrategy[Fraction]:
    """Multiples of 1/6 from `low`/6 to `high`/6: coarse, so that thresholds are met exactly now and then."""
    return st.integers(low, high).map(lambda k: Fraction(k, 6))


@st.composite
def exact_cases(draw: st.DrawFn) -> Case:
    """Networks of up to three inputs and four nodes, thresholds from 0, with a dictionary and an observation."""
    d, nodes = draw(st.integers(1, 3)), draw(st.integers(1, 4))
    entry = sixths(-12, 12)

    def array(*shape: int) -> ExactArray:
        size = int(np.prod(shape))
        return fractions(draw(st.lists(entry, min_size=size, max_size=size))).reshape(shape)

    thresholds = draw(st.lists(sixths(0, 12), min_size=nodes, max_size=nodes))
    net = GatedNetwork(array(d, nodes), array(nodes), fractions(thresholds))
    M = rational_rotation(d, draw(sixths(-6, 6)))
    return Case(net, array(1, d), M)
