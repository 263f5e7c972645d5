"""Exact rational arithmetic for the functions of this package, and all supports of a small model."""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

ExactArray: TypeAlias = npt.NDArray[Any]
"""A NumPy array of `fractions.Fraction`; sums, products and comparisons of such arrays do not round."""

_to_fraction = np.frompyfunc(Fraction, 1, 1)


def fractions(values: Any) -> ExactArray:
    """Return `values` as an exact array of the same shape.

    Parameters
    ----------
    values : array_like
        Nested sequences of integers, fractions, or decimal strings; a float is converted exactly.
    """
    return np.asarray(_to_fraction(np.asarray(values, dtype=object)), dtype=object)


def signed_supports(d: int) -> npt.NDArray[np.int64]:
    """Return all sign patterns ``{-1, 0, 1}^d`` as rows, shape ``(3^d, d)``, smaller supports first.

    Raises
    ------
    ValueError
        If `d` is not at least 1.
    """
    if d < 1:
        raise ValueError(f"d is {d}; expected at least 1")
    patterns = np.array(list(product((0, 1, -1), repeat=d)), dtype=np.int64)
    return patterns[np.argsort(np.abs(patterns).sum(axis=1), kind="stable")]


def support_probabilities(patterns: npt.NDArray[np.int64], p: Fraction) -> ExactArray:
    """Return the probability of each sign pattern, shape (n,), for independent coordinates that are active at rate `p`.

    Raises
    ------
    ValueError
        If `p` is not in [0, 1].
    """
    if not 0 <= p <= 1:
        raise ValueError(f"p is {p}; expected a probability in [0, 1]")
    d = patterns.shape[1]
    sizes = np.abs(patterns).sum(axis=1).tolist()
    return fractions([(p / 2) ** n * (1 - p) ** (d - n) for n in sizes])
