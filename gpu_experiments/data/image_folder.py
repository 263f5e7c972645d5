"""Folders of images: `train/<class>/*.png` and `test/<class>/*.png`, PNG or JPEG, 32 x 32 pixels in colour."""

import io
import struct
import warnings
import zlib
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from gpu_experiments.data.images import SHAPE, Images
from gpu_experiments.data.sources import read_limited, require_printable
from purecheck.runtime.progress import Progress

PARTS = ("train", "test")

MOST_IMAGES = 10**6
"""Largest number of images in a part: ten times as many need the memory of a large machine."""
_IMAGE_LIMIT = 2**20
"""Largest size of an image file of 32 x 32 pixels, in bytes."""

_SUFFIXES = (".png", ".jpg", ".jpeg")
_BROKEN = (OSError, ValueError, SyntaxError, EOFError, struct.error, zlib.error, Image.DecompressionBombError, Warning)
"""The errors that Pillow raises for bytes that are not an image."""


def is_image_folder(folder: Path) -> bool:
    """Whether `folder` contains one of the folders `train` and `test`."""
    return any((folder / part).is_dir() for part in PARTS)


def read_image_folder(folder: Path, progress: Progress) -> tuple[Images, Images, tuple[str, ...]]:
    """Training images, test images and names of the classes, each sorted by name; hidden files are ignored.

    Raises
    ------
    ValueError
        If a part or a class is missing or empty, a file is not such an image, or the parts have different classes.
    """
    classes = {part: _folders(folder / part) for part in PARTS}
    if classes["train"] != classes["test"]:
        only = sorted(set(classes["train"]) ^ set(classes["test"]))
        raise ValueError(f"{folder} has the class {only[0]!r} in train or in test alone; expected the same in both")
    train, test = (_part(folder / part, classes[part], progress) for part in PARTS)
    return train, test, classes["train"]


def _part(folder: Path, classes: tuple[str, ...], progress: Progress) -> Images:
    pixels, labels = [], []
    for label, name in enumerate(classes):
        progress(label, len(classes), f"reading {folder.name}/{name}")
        paths = _files(folder / name)
        labels += [label] * len(paths)
        if len(labels) > MOST_IMAGES:
            raise ValueError(f"{folder} holds more than {MOST_IMAGES} images; expected fewer")
        pixels += [read_image(path) for path in paths]
    return Images(np.stack(pixels), np.array(labels, dtype=np.int64))


def _folders(folder: Path) -> tuple[str, ...]:
    if not folder.is_dir():
        raise ValueError(f"{folder} is missing; expected a folder with one folder for each class")
    names = tuple(sorted(one.name for one in folder.iterdir() if one.is_dir() and not one.name.startswith(".")))
    if not names:
        raise ValueError(f"{folder} holds no folders; expected one for each class")
    for name in names:
        require_printable(f"the name of a class in {folder}", name)
    return names


def _files(folder: Path) -> list[Path]:
    paths = sorted(one for one in folder.iterdir() if not one.name.startswith("."))
    if not paths:
        raise ValueError(f"{folder} is empty; expected images ({', '.join(_SUFFIXES)})")
    for path in paths:
        if path.suffix.lower() not in _SUFFIXES:
            raise ValueError(f"{path} is no image by its name; expected {', '.join(_SUFFIXES)}")
    return paths


def read_image(path: Path) -> npt.NDArray[np.uint8]:
    """The pixels of an image, shape (3, 32, 32); its size and mode are checked before it is decoded.

    Raises
    ------
    ValueError
        If the file is not a PNG or JPEG image of 32 x 32 pixels in colour.
    """
    content = read_limited(path, _IMAGE_LIMIT)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            with Image.open(io.BytesIO(content), formats=("PNG", "JPEG")) as image:
                kind = (*image.size, image.mode)
                if kind == (*SHAPE[:0:-1], "RGB"):
                    return np.ascontiguousarray(np.asarray(image).transpose(2, 0, 1))
    except _BROKEN as problem:
        raise ValueError(f"{path} cannot be read as an image; expected a whole PNG or JPEG file") from problem
    raise ValueError(f"{path} is {kind[0]} x {kind[1]} {kind[2]}; expected 32 x 32 RGB")
