"""Sparse codes by orthogonal matching pursuit, for many patches at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from gpu_experiments.chunks import map_chunks
from numerics.arrays import Floats

CHUNK = 250
"""Number of patches that are coded at a time."""


@dataclass(frozen=True, eq=False)
class Pursuit:
    """Codes that grow by one atom at a time.

    Attributes
    ----------
    atoms : array of int, shape (n, steps)
        The atom that each step adds.
    residual : array, shape (n, steps + 1)
        Energy of a patch that the first atoms leave: before any, after one, ...
    """

    atoms: npt.NDArray[np.int64]
    residual: Floats

    @property
    def drops(self) -> Floats:
        """Energy that each step explains, shape (n, steps)."""
        return -np.diff(self.residual, axis=1)

    def counts(self, share: float) -> npt.NDArray[np.int64]:
        """Return how many atoms each patch needs to leave at most `share` of its energy; steps + 1 if none suffice."""
        unexplained: npt.NDArray[np.int64] = np.sum(self.residual > share * self.residual[:, :1], axis=1)
        return unexplained

    def explained(self, coefficients: int) -> float:
        """Return the share of the energy that codes with this number of coefficients explain."""
        return 1 - float(self.residual[:, coefficients].sum() / self.residual[:, 0].sum())

    def active_counts(self, least: float) -> npt.NDArray[np.int64]:
        """Return how many first steps of each patch explain at least the energy `least` each, shape (n,)."""
        counts: npt.NDArray[np.int64] = np.sum(np.logical_and.accumulate(self.drops >= least, axis=1), axis=1)
        return counts


def pursue(M: Floats, Z: Floats, steps: int) -> Pursuit:
    """Return the greedy codes of patches `Z` (n, d) in unit atoms `M` (d, atoms).

    Each step adds the atom with the largest inner product with the residual, and projects on all atoms added so far. In
    an orthogonal dictionary these are the largest coefficients.

    References
    ----------
    Y. Pati, R. Rezaiifar and P. Krishnaprasad, "Orthogonal matching pursuit", Asilomar 1993.
    """
    parts = map_chunks(lambda part: _pursue(M, part, min(steps, *M.shape)), CHUNK, Z)
    return Pursuit(np.concatenate([one.atoms for one in parts]), np.concatenate([one.residual for one in parts]))


def codes(M: Floats, Z: Floats, atoms: npt.NDArray[np.int64], counts: npt.NDArray[np.int64]) -> Floats:
    """Return the least-squares codes of `Z` (n, d) in the first `counts` (n,) of `atoms` (n, steps), shape (n, atoms).

    All other coefficients are 0.
    """
    parts = map_chunks(lambda *part: _codes(M, *part), CHUNK, Z, atoms, counts)
    return np.concatenate(parts)


def _pursue(M: Floats, Z: Floats, steps: int) -> Pursuit:
    n, d = Z.shape
    rows = np.arange(n)
    rest, basis = Z.copy(), np.zeros((n, steps, d))
    taken, residual = np.zeros((n, steps), dtype=np.int64), np.empty((n, steps + 1))
    residual[:, 0] = np.sum(Z**2, axis=1)
    free = np.ones((n, M.shape[1]), dtype=bool)
    for k in range(steps):
        best = np.argmax(np.where(free, np.abs(rest @ M), -1.0), axis=1)
        free[rows, best] = False
        taken[:, k] = best
        basis[:, k] = _orthogonalised(M.T[best], basis[:, :k])
        rest -= np.sum(basis[:, k] * rest, axis=1, keepdims=True) * basis[:, k]
        residual[:, k + 1] = np.sum(rest**2, axis=1)
    return Pursuit(taken, residual)


def _orthogonalised(vectors: Floats, basis: Floats) -> Floats:
    """Return unit vectors (n, d) orthogonal to `basis` (n, k, d); 0 if only rounding errors are left of them."""
    for _ in range(2):  # a second pass removes what rounding left: Giraud, Langou and Rozloznik (2005)
        inner = basis @ vectors[:, :, None]
        vectors = vectors - (np.swapaxes(basis, 1, 2) @ inner)[:, :, 0]
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    dependent = lengths <= vectors.shape[1] * np.finfo(float).eps
    return np.asarray(np.where(dependent, 0.0, vectors / np.where(dependent, 1.0, lengths)))


def _codes(M: Floats, Z: Floats, atoms: npt.NDArray[np.int64], counts: npt.NDArray[np.int64]) -> Floats:
    longest = int(counts.max(initial=0))
    active = np.arange(longest) < counts[:, None]
    chosen = M.T[atoms[:, :longest]] * active[:, :, None]
    # Atoms beyond a patch's count are zeros: the diagonal keeps their equations solvable, with coefficient 0.
    gram = chosen @ np.swapaxes(chosen, 1, 2) + np.eye(longest) * ~active[:, :, None]
    values = np.linalg.solve(gram, chosen @ Z[:, :, None])[:, :, 0]
    X = np.zeros((len(Z), M.shape[1]))
    patches, places = np.nonzero(active)
    X[patches, atoms[patches, places]] = values[patches, places]
    return X
