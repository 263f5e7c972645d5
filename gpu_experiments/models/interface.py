"""The interface that attacks and protocols require of a model of images.

Images are arrays ``(n, channels, height, width)`` of floats in [0, 1], in any array namespace; perturbations of size
`eps` are in the same units.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeAlias

from numerics.backend import Array

Pullback: TypeAlias = Callable[[Array], Array]
"""Maps a cotangent of a model's output, shape (n, classes), to the gradient in its images, in their shape."""


class ImageModel(Protocol):
    """A classifier of images."""

    @property
    def chunk(self) -> int:
        """The number of images that the model computes at a time; attacks use batches of that size."""
        ...

    def logits(self, x: Array) -> Array:
        """Return the logits of images `x`, shape (n, classes)."""
        ...

    def linearise(self, x: Array) -> tuple[Array, Pullback]:
        """Return the logits of images `x`, shape (n, classes), and what pulls a cotangent of them back to `x`."""
        ...


class GatedImageModel(ImageModel, Protocol):
    """A classifier with gates, which a gradient sees only through a smoothed window."""

    def linearise(self, x: Array, smoothing: float | None = None) -> tuple[Array, Pullback]:
        """Return the true logits of images `x` and what pulls a cotangent of them back to `x`.

        Parameters
        ----------
        x : array, shape (n, channels, height, width)
            Images.
        smoothing : float, optional
            Width of the window through which gradients see the gates, as the size of the l_inf perturbation of `x`
            that may move a preactivation by that width; gates are held fixed where None.
        """
        ...
