"""Images held on the device as bytes, channels last, and augmented there without leaving it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from gpu_experiments.data import Images
from gpu_experiments.pretraining.augmentation import sources


@dataclass(frozen=True, eq=False)
class DeviceImages:
    """Images on a device.

    Attributes
    ----------
    pixels : Tensor of uint8, shape (n, size, size, channels)
    labels : Tensor of int64, shape (n,)
    """

    pixels: Tensor
    labels: Tensor

    @staticmethod
    def of(images: Images, device: torch.device) -> DeviceImages:
        """Return `images` on `device`."""
        pixels = np.ascontiguousarray(images.pixels.transpose(0, 2, 3, 1))
        return DeviceImages(torch.from_numpy(pixels).to(device), torch.from_numpy(images.labels.copy()).to(device))

    def __len__(self) -> int:
        return len(self.labels)

    def split(self, first: int) -> tuple[DeviceImages, DeviceImages]:
        """Return the first images and the others."""
        return (
            DeviceImages(self.pixels[:first], self.labels[:first]),
            DeviceImages(self.pixels[first:], self.labels[first:]),
        )

    def plain(self) -> Tensor:
        """Return all images as they are in [0, 1], shape (n, channels, size, size)."""
        return self.pixels.permute(0, 3, 1, 2) / 255


@dataclass(frozen=True, eq=False)
class Views:
    """One view of every image, given by the source of each of its rows and columns.

    Attributes
    ----------
    images : DeviceImages
    rows, columns : Tensor of int64, shape (n, size)
    """

    images: DeviceImages
    rows: Tensor
    columns: Tensor

    def __getitem__(self, chosen: Tensor) -> Tensor:
        """Return views of the `chosen` images in [0, 1], shape (len(chosen), channels, size, size)."""
        rows, columns = self.rows[chosen][:, :, None], self.columns[chosen][:, None, :]
        return self.images.pixels[chosen[:, None, None], rows, columns].permute(0, 3, 1, 2) / 255


def random_views(images: DeviceImages, rng: np.random.Generator, *, flip: bool, shift: int) -> Views:
    """Return every image mirrored and shifted at random, with edges repeated.

    Parameters
    ----------
    images : DeviceImages
    rng : numpy.random.Generator
        The number of draws does not depend on `flip` and `shift`.
    flip : bool
        Whether to mirror columns with probability 1/2.
    shift : int
        Largest shift in pixels, uniform along either axis.
    """
    n, size = images.pixels.shape[:2]
    rows, columns = sources(n, size, rng, flip=flip, shift=shift)
    device = images.pixels.device
    return Views(images, torch.from_numpy(rows).to(device), torch.from_numpy(columns).to(device))
