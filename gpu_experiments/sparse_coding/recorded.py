"""Purity of filters that earlier runs recorded, in the independent components of the patches of their images."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits

from gpu_experiments.data import Images
from gpu_experiments.models.patches import PatchGrid
from gpu_experiments.sparse_coding.dictionaries import independent_components, library
from gpu_experiments.sparse_coding.plan import SparseCodingPlan
from gpu_experiments.sparse_coding.space import UnsuitableError, encoder_space, sample_patches, white
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
        The folder that contains the record and the filters.
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
        RecordedRun(run.record, run.arrays()["filters"], run.path.parent)
        for run in stored
        if isinstance(run.record, RunRecord)
        and run.record.encoder == "gated"
        and run.record.filters is not None
        and run.record.provenance.get("fingerprint") == fingerprint
    ]


def measure_in_components(
    images: Images, grid: PatchGrid, plan: SparseCodingPlan, seed: int
) -> Callable[[Filters], FilterPurity]:
    """Return a function that measures filters in the independent components of patches of `images`.

    The components are those of raw patches less their mean, whitened. Whitening by another root only rotates them, so
    they are also those of the encoder's patches, for any preprocessing (the components are white, and two roots of one
    covariance differ by a rotation). A filter that is zero everywhere is left out.

    Parameters
    ----------
    images : Images
        Images from which the patches are drawn.
    grid : PatchGrid
        Places of the patches.
    plan : SparseCodingPlan
        Number of patches, and of iterations of FastICA.
    seed : int
        Seed of the patches and of FastICA.

    Returns
    -------
    function
        Maps filters, shape (n, channels, patch, patch), to their mean participation ratio. It raises UnsuitableError if
        all of them are zero.

    Raises
    ------
    UnsuitableError
        If the patches do not span all dimensions.
    """
    streams = Streams(seed).child("purity")
    patches = sample_patches(images.pixels, grid, None, plan.fitted, streams.generator("patches"))
    centred = patches - patches.mean(axis=0)
    # No patches are held out: purity needs the map into the components alone.
    space = white(encoder_space(centred, centred))
    with threadpool_limits(1, "blas"):  # small matrices, whose products then do not depend on the number of cores
        M, converged = independent_components(space.fitted, plan.iterations, streams.generator("fit"))
    into_components = M.T @ space.map
    words = f"{grid.dimension} independent components of patches, FastICA of {library()}"
    if not converged:
        words += f", not converged in {plan.iterations} iterations"

    def measure(filters: Filters) -> FilterPurity:
        """Return the mean participation ratio of the filters that are not zero."""
        W = np.asarray(filters, dtype=np.float64).reshape(len(filters), -1).T
        is_nonzero = np.any(W != 0, axis=0)
        if not np.any(is_nonzero):
            raise UnsuitableError("filters are all zero; expected at least one that is not: zero has no purity")
        U = into_components @ W[:, is_nonzero]
        return FilterPurity(float(np.mean(participation_ratio(U))), words)

    return measure
