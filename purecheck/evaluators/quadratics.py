"""Minimisers of quadratic functions in exact fractions."""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from numerics.exact import ExactArray, fractions
from purecheck.evaluators.numbers import flint_matrix, fraction


@dataclass(frozen=True)
class Minimisers:
    """All minimisers of a quadratic risk.

    Attributes
    ----------
    shortest
        The minimiser of least l2 norm, shape (H,).
    freedom
        A basis of the directions along which the risk is constant, shape (k, H).
    """

    shortest: ExactArray
    freedom: ExactArray


def minimisers(quadratic: ExactArray, linear: ExactArray) -> Minimisers:
    """The solutions of `quadratic a = linear`, for a positive semidefinite matrix whose range contains `linear`."""
    size = len(linear)
    freedom = _null_space(quadratic)
    # The shortest solution is the one orthogonal to the null space.
    equations = np.vstack([quadratic, freedom]) if len(freedom) else quadratic
    right = np.concatenate([linear, fractions([0] * len(freedom))]) if len(freedom) else linear
    reduced, rank = flint_matrix(np.hstack([equations, right[:, None]])).rref()
    if rank != size:
        raise ValueError(f"the normal equations have rank {rank}; expected {size}")
    return Minimisers(fractions([fraction(reduced[row, size]) for row in range(size)]), freedom)


def _null_space(matrix: ExactArray) -> ExactArray:
    size = matrix.shape[1]
    reduced, rank = flint_matrix(matrix).rref()
    pivots = [next(j for j in range(size) if reduced[row, j] != 0) for row in range(rank)]
    basis = []
    for free in (j for j in range(size) if j not in pivots):
        direction = [Fraction(int(j == free)) for j in range(size)]
        for row, pivot in enumerate(pivots):
            direction[pivot] = -fraction(reduced[row, free])
        basis.append(direction)
    return fractions(basis) if basis else fractions(np.zeros((0, size), dtype=int))


def minimisers_of(risk: Callable[[ExactArray], Fraction], size: int) -> Minimisers:
    """The minimisers of a quadratic function of `size` unknowns that is bounded below, from its values alone."""
    unit = fractions(np.eye(size, dtype=int).tolist())
    at_zero, ones = risk(0 * unit[0]), [risk(one) for one in unit]
    slopes = fractions([(plus - risk(-one)) / 2 for plus, one in zip(ones, unit, strict=True)])
    curvatures = fractions(np.zeros((size, size), dtype=int).tolist())
    for i in range(size):
        for j in range(i + 1):
            mixed = risk(unit[i] + unit[j]) - ones[i] - ones[j] + at_zero
            curvatures[i, j] = curvatures[j, i] = mixed
    return minimisers(curvatures, -slopes)
