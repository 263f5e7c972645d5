"""Filters of recorded networks and atoms of recorded dictionaries, as small images."""

from collections.abc import Mapping, Sequence
from functools import partial

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from purecheck.records.arms import by_setting, runs, training_description
from purecheck.records.reading import Stored
from purecheck.records.run import Objective, RunRecord
from purecheck.records.sparse_coding import SparseCodingRecord
from purecheck.reporting.figures.registry import ClaimFigure
from purecheck.reporting.figures.style import panels
from purecheck.runtime.context import Context

_SIDE = 8  # filters in a row: more are too small to see in the width of the page
_GREY = 0.5  # the shade of a weight of zero, so that both signs can be seen


def mosaic(filters: NDArray[np.floating]) -> NDArray[np.float64]:
    """The first 64 filters as one image in [0, 1], each scaled by itself; 0 is grey.

    The shape of the filters is (n, channels, height, width).
    """
    shown = np.asarray(filters[: _SIDE**2], dtype=np.float64)
    n, channels, height, width = shown.shape
    largest = np.max(np.abs(shown), axis=(1, 2, 3), keepdims=True)
    scaled = _GREY + _GREY * shown / np.where(largest > 0, largest, 1.0)
    columns = min(_SIDE, n)
    rows = -(-n // columns)
    tiles = np.full((rows * columns, 3, height + 1, width + 1), _GREY)
    tiles[:n, :, :height, :width] = scaled if channels == 3 else scaled[:, :1]
    grid = tiles.reshape(rows, columns, 3, height + 1, width + 1).transpose(0, 3, 1, 4, 2)
    return grid.reshape(rows * (height + 1), columns * (width + 1), 3)


def _drawn(images: Mapping[str, NDArray[np.floating]]) -> Figure | None:
    if not images:
        return None
    with panels(len(images), 3.0 * len(images), 3.8) as (figure, axes):
        for one, (title, filters) in zip(axes, images.items(), strict=True):
            one.imshow(mosaic(filters), interpolation="nearest")
            one.set_title(title, fontsize=9)
            one.set(xticks=[], yticks=[])
            one.spines[:].set_visible(False)
    return figure


def _with_filters(context: Context) -> list[Stored]:
    return [stored for stored in context.records if stored.record.filters is not None]


def of_networks(objective: Objective, context: Context) -> Figure | None:
    """A figure of the filters of the first run of each arm of one objective, in the setting with the most such arms."""
    stored = {id(one.record): one for one in _with_filters(context)}
    first: list[RunRecord] = []
    wanted = (objective, "clean")
    for group in by_setting(run for run in runs(stored.values()) if (run.pretraining.objective, run.head) == wanted):
        by_arm = {run.pretraining: run for run in sorted(group, key=lambda run: -run.seed)}
        first = max(first, list(by_arm.values()), key=len)
    images = {}
    for run in sorted(first, key=lambda run: run.pretraining.eps):
        arm = f"{run.pretraining.objective}, {training_description(run.pretraining)}"
        title = f"{run.dataset}\n{run.encoder}, {arm}, seed {run.seed}"
        images[title] = stored[id(run)].arrays()["filters"]
    return _drawn(images)


def of_dictionary(context: Context) -> Figure | None:
    """A figure of the atoms of the first recorded dictionary, and of the filters that were examined in it."""
    found: Sequence[Stored] = [one for one in _with_filters(context) if isinstance(one.record, SparseCodingRecord)]
    if not found:
        return None
    record = found[0].record
    names = {"dictionary": "atoms", "clean": "filters, clean", "adversarial": "filters, adversarial"}
    arrays = found[0].arrays()
    return _drawn({f"{record.dataset}\n{names[name]}, seed {record.seed}": arrays[name] for name in names})


_OF_NETWORKS = "The first 64 filters of one network for each arm of pre-training, each scaled by itself; grey is 0."

FIGURES = (
    ClaimFigure("r1_filters", "R1", _OF_NETWORKS, partial(of_networks, "supervised")),
    ClaimFigure("r1c_filters", "R1c", _OF_NETWORKS, partial(of_networks, "contrastive")),
    ClaimFigure(
        "r2_filters",
        "R2",
        "The first 64 atoms of a dictionary fitted to patches, and filters of the networks that were examined in it, "
        "each scaled by itself; grey is 0.",
        of_dictionary,
    ),
)
