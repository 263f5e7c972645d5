"""Patches in the space of a dictionary: as the encoder sees them, or exactly white."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from gpu_experiments.models.encoder import Preprocessing
from gpu_experiments.models.patches import PatchGrid
from numerics.arrays import Floats

CHUNK = 1000
"""Number of images whose patches are extracted at a time."""


class UnsuitableError(ValueError):
    """The images are not enough to fit a dictionary, or to judge it."""


@dataclass(frozen=True, eq=False)
class PatchSpace:
    """Patches to which a dictionary is fitted, and others by which it is judged.

    Attributes
    ----------
    fitted, held_out : array, shape (n, d), (m, d)
        One patch of an image each.
    root : array, shape (d, d)
        Symmetric root of the second moments of `fitted`.
    map : array, shape (d, d)
        Maps the encoder's filters into this space, so that their products with patches are unchanged.
    """

    fitted: Floats
    held_out: Floats
    root: Floats
    map: Floats

    @property
    def dimension(self) -> int:
        """Numbers in a patch."""
        return int(self.fitted.shape[1])

    @property
    def variance(self) -> float:
        """Mean variance of a direction."""
        return float(np.sum(self.root**2)) / self.dimension

    def gaussian(self, n: int, rng: np.random.Generator) -> Floats:
        """Return Gaussian patches of the same covariance, shape (n, d).

        The number of coefficients that leave a given share of a patch depends only on its direction. So these patches
        are the control for every elliptical law, i.e. for patches that differ from noise only in their contrast.
        """
        return np.asarray(rng.standard_normal((n, self.dimension)) @ self.root)


def encoder_space(fitted: Floats, held_out: Floats) -> PatchSpace:
    """Return the space of preprocessed patches, as filters of the encoder see them."""
    return PatchSpace(fitted, held_out, symmetric_root(fitted), np.eye(fitted.shape[1]))


def white(space: PatchSpace) -> PatchSpace:
    """Return `space` with the same variance in all directions, as for ``Z = M X`` with orthogonal ``M``.

    Raises
    ------
    UnsuitableError
        If the fitted patches do not span all dimensions.
    """
    variances, directions = np.linalg.eigh(space.root)
    if not variances[0] > variances[-1] * np.finfo(float).eps * space.dimension:
        raise UnsuitableError(
            f"patches span fewer than {space.dimension} dimensions; expected more images, or more varied"
        )
    inverse = (directions / variances) @ directions.T
    identity = np.eye(space.dimension)
    return PatchSpace(space.fitted @ inverse, space.held_out @ inverse, identity, space.root @ space.map)


def symmetric_root(patches: Floats) -> Floats:
    """Return the symmetric root of the second moments of `patches` (n, d), shape (d, d)."""
    variances, directions = np.linalg.eigh(patches.T @ patches / len(patches))
    return np.asarray((directions * np.sqrt(np.maximum(variances, 0))) @ directions.T)


def sample_patches(
    pixels: npt.NDArray[np.uint8],
    grid: PatchGrid,
    preprocessing: Preprocessing | None,
    n: int,
    rng: np.random.Generator,
) -> Floats:
    """Return a random patch of each of at most `n` images, drawn at random and preprocessed, shape (n, d)."""
    chosen = rng.permutation(len(pixels))[:n]
    places = rng.integers(grid.positions, size=len(chosen))
    parts = []
    for start in range(0, len(chosen), CHUNK):
        here = slice(start, start + CHUNK)
        patches = grid.extract(pixels[chosen[here]] / 255, None if preprocessing is None else preprocessing.mean)
        parts.append(patches[np.arange(len(patches)), places[here]])
    patches = np.concatenate(parts)
    return np.asarray(patches if preprocessing is None else patches @ preprocessing.T)
