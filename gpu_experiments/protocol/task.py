"""The learning task: the images and classes of pre-training, and those of the head."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gpu_experiments.data import COARSE, Dataset, Images, coarse, disjoint_classes, subset, train_subset
from numerics.streams import Streams
from purecheck.records.run import Classes, Labels

_SAME_FOR_ALL = Streams(0)
"""Streams for the halves of the classes and for the test images, so that seeds differ only in training."""


@dataclass(frozen=True)
class ImageTask:
    """The images and labels of each stage.

    Attributes
    ----------
    pretraining : Images
    head_train, head_test : Images
        Images of the new head.
    classes : Classes
        Names of both sets of classes.
    """

    pretraining: Images
    head_train: Images
    head_test: Images
    classes: Classes


def make_task(
    dataset: Dataset, labels: Labels, seed: int, *, train_images: int, head_images: int, test_images: int
) -> ImageTask:
    """Return the task with at most these numbers of images, drawn at random.

    Parameters
    ----------
    dataset : Dataset
    labels : {"same", "disjoint", "coarse"}
        The head's classes are those of pre-training, the other half, or animals and vehicles.
    seed : int
        Of the training images; the test images do not depend on it.

    Raises
    ------
    ValueError
        If there are too few classes, images of only one class, coarse labels are requested for classes without them,
        or the training images are all of one colour.
    """
    train, test, names = dataset.train, dataset.test, dataset.classes
    pretrained_on, head_classes = (tuple(range(len(names))),) * 2
    if labels == "disjoint":
        pretrained_on, head_classes = disjoint_classes(len(names), _SAME_FOR_ALL)
        if len(head_classes) < 2:
            raise ValueError(f"the data have {len(names)} classes; expected at least 4 for disjoint labels")
    head_train, head_test = subset(train, head_classes), subset(test, head_classes)
    head_names = tuple(names[one] for one in head_classes)
    if labels == "coarse":
        head_train, head_test = coarse(head_train, names), coarse(head_test, names)
        head_names = COARSE
    for part, images in (("training", head_train), ("test", head_test)):
        _require_classes(part, images, head_names)
    if train.pixels.min() == train.pixels.max():
        raise ValueError("all training images are the same colour throughout; expected images with something on them")
    streams = Streams(seed)
    return ImageTask(
        _at_most(subset(train, pretrained_on), train_images, streams.child("pretraining")),
        _at_most(head_train, head_images, streams.child("head")),
        _at_most(head_test, test_images, _SAME_FOR_ALL.child("attacked")),
        Classes(tuple(names[one] for one in pretrained_on), head_names),
    )


def _require_classes(part: str, images: Images, names: tuple[str, ...]) -> None:
    """Raise an error for labels of a single class: any head would be correct and robust on them."""
    found = [names[label] for label in np.unique(images.labels)]
    if len(found) < 2:
        raise ValueError(
            f"the {part} images that the head is for are all of {found[0]!r}; expected images of at least two of its "
            f"classes, such as {' and '.join(names[:2]) if len(names) > 1 else 'a second one'}"
        )


def _at_most(images: Images, n: int, streams: Streams) -> Images:
    chosen = train_subset(images, min(n, len(images)), streams)
    return Images(np.ascontiguousarray(chosen.pixels), chosen.labels)
