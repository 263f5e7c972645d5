"""Subsets of a data set: some of its classes, coarse labels, disjoint sets of classes, fewer images."""

from collections.abc import Sequence

import numpy as np

from gpu_experiments.data.images import Images
from numerics.streams import Streams

COARSE = ("animals", "vehicles")
"""Names of the coarse labels 0 and 1."""

_COARSE_OF = {
    "bird": 0,
    "cat": 0,
    "deer": 0,
    "dog": 0,
    "frog": 0,
    "horse": 0,
    "airplane": 1,
    "automobile": 1,
    "ship": 1,
    "truck": 1,
}


def subset(images: Images, classes: Sequence[int]) -> Images:
    """The images of `classes`, in their order, with the position in `classes` as the label.

    Raises
    ------
    ValueError
        If `classes` is empty, names one twice, or names one without images.
    """
    if not classes or len(set(classes)) < len(classes):
        raise ValueError(f"classes is {tuple(classes)}; expected one or more different labels")
    present = set(np.unique(images.labels).tolist())
    if absent := [one for one in classes if one not in present]:
        raise ValueError(f"classes names {absent[0]}; expected labels that occur, {_listed(present)}")
    place = np.full(max(present) + 1, -1, dtype=np.int64)
    place[list(classes)] = np.arange(len(classes))
    chosen = images.take(np.flatnonzero(place[images.labels] >= 0))
    return Images(chosen.pixels, place[chosen.labels])


def coarse(images: Images, classes: Sequence[str]) -> Images:
    """The images with the label 0 for animals and 1 for vehicles (`COARSE`).

    Raises
    ------
    ValueError
        If a class does not belong to CIFAR-10.
    """
    if unknown := [name for name in classes if name not in _COARSE_OF]:
        raise ValueError(f"classes names {unknown[0]!r}; expected classes of CIFAR-10, {', '.join(_COARSE_OF)}")
    table = np.array([_COARSE_OF[name] for name in classes], dtype=np.int64)
    return Images(images.pixels, table[images.labels])


def disjoint_classes(count: int, streams: Streams) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Two disjoint halves of the classes `0 ... count - 1`, each sorted, drawn from the stream "disjoint classes".

    The first has one more where `count` is odd.

    Raises
    ------
    ValueError
        If `count` is below 2.
    """
    if count < 2:
        raise ValueError(f"count is {count}; expected at least 2 classes")
    order = streams.generator("disjoint classes").permutation(count).tolist()
    middle = (count + 1) // 2
    return tuple(sorted(order[:middle])), tuple(sorted(order[middle:]))


def train_subset(images: Images, n: int, streams: Streams) -> Images:
    """The first `n` images of a random order drawn from the stream "train subset".

    The order depends on the seed and on the number of images, so a smaller subset is contained in a larger one.

    Raises
    ------
    ValueError
        If `n` is not from 1 to the number of images.
    """
    if not 1 <= n <= len(images):
        raise ValueError(f"n is {n}; expected 1 ... {len(images)} images")
    return images.take(streams.generator("train subset").permutation(len(images))[:n])


def _listed(labels: set[int]) -> str:
    return ", ".join(map(str, sorted(labels)))
