"""Attacks of one size on the images that a model classifies correctly, with the margin of each image."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
from array_api_compat import array_namespace

from gpu_experiments.attacks.ball import ImageBall
from gpu_experiments.attacks.white_box import WhiteBoxAttack
from gpu_experiments.models.interface import ImageModel
from numerics.arrays import Floats
from numerics.backend import Array, to_numpy
from numerics.classification import margin
from numerics.streams import Streams

SECTION_BYTES = 2**28
"""Bound on the memory of the images that one attack holds at a time, in bytes; the model bounds its own memory."""
_COPIES = 10  # images, points, gradients, worst points, and their copies when fooled images are separated

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Targets:
    """A model with images to attack.

    Attributes
    ----------
    model : ImageModel
    x : array, shape (n, channels, height, width)
        Images in [0, 1].
    labels : array, shape (n,)
        Their classes, in the namespace of `x`.

    Raises
    ------
    ValueError
        If a pixel is outside [0, 1], where the ball of an attack of size 0 would move it.
    """

    model: ImageModel
    x: Array
    labels: Array

    def __post_init__(self) -> None:
        xp = array_namespace(self.x)
        if not bool(xp.all((self.x >= 0) & (self.x <= 1))):
            low, high = float(xp.min(self.x)), float(xp.max(self.x))
            raise ValueError(f"x has pixels from {low:g} to {high:g}; expected images in [0, 1]")

    @cached_property
    def margin(self) -> Floats:
        """Margins of the images as they are, shape (n,).

        Raises
        ------
        ValueError
            If a label is not the number of a class of the model.
        """
        logits, labels = self.model.logits(self.x), to_numpy(self.labels)
        classes = int(logits.shape[-1])
        if labels.size and not 0 <= labels.min() <= labels.max() < classes:
            raise ValueError(
                f"labels are {labels.min()} to {labels.max()}; expected 0 to {classes - 1}, the classes of the model"
            )
        return to_numpy(margin(logits, self.labels)).astype(np.float64)

    @property
    def right(self) -> Flags:
        """Whether the model is correct without an attack; a tie counts as an error."""
        return self.margin < 0

    def first(self, count: int) -> Targets:
        """Return the first `count` of them."""
        return Targets(self.model, self.x[:count, ...], self.labels[:count])


def attacked_margins(targets: Targets, attack: WhiteBoxAttack, ball: ImageBall, streams: Streams) -> Floats:
    """Return the margins under `attack`, shape (n,): the model is fooled if they are at least 0.

    Images that are misclassified without an attack keep their margin and are not attacked. The images are processed in
    sections of `SECTION_BYTES`; random starts come from one stream for each section.
    """
    margins = targets.margin.copy()
    attacked = np.flatnonzero(targets.right)
    for start in range(0, attacked.size, section := section_size(targets.x)):
        numbers = attacked[start : start + section]
        chosen = _indices(targets.x, numbers)
        xp = array_namespace(targets.x)
        x, labels = xp.take(targets.x, chosen, axis=0), xp.take(targets.labels, chosen, axis=0)
        found = attack(targets.model, x, labels, ball, streams.generator(f"section {start}"))
        # Rounding may differ with the other images of a batch, so the margin without an attack counts as well.
        margins[numbers] = np.maximum(to_numpy(found.margin), targets.margin[numbers])
    return margins


def section_size(x: Array) -> int:
    """Return the number of images of the size of those in `x` that are attacked at a time."""
    image_bytes = int(np.prod(x.shape[1:])) * int(array_namespace(x).finfo(x.dtype).bits) // 8
    return max(1, SECTION_BYTES // (_COPIES * image_bytes))


@dataclass(frozen=True, eq=False)
class ImageEvaluation:
    """The margins of the same images under all attacks of one size.

    Attributes
    ----------
    eps : float
        Size of the attacks.
    clean : array, shape (n,)
        Margins without an attack.
    margins : dict of str to array
        Margins under each attack, by its name, shape (n,).
    """

    eps: float
    clean: Floats
    margins: Mapping[str, Floats]

    def fooled(self, attack: str) -> Flags:
        """Whether the model is wrong under that attack, shape (n,); a margin that is NaN counts as wrong."""
        return ~(self.margins[attack] < 0)

    def robust_accuracy(self, attack: str) -> float:
        """The share of images that are classified correctly under that attack."""
        return _share(~self.fooled(attack))

    @property
    def worst_case(self) -> float:
        """The share of images that are classified correctly under every attack."""
        stays = [self.clean < 0, *(~self.fooled(name) for name in self.margins)]
        return _share(np.logical_and.reduce(stays))


def _share(flags: Flags) -> float:
    return int(np.count_nonzero(flags)) / flags.size


def _indices(like: Array, numbers: npt.NDArray[np.int64]) -> Array:
    xp = array_namespace(like)
    return xp.asarray(numbers, device=like.device)
