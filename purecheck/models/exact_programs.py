"""Least l1 norms under linear constraints, solved in floating point and certified in fractions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from flint import fmpq, fmpq_mat
from scipy.optimize import linprog

from numerics.exact import ExactArray, fractions

_NEAR = 1e-7  # picks out the constraints that hold with equality; what they give is then verified exactly


@dataclass(frozen=True)
class LeastNorm:
    """A solution of ``min ||y||_1, V^T y = V^T v`` and one of its dual ``max v^T V c, ||V c||_inf <= 1``.

    Attributes
    ----------
    y : exact array, shape (d,)
        Optimal response.
    c : exact array, shape (N,)
        Optimal point of the dual; both have the same value, so each proves the other optimal.
    value : Fraction
        The least l1 norm.
    """

    y: ExactArray
    c: ExactArray
    value: Fraction


def least_norm(V: ExactArray, v: ExactArray) -> LeastNorm:
    """Return the least l1 norm among the `y` with ``V^T y = V^T v``, exactly.

    HiGHS finds a vertex; the constraints that are active there are solved in fractions, and both solutions are
    verified in fractions.

    Parameters
    ----------
    V : exact array, shape (d, N)
        Linearly independent columns.
    v : exact array, shape (d,)
        In their range.

    Raises
    ------
    ArithmeticError
        If no vertex is found, or the verification fails.
    """
    t = V.T @ v
    rows = V.T.astype(float)
    found = linprog(
        np.ones(2 * len(v)), A_eq=np.hstack([rows, -rows]), b_eq=t.astype(float), bounds=(0, None), method="highs-ds"
    )
    if found.x is None:
        raise ArithmeticError(f"no vertex was found: {found.message}")
    y_float, c_float = found.x[: len(v)] - found.x[len(v) :], found.eqlin.marginals
    support = np.abs(y_float) > _NEAR
    y = fractions(np.zeros(len(v), dtype=int).tolist())
    y[support] = _solved(V[support].T, t)
    pushes = V.astype(float) @ c_float
    tight = np.abs(pushes) > 1 - _NEAR
    c = _solved(V[tight], fractions(np.sign(pushes[tight]).astype(int).tolist()))
    value = sum(np.abs(y), Fraction(0))
    if any(V.T @ y != t) or max(np.abs(V @ c)) > 1 or t @ c != value:
        raise ArithmeticError("the vertex that was found is not optimal in exact arithmetic")
    return LeastNorm(y, c, value)


def cayley(entries: Sequence[Sequence[Fraction]]) -> ExactArray:
    """Return the rational orthogonal matrix ``(I - S)(I + S)^-1``; `entries` is the upper triangle of the skew `S`."""
    d = len(entries) + 1
    S = np.zeros((d, d), dtype=object)
    for i, row in enumerate(entries):
        for j, entry in enumerate(row, start=i + 1):
            S[i, j], S[j, i] = entry, -entry
    identity = np.eye(d, dtype=int).astype(object)
    return _from_flint(_to_flint(identity - S) * _to_flint(identity + S).inv())


def _solved(A: ExactArray, b: ExactArray) -> ExactArray:
    """The solution of ``A x = b``, `A` of full column rank.

    Raises
    ------
    ArithmeticError
        If there is none, or more than one.
    """
    columns = A.shape[1]
    reduced, rank = _to_flint(np.column_stack([A, b])).rref()
    solved = _from_flint(reduced)
    if rank != columns or any(solved[i, i] != 1 for i in range(columns)):
        raise ArithmeticError("the constraints that are active at the vertex do not determine it")
    return np.asarray(solved[:columns, columns])


def _to_flint(A: ExactArray) -> fmpq_mat:
    entries = [fmpq(*Fraction(x).as_integer_ratio()) for x in A.flat]
    return fmpq_mat(*A.shape, entries)


def _from_flint(A: fmpq_mat) -> ExactArray:
    return fractions([[Fraction(int(x.p), int(x.q)) for x in row] for row in A.tolist()])
