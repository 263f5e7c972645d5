"""Local patches of images on a regular grid: extraction, and its adjoint."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import array_api_compat
import numpy as np
from array_api_compat import array_namespace

from gpu_experiments.models import kernels
from numerics.backend import Array


@dataclass(frozen=True)
class PatchGrid:
    """The positions of the patches of an image.

    Attributes
    ----------
    patch : int
        Side of a patch in pixels.
    stride : int
        Pixels from one patch to the next.
    size : int
        Side of an image in pixels; the patches reach its edge exactly.
    channels : int
        Channels of an image.

    Raises
    ------
    ValueError
        If a field is below 1, or the patches do not reach the edge.
    """

    patch: int = 6
    stride: int = 2
    size: int = 32
    channels: int = 3

    def __post_init__(self) -> None:
        for name in ("patch", "stride", "channels"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} is {getattr(self, name)}; expected a whole number of at least 1")
        if self.size < self.patch or (self.size - self.patch) % self.stride:
            raise ValueError(
                f"size is {self.size}; expected the patch of {self.patch} pixels plus a multiple of {self.stride}"
            )

    @property
    def side(self) -> int:
        """Patches along one side of an image."""
        return (self.size - self.patch) // self.stride + 1

    @property
    def positions(self) -> int:
        """Patches of an image."""
        return self.side**2

    @property
    def dimension(self) -> int:
        """Numbers in a patch, ordered by channel, row and column."""
        return self.channels * self.patch**2

    def extract(self, x: Array, mean: Array | None = None) -> Array:
        """Return the patches of images, less `mean` ``(dimension,)``, shape (n, positions, dimension).

        Parameters
        ----------
        x : array, shape (n, channels, size, size)
            Images.
        mean : array, shape (dimension,), optional
            Taken off every patch; nothing where None.
        """
        xp = array_namespace(x)
        if array_api_compat.is_numpy_array(x):
            nothing = xp.zeros(self.dimension, dtype=x.dtype)
            return kernels.extract(np.ascontiguousarray(x), self.patch, self.stride, nothing if mean is None else mean)
        n, p = x.shape[0], self.patch
        shape = (n, self.side, self.side, self.channels, p, p)
        patches = xp.empty(shape, dtype=x.dtype, device=array_api_compat.device(x))
        for i, j, rows, columns in self._offsets():
            patches[..., i, j] = xp.permute_dims(x[:, :, rows, columns], (0, 2, 3, 1))
        flat = xp.reshape(patches, (n, self.positions, self.dimension))
        return flat if mean is None else flat - mean

    def fold(self, patches: Array) -> Array:
        """Return the adjoint of `extract` applied to `patches`: every patch added where it was taken from.

        Parameters
        ----------
        patches : array, shape (n, positions, dimension)

        Returns
        -------
        array, shape (n, channels, size, size)
        """
        n, p = patches.shape[0], self.patch
        if array_api_compat.is_numpy_array(patches):
            return kernels.fold(np.ascontiguousarray(patches), self.channels, self.size, p, self.stride)
        xp = array_namespace(patches)
        shape = (n, self.channels, self.size, self.size)
        x = xp.zeros(shape, dtype=patches.dtype, device=array_api_compat.device(patches))
        parts = xp.reshape(patches, (n, self.side, self.side, self.channels, p, p))
        for i, j, rows, columns in self._offsets():
            x[:, :, rows, columns] += xp.permute_dims(parts[..., i, j], (0, 3, 1, 2))
        return x

    def _offsets(self) -> Iterator[tuple[int, int, slice, slice]]:
        """Yield every offset in a patch with the rows and columns of an image that lie there in some patch."""
        reach = (self.side - 1) * self.stride + 1
        for i in range(self.patch):
            for j in range(self.patch):
                yield i, j, slice(i, i + reach, self.stride), slice(j, j + reach, self.stride)
