"""Random flips and shifts of images."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Pixels = npt.NDArray[np.uint8]
Indices = npt.NDArray[np.int64]


def augmented(pixels: Pixels, rng: np.random.Generator, *, flip: bool, shift: int) -> Pixels:
    """Return `pixels` ``(n, channels, size, size)``, each image mirrored and shifted at random, with edges repeated.

    Parameters
    ----------
    pixels : array of uint8, shape (n, channels, size, size)
    rng : numpy.random.Generator
        The number of draws does not depend on `flip` and `shift`.
    flip : bool
        Whether to mirror columns with probability 1/2.
    shift : int
        Largest shift in pixels, uniform along either axis.
    """
    n, _, size, _ = pixels.shape
    rows, columns = sources(n, size, rng, flip=flip, shift=shift)
    image = np.arange(n)[:, None, None]
    # Rows and columns first: advanced indices around the channel axis put it last.
    taken = pixels.transpose(0, 2, 3, 1)[image, rows[:, :, None], columns[:, None, :]]
    return np.ascontiguousarray(taken.transpose(0, 3, 1, 2))


def sources(n: int, size: int, rng: np.random.Generator, *, flip: bool, shift: int) -> tuple[Indices, Indices]:
    """Return where rows and columns of `n` images are taken from, each (n, size); parameters as of `augmented`."""
    mirrored = rng.random((n, 1)) < (0.5 if flip else 0.0)
    moves = np.floor(rng.random((n, 2)) * (2 * shift + 1)).astype(np.int64) - shift
    along = np.arange(size)
    rows = np.clip(along + moves[:, :1], 0, size - 1)
    columns = np.clip(np.where(mirrored, along[::-1], along) + moves[:, 1:], 0, size - 1)
    return rows, columns
