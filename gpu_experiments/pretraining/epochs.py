"""The images of an epoch: their order, augmentation and random starts, from streams named after the epoch.

No generator outlives its epoch, so a run that continues after being killed draws the same numbers.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from gpu_experiments.pretraining.augmentation import Pixels, augmented
from gpu_experiments.pretraining.plan import PretrainingPlan
from numerics.backend import Array, Backend
from numerics.streams import Streams


class EpochImages:
    """Augmented views of the images of one epoch on a backend, batch by batch.

    Parameters
    ----------
    plan : PretrainingPlan
    pixels : array of uint8, shape (n, channels, size, size)
    streams : Streams
        Those of the epoch.
    backend : Backend
    """

    def __init__(self, plan: PretrainingPlan, pixels: Pixels, streams: Streams, backend: Backend) -> None:
        self._plan, self._pixels, self._streams, self._backend = plan, pixels, streams, backend
        self._starts = streams.generator("starts")
        self._views: dict[str, np.random.Generator] = {}

    def orders(self) -> Iterator[npt.NDArray[np.int64]]:
        """Yield the indices of each batch: every image once, the last batch being what is left."""
        order = self._streams.generator("order").permutation(len(self._pixels))
        for start in range(0, len(order), self._plan.batch):
            yield order[start : start + self._plan.batch]

    def view(self, name: str, chosen: npt.NDArray[np.int64]) -> Array:
        """Return an augmented view of the `chosen` images in [0, 1]; views of another `name` are independent."""
        rng = self._views.setdefault(name, self._streams.generator(f"views/{name}"))
        pixels = augmented(self._pixels[chosen], rng, flip=self._plan.flip, shift=self._plan.shift)
        return self._backend.asarray(pixels, self._plan.dtype) / 255

    def start(self, x: Array) -> Array:
        """Return where an attack on `x` starts: a random point of its ball, `x` itself in clean training."""
        return self._plan.ball.random(self._starts, x) if self._plan.strides else x
