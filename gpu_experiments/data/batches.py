"""Official batches of CIFAR-10, binary or python: images from the bytes of one file."""

from typing import Any

import numpy as np

from gpu_experiments.data.images import SHAPE, Images
from gpu_experiments.data.pickled import integers, read_pickle, text
from gpu_experiments.data.published import CLASSES, PAGE, Layout

_PIXELS = 3 * 32 * 32
_RECORD = 1 + _PIXELS  # a byte for the label, then the red, green and blue values


def read_batch(layout: Layout, content: bytes, name: str) -> Images:
    """The images in the bytes of the batch called `name`.

    Raises
    ------
    ValueError
        If they are truncated, of another format, or contain a label out of range.
    """
    return _python(content, name) if layout.pickled else _binary(content, name)


def require_classes(layout: Layout, content: bytes, name: str) -> None:
    """Raise an error if the names of classes are not those of CIFAR-10.

    Raises
    ------
    ValueError
        If the bytes of the file called `name` contain other names.
    """
    found: Any = read_pickle(content, name).get("label_names") if layout.pickled else content.decode("latin1").split()
    names = tuple(map(text, found)) if isinstance(found, list) else ()
    if names != CLASSES:
        shown = ", ".join(map(repr, names))[:80] or "none"
        raise ValueError(f"{name} names the classes {shown}; expected those of CIFAR-10 ({', '.join(CLASSES)})")


def _binary(content: bytes, name: str) -> Images:
    if not content or len(content) % _RECORD:
        raise ValueError(
            f"{name} has {len(content)} bytes; expected records of {_RECORD} (a label and 3 x 32 x 32 pixels), "
            f"10000 in the file of {PAGE}: it is truncated or of another format"
        )
    records = np.frombuffer(content, np.uint8).reshape(-1, _RECORD)
    return _labelled(records[:, 1:], records[:, 0], name)


def _python(content: bytes, name: str) -> Images:
    entries = read_pickle(content, name)
    if missing := [key for key in ("data", "labels") if key not in entries]:
        shown = ", ".join(map(repr, sorted(entries)))[:80] or "nothing"
        raise ValueError(f"{name} holds {shown}, but no {missing[0]!r}; expected the entries 'data' and 'labels'")
    pixels, labels = (integers(entries[key], f"{key!r} in {name}") for key in ("data", "labels"))
    if pixels.dtype != np.uint8 or pixels.ndim != 2 or pixels.shape[1] != _PIXELS or not len(pixels):
        raise ValueError(f"'data' in {name} is {pixels.dtype} {pixels.shape}; expected uint8 (n, {_PIXELS})")
    if labels.shape != (len(pixels),):
        raise ValueError(f"'labels' in {name} has shape {labels.shape}; expected ({len(pixels)},), one for each image")
    return _labelled(pixels, labels, name)


def _labelled(pixels: Any, labels: Any, name: str) -> Images:
    outside = np.flatnonzero((labels < 0) | (labels >= len(CLASSES)))
    if len(outside):
        first = outside[0]
        raise ValueError(f"label of image {first} in {name} is {labels[first]}; expected 0 ... {len(CLASSES) - 1}")
    return Images(np.ascontiguousarray(pixels).reshape(-1, *SHAPE), labels.astype(np.int64))
