"""Purity of the filters that earlier runs recorded, in the independent components of patches of their images."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits

from gpu_experiments.data import Images
from gpu_experiments.models.encoder import PatchEncoder
from gpu_experiments.models.patches import PatchGrid
from gpu_experiments.sparse_coding.dictionaries import independent_components, library
from gpu_experiments.sparse_coding.plan import SparseCodingPlan
from gpu_experiments.sparse_coding.space import encoder_space, sample_patches, white
from numerics.purity import participation_ratio
from numerics.streams import Streams
from purecheck.records.reading import Stored
from purecheck.records.run import FilterPurity, RunRecord

Filters = npt.NDArray[np.floating]


@dataclass(frozen=True, eq=False)
class RecordedRun:
    """A recorded run of a gated network.

    Attributes
    ----------
    record : RunRecord
    filters : array, shape (n, channels, patch, patch)
        Filters on pixels.
    folder : Path
        The folder of both.
    """

    record: RunRecord
    filters: Filters
    folder: Path

    @property
    def grid(self) -> PatchGrid:
        """The grid of patches on which the filters act."""
        _, channels, patch, _ = self.filters.shape
        return PatchGrid(patch=patch, stride=int(self.record.architecture["stride"]), channels=channels)


def runs_on_patches(stored: Iterable[Stored], fingerprint: str) -> list[RecordedRun]:
    """Return the runs of gated networks on the images with this fingerprint that have recorded filters."""
    return [
        RecordedRun(one.record, one.arrays()["filters"], one.path.parent)
        for one in stored
        if isinstance(one.record, RunRecord)
        and one.record.encoder == "gated"
        and one.record.filters is not None
        and one.record.provenance.get("fingerprint") == fingerprint
    ]


def measure_in_components(
    images: Images, grid: PatchGrid, plan: SparseCodingPlan, seed: int
) -> Callable[[Filters], FilterPurity]:
    """Return a function that measures filters in the independent components of patches of `images`.

    Filters have the shape (n, channels, patch, patch). The components are those of raw patches less their mean,
    whitened. Whitening by another root only rotates them, so they are also those of the encoder's patches, for any
    preprocessing. Filters of zeros are left out.

    Raises
    ------
    UnsuitableError
        If the patches do not span all dimensions.
    """
    streams = Streams(seed).child("purity")
    nothing = np.zeros((grid.dimension, 1))
    raw = PatchEncoder(nothing, nothing[0], grid=grid)
    patches = sample_patches(images.pixels, raw, plan.fitted, streams.generator("patches"))
    centred = patches - patches.mean(axis=0)
    space = white(encoder_space(centred, centred))
    with threadpool_limits(1, "blas"):  # small matrices, whose products then do not depend on the number of cores
        M, _ = independent_components(space.fitted, plan.iterations, streams.generator("fit"))
    into_components = M.T @ space.map
    words = f"{grid.dimension} independent components of patches, FastICA of {library()}"

    def measure(filters: Filters) -> FilterPurity:
        W = np.asarray(filters, dtype=np.float64).reshape(len(filters), -1).T
        U = into_components @ W[:, np.any(W != 0, axis=0)]
        return FilterPurity(float(np.mean(participation_ratio(U))), words)

    return measure
