"""Images with labels, and data sets of them with their origin."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

SHAPE = (3, 32, 32)
"""Channels (red, green, blue), rows, columns of an image."""


@dataclass(frozen=True)
class Images:
    """Images with their labels.

    Attributes
    ----------
    pixels : array of uint8, shape (n, 3, 32, 32)
        Red, green and blue in 0 ... 255, rows from the top.
    labels : array of int64, shape (n,)
        Class of each image, from 0.

    Raises
    ------
    ValueError
        If a dtype or a shape is another one.
    """

    pixels: npt.NDArray[np.uint8]
    labels: npt.NDArray[np.int64]

    def __post_init__(self) -> None:
        if self.pixels.dtype != np.uint8 or self.pixels.shape[1:] != SHAPE:
            raise ValueError(f"pixels are {self.pixels.dtype} {self.pixels.shape}; expected uint8 (n, 3, 32, 32)")
        if self.labels.dtype != np.int64 or self.labels.shape != (len(self.pixels),):
            expected = (len(self.pixels),)
            raise ValueError(f"labels are {self.labels.dtype} {self.labels.shape}; expected int64 {expected}")

    def __len__(self) -> int:
        return len(self.labels)

    def take(self, indices: npt.NDArray[np.int64]) -> Images:
        """The images at `indices`, in that order."""
        return Images(self.pixels[indices], self.labels[indices])


def joined(parts: list[Images]) -> Images:
    """The images of all parts, one part after the other."""
    return Images(np.concatenate([one.pixels for one in parts]), np.concatenate([one.labels for one in parts]))


class Verdict(StrEnum):
    """The result of comparing the MD5 of a file with the published one."""

    PUBLISHED = "as published"
    COVERED = "covered by the sum of its archive"
    DIFFERS = "differs from the published sum"
    UNKNOWN = "not checkable: no published sum"


@dataclass(frozen=True)
class FileFound:
    """A file of a data set: its name, size in bytes, MD5, the published MD5 if there is one, and the verdict."""

    name: str
    size: int
    md5: str
    published: str | None
    verdict: Verdict


@dataclass(frozen=True)
class Provenance:
    """The origin of a data set: the path, a description of its files, and the files with their checksums."""

    path: str
    kind: str
    files: tuple[FileFound, ...]


@dataclass(frozen=True)
class Dataset:
    """Training and test images of the same classes.

    Attributes
    ----------
    train, test : Images
        With labels below the number of classes.
    classes : tuple of str
        Name of the class of each label.
    name : str
        "CIFAR-10" only where every file is the published one, by its MD5; otherwise it says what is known.
    provenance : Provenance
        Where it was read.
    """

    train: Images
    test: Images
    classes: tuple[str, ...]
    name: str
    provenance: Provenance

    def fingerprint(self) -> str:
        """SHA-256 of all labels and pixels in the order train, test: the same from whichever format they were read."""
        digest = hashlib.sha256()
        for part in (self.train, self.test):
            digest.update(len(part).to_bytes(8, "little"))
            digest.update(np.ascontiguousarray(part.labels, dtype="<i8").data)
            digest.update(np.ascontiguousarray(part.pixels).data)
        return digest.hexdigest()
