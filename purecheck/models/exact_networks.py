"""Networks in exact arithmetic: mixtures from blocks of signs, and orthogonal dictionaries."""

from collections.abc import Sequence
from fractions import Fraction

import numpy as np
import scipy.linalg

from numerics.exact import ExactArray, fractions
from numerics.network import GatedNetwork
from purecheck.evaluators.numbers import flint_matrix, fraction_matrix

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


def mixture(U: np.ndarray, weight: int, theta: Sequence[Fraction], b: Fraction) -> GatedNetwork:
    """The mixture network of a matrix of signs and zeros with `U U^T = weight I`, one block for each group."""
    d = len(theta)
    blocks = fractions(np.kron(np.eye(d // len(U), dtype=int), U).tolist())
    return GatedNetwork(blocks, fractions(theta) @ blocks / weight, fractions([b] * d))


def hadamard_block(m: int) -> np.ndarray:
    """Sylvester's matrix of order `m`, a power of two, in integers."""
    return np.asarray(scipy.linalg.hadamard(m, dtype=int))


def rational_rotation(d: int, t: Fraction) -> ExactArray:
    """An orthogonal matrix with rational entries: plane rotations by the angle of tangent `2t/(1-t^2)`."""
    M = fractions(np.eye(d, dtype=int).tolist())
    c, s = (1 - t * t) / (1 + t * t), 2 * t / (1 + t * t)
    for i in range(d - 1):
        plane = fractions(np.eye(d, dtype=int).tolist())
        plane[i, i], plane[i, i + 1], plane[i + 1, i], plane[i + 1, i + 1] = c, -s, s, c
        M = M @ plane
    return M


def cayley(entries: Sequence[Sequence[Fraction]]) -> ExactArray:
    """Return the rational orthogonal matrix ``(I - S)(I + S)^-1``; `entries` is the upper triangle of the skew `S`."""
    d = len(entries) + 1
    S = np.zeros((d, d), dtype=object)
    for i, row in enumerate(entries):
        for j, entry in enumerate(row, start=i + 1):
            S[i, j], S[j, i] = entry, -entry
    identity = np.eye(d, dtype=int).astype(object)
    return fraction_matrix(flint_matrix(identity - S) * flint_matrix(identity + S).inv())
