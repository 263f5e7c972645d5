"""One seed: networks, three dictionaries of its patches, and the statistics of each."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from threadpoolctl import threadpool_limits

from gpu_experiments.data import Dataset
from gpu_experiments.sparse_coding.dictionaries import independent_components, learned_dictionary
from gpu_experiments.sparse_coding.examination import Examination, examine
from gpu_experiments.sparse_coding.networks import Networks
from gpu_experiments.sparse_coding.plan import SparseCodingPlan
from gpu_experiments.sparse_coding.purity import MeasuredPurity, filter_purity
from gpu_experiments.sparse_coding.space import PatchSpace, UnsuitableError, encoder_space, sample_patches, white
from numerics.arrays import Floats
from numerics.streams import Streams

COMPONENTS = "independent components"


@dataclass(frozen=True, eq=False)
class Study:
    """The statistics of one dictionary.

    Attributes
    ----------
    name : str
        ``independent components``, ``complete dictionary`` or ``overcomplete dictionary``.
    dictionary : array, shape (d, atoms)
        Unit atoms in `space`.
    space : PatchSpace
    examination : Examination
    purity : dict of str to FilterPurity
        Purity of the filters of every arm.
    converged : bool
        Whether the search for the dictionary converged; dictionary learning makes a fixed number of passes.
    seconds : float
        Duration, without pre-training.
    """

    name: str
    dictionary: Floats
    space: PatchSpace
    examination: Examination
    purity: dict[str, MeasuredPurity]
    converged: bool
    seconds: float


def studies(
    plan: SparseCodingPlan, dataset: Dataset, trained: Networks, seed: int, report: Callable[[str], None]
) -> Iterator[Study]:
    """Yield a study of each dictionary, fitted to patches of training images and judged on those of test images.

    Raises
    ------
    UnsuitableError
        If the images leave too little to fit or to judge a dictionary.
    """
    if len(dataset.test) < plan.blocks:
        raise UnsuitableError(f"there are {len(dataset.test)} test images; expected at least {plan.blocks}")
    streams = Streams(seed).child("sparse coding")
    fitted, held_out = (
        sample_patches(
            images.pixels, trained.initial.grid, trained.initial.preprocessing, n, streams.generator(f"{name} patches")
        )
        for name, images, n in (("fitted", dataset.train, plan.fitted), ("held-out", dataset.test, plan.held_out))
    )
    space = encoder_space(fitted, held_out)
    for name, here in _spaces(space).items():
        report(name)
        yield _study(name, here, plan, trained, streams.child(name))


def _study(name: str, space: PatchSpace, plan: SparseCodingPlan, trained: Networks, streams: Streams) -> Study:
    started = time.perf_counter()
    with threadpool_limits(1, "blas"):  # small matrices, whose products then do not depend on the number of cores
        M, control, converged = _dictionaries(name, space, plan, streams)
        found = examine(M, control, space, plan, streams.generator("examination"))
        purity = {
            arm: filter_purity(M, space.map @ W, streams.generator(f"purity/{arm}"))
            for arm, W in trained.filters.items()
        }
    seconds = time.perf_counter() - started
    return Study(name, M, space, found, purity, converged, seconds)


def _spaces(space: PatchSpace) -> dict[str, PatchSpace]:
    """Return the space of every dictionary: white for the orthogonal one, otherwise that of the filters."""
    return {COMPONENTS: white(space), "complete dictionary": space, "overcomplete dictionary": space}


def _dictionaries(
    name: str, space: PatchSpace, plan: SparseCodingPlan, streams: Streams
) -> tuple[Floats, Floats, bool]:
    """Return the dictionary of patches, that of Gaussian patches, and whether the search converged."""
    rng, d = streams.generator("fit"), space.dimension
    if name == COMPONENTS:
        M, converged = independent_components(space.fitted, plan.iterations, rng)
        return M, np.eye(d), converged  # white Gaussian patches look the same in every orthogonal dictionary
    atoms = d if name.startswith("complete") else plan.overcompleteness * d
    noise = space.gaussian(len(space.fitted), streams.generator("control"))
    M, control = (learned_dictionary(one, atoms, plan.passes, plan.threshold, rng) for one in (space.fitted, noise))
    return M, control, True
