"""Least l1 norms under linear constraints: the simplex method in fractions, with Bland's rule."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from flint import fmpq, fmpq_mat

from numerics.exact import ExactArray, fractions


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

    The primal simplex method on ``y = y+ - y-``. A vertex has as many entries that may differ from 0 as `V` has
    columns, its basis; where one of these is 0 the vertex is degenerate and a step may lead nowhere. Of the candidates
    that enter and leave the basis the one with the least index is taken (Bland, Mathematics of Operations Research 2,
    1977), so that no basis comes twice and the method ends. Both solutions are verified in the end.

    Parameters
    ----------
    V : exact array, shape (d, N)
        Linearly independent columns.
    v : exact array, shape (d,)
        In their range.

    Raises
    ------
    ArithmeticError
        If the columns are dependent, or the verification fails.
    """
    t = V.T @ v
    basis = _independent_rows(V)
    entries = _solved(V[basis].T, t)
    signs = [-1 if entry < 0 else 1 for entry in entries]
    while True:
        entries = _solved(V[basis].T, t)
        c = _solved(V[basis], fractions(signs))
        entering = _entering(V @ c)
        if entering is None:
            break
        place, sign = entering
        rates = _solved(V[basis].T, sign * V[place])  # how fast entries of the basis fall as the new one grows
        leaving = _leaving(basis, signs, entries, rates)
        basis[leaving], signs[leaving] = place, sign
    y = fractions(np.zeros(len(v), dtype=int).tolist())
    y[basis] = entries
    value = sum(np.abs(y), Fraction(0))
    if any(V.T @ y != t) or max(np.abs(V @ c)) > 1 or t @ c != value:
        raise ArithmeticError("the vertex that was found is not optimal in exact arithmetic")
    return LeastNorm(y, c, value)


def _independent_rows(V: ExactArray) -> list[int]:
    """The first rows of `V` that are a basis of its row space, as many as columns."""
    reduced, rank = _to_flint(V.T).rref()
    if rank != V.shape[1]:
        raise ArithmeticError(f"V has rank {rank}; expected {V.shape[1]}, the number of its columns")
    rows = _from_flint(reduced)
    return [next(i for i, entry in enumerate(row) if entry != 0) for row in rows[:rank]]


def _entering(pushes: ExactArray) -> tuple[int, int] | None:
    """Place and sign of the first entry of `y` that lowers the norm as it grows; None where none does."""
    return next(((i, 1 if push > 0 else -1) for i, push in enumerate(pushes) if abs(push) > 1), None)


def _leaving(basis: list[int], signs: list[int], entries: ExactArray, rates: ExactArray) -> int:
    """The place in the basis of the entry that reaches 0 first; of several the one with the least index.

    The norm is at least 0 and falls along the edge, so one of them does.
    """
    falling = [j for j, sign in enumerate(signs) if sign * rates[j] > 0]
    return min(falling, key=lambda j: (entries[j] / rates[j], basis[j]))


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
